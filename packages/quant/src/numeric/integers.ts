/** Greatest common divisor of two whole numbers ≥ 0. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [p, q] = [a, b];
  while (q !== 0) [p, q] = [q, p % q];
  return p;
}

/** How often 2 divides a whole number > 0. */
export function powerOfTwoIn(value: number): number {
  let count = 0;
  for (let rest = value; rest % 2 === 0; rest /= 2) count++;
  return count;
}

/** A whole number > 0 without its factors of 2. */
export function oddPart(value: number): number {
  return value / 2 ** powerOfTwoIn(value);
}

/** Least common multiple of two whole numbers > 0. */
export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
