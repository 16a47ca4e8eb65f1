/**
 * Rounding and overflow in hardware, exact for every mode and divisor.
 *
 * The value in units of the target's step is `x · 2^s / d`. Its floor is a slice of bits for d = 1 and else a multiplication by a reciprocal that is exact for
 * all x that can come (`exactReciprocal`); the bit below and whether anything is left under it decide whether to add 1. Rounding is monotone, so
 * saturation looks at x itself, at the same time: x is compared with the first code whose rounded value is out of range.
 */
import {
  codeRange,
  exactReciprocal,
  type Format,
  formatWidth,
  type OverflowMode,
  type RoundMode,
  requantizeCode,
} from '@sp/quant';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { type Range, wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';

/** One conversion. */
export interface Cast {
  /** Fraction bits of the code that comes in, and what it is still to be divided by. */
  readonly fromF: number;
  readonly divisor: number;
  readonly to: Format;
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
  /** Fraction bits of the code that goes out, at least `to.f`. */
  readonly outF: number;
}

/**
 * The code of `x` after the conversion, or 0 where `gate` is not set.
 *
 * A gate costs no time: 0 stays 0 in every conversion, so it acts last, in the LUTs that saturate.
 */
export function castSignal(m: ModuleBuilder, x: Signal, cast: Cast, gate: Signal = m.constant(1)): Signal {
  const { to, overflow, outF, divisor } = cast;
  if (formatWidth(to) <= 0) return m.constant(0);
  if (isConstant(x)) {
    const code = requantizeCode(x.lo, cast.fromF, to, cast.round, overflow, divisor);
    return m.gate(gate, m.constant(code << BigInt(outF - to.f)));
  }
  const limits = codeRange(to, overflow);
  const range = { lo: rounded(x.lo, cast), hi: rounded(x.hi, cast) };
  const y = roundedSignal(m, x, cast, range);
  const fits = range.lo >= limits.lo && range.hi <= limits.hi;
  const result = fits ? m.gate(gate, y) : cut(m, x, y, cast, limits, gate);
  return m.shift(result, to.f - outF);
}

function cut(m: ModuleBuilder, x: Signal, y: Signal, cast: Cast, limits: Range, gate: Signal): Signal {
  const { to, overflow } = cast;
  const width = formatWidth(to);
  const low = m.bits(y, 0, width, to.k === 1);
  switch (overflow) {
    case 'WRAP':
      return m.gate(gate, low);
    case 'WRAP_SM': {
      // A triangle wave: every second repetition of the range runs backwards.
      const z = m.sub(y, m.constant(limits.hi + 1n));
      const place = m.bits(z, 0, width);
      const backwards = m.not(m.bits(z, width, 1));
      const turned = m.mux(backwards, m.sub(m.constant((1n << BigInt(width)) - 1n), place), place);
      return m.gate(gate, m.narrow(m.add(turned, m.constant(limits.lo)), limits));
    }
    default: {
      const above = m.less(m.constant(firstAbove(x, cast, limits.hi) - 1n), x);
      const below = m.less(x, m.constant(firstAbove(x, cast, limits.lo - 1n)));
      const saturates = overflow !== 'SAT_ZERO';
      const high = m.override(above, saturates ? limits.hi : 0n, low);
      const both = m.override(below, saturates ? limits.lo : 0n, high, true);
      return m.narrow(m.gate(gate, both, true), limits);
    }
  }
}

/** First code of `x` whose rounded value is above `limit`; one beyond the last if none is. */
function firstAbove(x: Range, cast: Cast, limit: bigint): bigint {
  let [lo, hi] = [x.lo, x.hi + 1n];
  while (lo < hi) {
    const middle = (lo + hi) >> 1n;
    if (rounded(middle, cast) > limit) hi = middle;
    else lo = middle + 1n;
  }
  return lo;
}

/** The rounded value, not yet cut. */
function roundedSignal(m: ModuleBuilder, x: Signal, cast: Cast, range: Range): Signal {
  const shift = cast.to.f - cast.fromF;
  if (cast.divisor === 1 && shift >= 0) return m.shift(x, -shift);
  const { floor, half, rest } = cast.divisor === 1 ? dropped(m, x, -shift) : divided(m, x, shift, BigInt(cast.divisor));
  const negative = m.sign(x);
  const odd = isConstant(floor) ? m.constant(floor.lo & 1n) : m.bits(floor, 0, 1);
  const up = ((): Signal => {
    switch (cast.round) {
      case 'TRN':
        return m.constant(0);
      case 'TRN_ZERO':
        return rest(negative, half);
      case 'RND':
        return half;
      case 'RND_MIN_INF':
        return rest(half);
      case 'RND_INF':
        return rest(half, m.not(negative));
      case 'RND_ZERO':
        return rest(half, negative);
      case 'RND_CONV':
        return rest(half, odd);
      default:
        throw new TypeError(`unknown rounding mode ${cast.round satisfies never}`);
    }
  })();
  return m.narrow(m.add(floor, up), range);
}

interface Parts {
  readonly floor: Signal;
  /** The bit below. */
  readonly half: Signal;
  /** Whether `on` is set, and `also` or any bit under `half`. */
  readonly rest: (on: Signal, also?: Signal) => Signal;
}

function dropped(m: ModuleBuilder, x: Signal, count: number): Parts {
  return {
    floor: m.shift(x, count),
    half: m.bits(x, count - 1, 1),
    rest: (on, also) => {
      const under = Math.min(count - 1, wireType(x).width);
      const bits = [...(under === 0 ? [] : [m.bits(x, 0, under)]), ...(also === undefined ? [] : [also])];
      return bits.length === 0 ? m.constant(0) : m.any(m.cat(bits), on);
    },
  };
}

/** `x · 2^shift / d` by an exact reciprocal. */
function divided(m: ModuleBuilder, x: Signal, shift: number, divisor: bigint): Parts {
  // One more bit than the result, so that the last one is the half.
  const up = Math.max(0, shift + 1);
  const down = Math.max(0, -shift - 1);
  const n = m.shift(m.shift(x, down), -up);
  const lost = (): Signal => (down === 0 ? m.constant(0) : m.any(m.bits(x, 0, down)));
  // A multiple of the divisor makes the dividend non-negative.
  const offset = n.lo < 0n ? (-n.lo + divisor - 1n) / divisor : 0n;
  const dividend = m.add(n, m.constant(offset * divisor));
  if (isConstant(dividend)) {
    const quotient = dividend.lo / divisor - offset;
    const exact = dividend.lo % divisor === 0n;
    const twice = m.constant(quotient);
    const rest: Parts['rest'] = (on, also = m.constant(0)) => m.and([on, m.or([exact ? lost() : m.constant(1), also])]);
    return { floor: m.shift(twice, 1), half: m.bits(twice, 0, 1), rest };
  }
  const { multiplier, shift: places } = exactReciprocal(divisor, dividend.hi);
  const product = m.scale(dividend, multiplier);
  const quotient = m.narrow(m.shift(product, places), { lo: dividend.lo / divisor, hi: dividend.hi / divisor });
  const twice = m.sub(quotient, m.constant(offset));
  return {
    floor: m.shift(twice, 1),
    half: m.bits(twice, 0, 1),
    // The fraction of the product is below the multiplier exactly when nothing is left over.
    rest: (on, also = m.constant(0)) => {
      const left = m.not(m.less(m.bits(product, 0, places), m.constant(multiplier)));
      return m.and([on, m.or([lost(), left, also])]);
    },
  };
}

/** The exact rounded value of a code, in units of the target's step, whatever its range. */
function rounded(code: bigint, { fromF, to, divisor, round }: Cast): bigint {
  return requantizeCode(code, fromF, { k: 1, i: 100_000, f: to.f }, round, 'SAT', divisor);
}
