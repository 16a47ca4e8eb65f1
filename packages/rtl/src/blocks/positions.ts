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

/** For every element of `shape`, what its position gives. */
export function mapPositions<T>(shape: readonly number[], of: (position: readonly number[]) => T): T[] {
  const size = shape.reduce((product, length) => product * length, 1);
  const strides = stridesOf(shape);
  return Array.from({ length: size }, (_, j) => of(shape.map((length, d) => Math.floor(j / strides[d]) % length)));
}
