/** Greatest common divisor of two whole numbers ≥ 0. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [p, q] = [a, b];
  while (q !== 0) [p, q] = [q, p % q];
  return p;
}

/** Least common multiple of two whole numbers > 0. */
export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
