import type { RoundMode } from '../format/format.ts';
import { roundFunction } from '../numeric/round-function.ts';
import { QuantError } from '../quant-error.ts';

/** Rounds a double to an integer (`hgq2 §1.2`). Exact for every double. */
export function roundNumber(u: number, mode: RoundMode): number {
  const round = roundFunction(mode);
  if (round === undefined) throw new QuantError(`unknown rounding mode "${mode}"`);
  return round(u) + 0;
}

/**
 * Rounds `floor + twice / (2 · denominator)` to an integer, away from zero where `negative` numbers have it so: for magnitudes that were divided into quotient and
 * remainder.
 */
export function roundQuotient(
  floor: number,
  twice: number,
  denominator: number,
  negative: boolean,
  mode: RoundMode,
): number {
  const part = twice === 0 ? 0 : twice < denominator ? 1 : twice === denominator ? 2 : 3;
  const rounded = roundsUp(mode, negative, part, floor % 2 === 1) ? floor + 1 : floor;
  return negative ? 0 - rounded : rounded;
}

/** Rounds the rational `numerator / denominator` (denominator > 0) to an integer, exactly. */
export function roundRational(numerator: bigint, denominator: bigint, mode: RoundMode): bigint {
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  const floor = magnitude / denominator;
  const remainder = magnitude - floor * denominator;
  const twice = 2n * remainder;
  const part = remainder === 0n ? 0 : twice < denominator ? 1 : twice === denominator ? 2 : 3;
  const rounded = roundsUp(mode, negative, part, (floor & 1n) === 1n) ? floor + 1n : floor;
  return negative ? -rounded : rounded;
}

/** Where a magnitude lies between two integers: on the lower one, below, on, or above the middle. */
type Part = 0 | 1 | 2 | 3;

/** Whether the magnitude of a number is rounded away from zero. */
function roundsUp(mode: RoundMode, negative: boolean, part: Part, odd: boolean): boolean {
  switch (mode) {
    case 'TRN':
      return negative && part !== 0;
    case 'TRN_ZERO':
      return false;
    case 'RND':
      return part === 3 || (part === 2 && !negative);
    case 'RND_MIN_INF':
      return part === 3 || (part === 2 && negative);
    case 'RND_INF':
      return part >= 2;
    case 'RND_ZERO':
      return part === 3;
    case 'RND_CONV':
      return part === 3 || (part === 2 && odd);
    default:
      throw new QuantError(`unknown rounding mode "${mode satisfies never}"`);
  }
}
