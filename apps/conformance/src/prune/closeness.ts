import { type Check, missing } from '../parity/compare.ts';

/** Largest deviation in units of `relative · |expected| + absolute`, element by element. */
export function closeness(
  group: string,
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  absolute: number,
): Check {
  if (actual.length !== expected.length)
    return missing(group, `${what}: ${actual.length} numbers, recorded ${expected.length}`);
  let deviation = 0;
  for (let j = 0; j < expected.length; j++) {
    const units = Math.abs(actual[j] - expected[j]) / (relative * Math.abs(expected[j]) + absolute);
    deviation = units <= deviation ? deviation : Number.isNaN(units) ? Number.POSITIVE_INFINITY : units;
  }
  return { group, what, deviation, limit: 1, ok: deviation <= 1 };
}
