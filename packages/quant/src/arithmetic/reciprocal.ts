import { QuantError } from '../quant-error.ts';
/** `⌊n / divisor⌋ = (n · multiplier) >> shift` for every integer `0 ≤ n ≤ limit`. */
export interface Reciprocal {
  readonly multiplier: bigint;
  readonly shift: number;
}

/**
 * The shortest multiplication that replaces a division by a constant, proven for a range.
 *
 * With `m = ⌈2^s / d⌉` and `e = m·d - 2^s` (so `0 ≤ e < d`), `n·m / 2^s = n/d + n·e / (d·2^s)`. The floor is that of `n/d` as long as the error stays
 * below the distance `1/d` to the next integer, i.e. `n·e < 2^s`. The smallest `s` with `limit·e < 2^s` is taken.
 *
 * @throws QuantError unless `divisor ≥ 1` and `limit ≥ 0`
 * @example exactReciprocal(9n, 1000n) // { multiplier: 911n, shift: 13 }
 */
export function exactReciprocal(divisor: bigint, limit: bigint): Reciprocal {
  if (divisor < 1n || limit < 0n) {
    throw new QuantError(`reciprocal of ${divisor} up to ${limit}: use a positive divisor and a limit of at least 0`);
  }
  for (let shift = 0; ; shift++) {
    const power = 1n << BigInt(shift);
    const multiplier = (power + divisor - 1n) / divisor;
    const error = multiplier * divisor - power;
    if (limit * error < power) return { multiplier, shift };
  }
}
