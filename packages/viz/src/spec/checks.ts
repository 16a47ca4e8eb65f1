/** Thrown for input that cannot be drawn; the message names the figure, the field, the value and the remedy. */
export class FigureError extends Error {
  override readonly name = 'FigureError';
}

/** Throws a `FigureError` in the package's one format. */
export function reject(figure: string, field: string, problem: string, remedy: string): never {
  throw new FigureError(`${figure}: ${field} ${problem}; ${remedy}`);
}

/** Rejects an empty list, which would give an empty panel. */
export function requireSome(figure: string, field: string, count: number): void {
  if (!(count > 0)) reject(figure, field, 'is empty', 'pass at least one entry');
}

/** Rejects NaN and infinities, which Vega would draw nowhere without a word. */
export function requireFinite(figure: string, field: string, value: number): void {
  if (!Number.isFinite(value)) reject(figure, field, `is ${value}`, 'pass a finite number');
}

/** Rejects an array whose length is not what its shape says. */
export function requireLength(figure: string, field: string, actual: number, expected: number, why: string): void {
  if (actual !== expected) reject(figure, field, `has ${actual} values`, `${why} needs ${expected}`);
}

/** Number of elements of a shape; rejects sizes that are not positive integers. */
export function sizeOf(figure: string, field: string, shape: readonly number[]): number {
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 1)
      reject(figure, field, `[${shape.join(', ')}] holds ${size}`, 'give positive integers');
  }
  return shape.reduce((product, size) => product * size, 1);
}
