/** Ranks of pixels: counts that are exact up to a limit, and their sums. */
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';

/** A count modulo a power of two, and whether it is beyond. */
export interface Count {
  readonly low: Signal;
  readonly over: Signal;
}

/** A number as a count of `bits` bits. */
export function countOf(m: ModuleBuilder, x: Signal, bits: number): Count {
  return { low: lowBits(m, x, bits), over: m.any(m.shift(x, bits)) };
}

/** The sum of two counts. */
export function plus(m: ModuleBuilder, a: Count, b: Count, bits: number): Count {
  const sum = m.add(a.low, b.low);
  return { low: lowBits(m, sum, bits), over: m.or([a.over, b.over, m.any(m.shift(sum, bits))]) };
}

/** What is before each of a list, joined in ⌈log2⌉ steps, nothing being before the first; and all of them joined. */
export function exclusive<T>(list: readonly T[], none: T, join: (a: T, b: T) => T): { before: T[]; all: T } {
  const inclusive = [...list];
  for (let step = 1; step < inclusive.length; step *= 2) {
    // Sklansky: the second half of every block of 2 · step takes the last sum of the first half.
    for (let j = 0; j < inclusive.length; j++) {
      if ((j & step) !== 0) inclusive[j] = join(inclusive[(j & ~(step - 1)) - 1], inclusive[j]);
    }
  }
  return { before: [none, ...inclusive.slice(0, -1)], all: inclusive[inclusive.length - 1] };
}

/** A number modulo `2^bits`. */
export function lowBits(m: ModuleBuilder, x: Signal, bits: number): Signal {
  return wireType(x).width > bits ? m.bits(x, 0, bits) : x;
}

/** Number of set bits, of six at most. */
export function ones(m: ModuleBuilder, flags: readonly Signal[]): Signal {
  const live = flags.filter((flag) => !(isConstant(flag) && flag.lo === 0n));
  if (live.length <= 1) return live[0] ?? m.constant(0);
  const word = m.cat([...live].reverse());
  const values = Array.from({ length: 2 ** live.length }, (_, j) => BigInt(j.toString(2).replaceAll('0', '').length));
  return m.table(word, values);
}
