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

/** Rejects what is none of `choices`. */
export function requireChoice(figure: string, field: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) reject(figure, field, `is '${value}'`, `give one of ${choices.join(', ')}`);
}

/** Rejects NaN and infinities, which Vega would draw nowhere without a word. */
export function requireFinite(figure: string, field: string, value: number): void {
  if (!Number.isFinite(value)) reject(figure, field, `is ${value}`, 'pass a finite number');
}

/**
 * Largest size of a number that axes can show. Near the end of the range of numbers their padding, logarithms and ticks
 * overflow, and Vega may never come back.
 */
export const largestShown = 1e100;

/** Smallest size of a number that logarithmic axes can show. */
export const smallestShown = 1e-100;

/** Rejects what no axis can show: NaN, infinities, and sizes beyond `largestShown`. */
export function requireShowable(figure: string, field: string, value: number): void {
  requireFinite(figure, field, value);
  if (Math.abs(value) > largestShown) {
    reject(figure, field, `is ${value}, too large for an axis`, `pass a number of at most ${largestShown} in size`);
  }
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
