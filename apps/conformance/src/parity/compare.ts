/** One comparison of a number or an array with its recorded counterpart. */
export interface Check {
  readonly group: string;
  readonly what: string;
  /** Deviation in the unit of `limit`. */
  readonly deviation: number;
  readonly limit: number;
  readonly ok: boolean;
}

/** Relative deviation of numbers. */
export function relative(group: string, what: string, actual: number, expected: number, limit: number): Check {
  const scale = Math.max(Math.abs(expected), Number.MIN_VALUE);
  const deviation = actual === expected ? 0 : Math.abs(actual - expected) / scale;
  return check(group, what, deviation, limit);
}

/** Largest difference of arrays, relative to the largest recorded magnitude, here or in further arrays. */
export function relativeToMax(
  group: string,
  what: string,
  actual: ArrayLike<number>,
  [expected, ...further]: readonly ArrayLike<number>[],
  limit: number,
): Check {
  let largest = 0;
  for (const array of [expected, ...further]) {
    for (let j = 0; j < array.length; j++) largest = Math.max(largest, Math.abs(array[j]));
  }
  const difference = maxDifference(actual, expected);
  return check(group, what, difference === 0 ? 0 : difference / Math.max(largest, Number.MIN_VALUE), limit);
}

/** Largest difference of arrays. */
export function absolute(
  group: string,
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  limit: number,
): Check {
  return check(group, what, maxDifference(actual, expected), limit);
}

/** Something that could not even be compared. */
export function missing(group: string, what: string): Check {
  return { group, what, deviation: Number.POSITIVE_INFINITY, limit: 0, ok: false };
}

/** The check that exceeds its limit by the largest factor, or comes closest to it. */
export function worst(checks: readonly Check[]): Check | undefined {
  const severity = ({ deviation, limit }: Check): number =>
    deviation === 0 ? 0 : deviation / Math.max(limit, Number.MIN_VALUE);
  return [...checks].sort((a, b) => severity(b) - severity(a))[0];
}

function check(group: string, what: string, deviation: number, limit: number): Check {
  return { group, what, deviation, limit, ok: deviation <= limit };
}

function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let j = 0; j < actual.length; j++) {
    const difference = Math.abs(actual[j] - expected[j]);
    // NaN on either side must not pass as "no difference".
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
