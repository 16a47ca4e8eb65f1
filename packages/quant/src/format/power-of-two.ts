import { QuantError } from '../quant-error.ts';

/** Exponents of the smallest and the largest power of two a double can hold. */
const LOWEST = -1074;
const HIGHEST = 1023;

// Doubling and halving are exact in binary floating point; `Math.pow` is not required to be.
const POWERS: Float64Array = /* @__PURE__ */ (() => {
  const powers = new Float64Array(HIGHEST - LOWEST + 1);
  powers[-LOWEST] = 1;
  for (let n = 1; n <= HIGHEST; n++) powers[n - LOWEST] = powers[n - 1 - LOWEST] * 2;
  for (let n = -1; n >= LOWEST; n--) powers[n - LOWEST] = powers[n + 1 - LOWEST] / 2;
  return powers;
})();

/**
 * `2^n` as a double, exactly.
 *
 * @param n integer in -1074 … 1023
 * @throws QuantError when `n` is not an integer or `2^n` is not a double
 * @example powerOfTwo(-3) // 0.125
 */
export function powerOfTwo(n: number): number {
  const power = POWERS[n - LOWEST];
  if (power === undefined) {
    throw new QuantError(`powerOfTwo(${n}): no double holds 2^${n}; use an integer between ${LOWEST} and ${HIGHEST}`);
  }
  return power;
}
