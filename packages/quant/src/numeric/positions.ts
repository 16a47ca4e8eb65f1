/** Row-major strides of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/**
 * For every element of `shape`, in row-major order, what its position gives. `of` sees one array
 * that changes: it keeps none.
 */
export function mapPositions<T>(shape: readonly number[], of: (position: readonly number[]) => T): T[] {
  const size = shape.reduce((product, length) => product * length, 1);
  const position = new Array<number>(shape.length).fill(0);
  return Array.from({ length: size }, () => {
    const result = of(position);
    for (let d = shape.length - 1; d >= 0; d--) {
      if (++position[d] < shape[d]) break;
      position[d] = 0;
    }
    return result;
  });
}
