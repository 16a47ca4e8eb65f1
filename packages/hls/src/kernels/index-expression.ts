/** C++ expressions for places in row-major tensors. */
import { stridesOf } from '@sp/quant/numeric';

/**
 * Place in a tensor of shape `from` of the element that broadcasting puts at place `name` of a tensor of shape `to`.
 *
 * @example broadcastExpression('j', [1, 3], [2, 3]) // 'j % 3'
 */
export function broadcastExpression(name: string, from: readonly number[], to: readonly number[]): string {
  const strides = stridesOf(from);
  return placeExpression(
    name,
    to,
    from.map((size, d) => (size === 1 ? 0 : strides[d])),
  );
}

/**
 * `Σ_d position_d · strides[d]` for the element at place `name` of a tensor of `shape`.
 *
 * @example placeExpression('j', [2, 3], [1, 2]) // 'j / 3 + j % 3 * 2', a transposition
 */
export function placeExpression(name: string, shape: readonly number[], strides: readonly number[]): string {
  // Neighbouring dimensions that lie behind each other in the target too are one dimension.
  const merged: { size: number; stride: number }[] = [];
  shape.forEach((size, d) => {
    const last = merged.at(-1);
    if (size === 1) return;
    if (last !== undefined && last.stride === strides[d] * size)
      merged[merged.length - 1] = { size: last.size * size, stride: strides[d] };
    else merged.push({ size, stride: strides[d] });
  });
  const terms: string[] = [];
  let inner = 1;
  for (let d = merged.length - 1; d >= 0; d--) {
    const { size, stride } = merged[d];
    if (stride !== 0) {
      const quotient = inner === 1 ? name : `${name} / ${inner}`;
      const position = d === 0 ? quotient : `${quotient} % ${size}`;
      terms.unshift(stride === 1 ? position : `${position} * ${stride}`);
    }
    inner *= size;
  }
  return terms.length === 0 ? '0' : terms.join(' + ');
}

/** The value of `placeExpression` for element `at`. */
export function placeOf(at: number, shape: readonly number[], strides: readonly number[]): number {
  let [rest, place] = [at, 0];
  for (let d = shape.length - 1; d >= 0; d--) {
    place += (rest % shape[d]) * strides[d];
    rest = Math.floor(rest / shape[d]);
  }
  return place;
}

/** A function of one place for a config struct; the parameter has no name when the expression does not use it. */
export function placeFunction(
  name: string,
  parameter: string,
  expression: string,
  before: readonly string[] = [],
): string {
  const statements = [...before, `return ${expression};`].join(' ');
  return `  static int ${name}(int${new RegExp(`\\b${parameter}\\b`).test(expression) ? ` ${parameter}` : ''}) { ${statements} }`;
}
