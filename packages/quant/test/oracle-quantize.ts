/** Fixed-point quantisation from its definition on rationals (hgq2 §1, hgq1 §4.3), written apart from the code under test. */
import type { Format, OverflowMode, RoundMode } from '../src/index.ts';
import { add, compare, type Fraction, floor, fraction, multiply, scaled, subtract, ZERO } from './fraction.ts';

const HALF = fraction(1n, 2n);

function negate(a: Fraction): Fraction {
  return subtract(ZERO, a);
}

/** Nearest integer; a tie goes where the mode says. */
function round(u: Fraction, mode: RoundMode): bigint {
  const below = floor(u);
  const above = -floor(negate(u));
  if (below === above) return below;
  const positive = u.n > 0n;
  if (mode === 'TRN') return below;
  if (mode === 'TRN_ZERO') return positive ? below : above;
  const toMiddle = compare(subtract(u, fraction(below)), HALF);
  if (toMiddle < 0) return below;
  if (toMiddle > 0) return above;
  switch (mode) {
    case 'RND':
      return above;
    case 'RND_MIN_INF':
      return below;
    case 'RND_INF':
      return positive ? above : below;
    case 'RND_ZERO':
      return positive ? below : above;
    default:
      return below % 2n === 0n ? below : above;
  }
}

/** The code of a real number in a format. */
export function quantizeOracle(x: Fraction, { k, i, f }: Format, mode: RoundMode, overflow: OverflowMode): bigint {
  const width = k + i + f;
  if (width <= 0) return 0n;
  const r = round(multiply(x, scaled(1n, -f)), mode);
  const count = 2n ** BigInt(width);
  const lo = k === 1 ? -count / 2n : 0n;
  const hi = lo + count - 1n;
  const symmetric = overflow === 'SAT_SYM' ? -hi * BigInt(k) : lo;
  if (r >= symmetric && r <= hi) return r;
  switch (overflow) {
    case 'SAT':
    case 'SAT_SYM':
      return r > hi ? hi : symmetric;
    case 'SAT_ZERO':
      return 0n;
    case 'WRAP': {
      // Drop the high bits of the two's complement.
      const bits = BigInt.asUintN(width, r);
      return k === 1 ? BigInt.asIntN(width, bits) : bits;
    }
    default: {
      // Up to hi, then down to lo, and so on: a triangle wave that repeats each end.
      const period = 2n * count;
      const at = (((r - lo) % period) + period) % period;
      return lo + (at < count ? at : period - 1n - at);
    }
  }
}

/** Sum of fractions. */
export function total(values: readonly Fraction[]): Fraction {
  return values.reduce(add, ZERO);
}
