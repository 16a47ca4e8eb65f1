import { formatTable } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import { fractionBits } from '@sp/quant/numeric';
import { integerBits } from './exact-bits.ts';

/** One format for all of a layer's values: sign bit, integer bits without it, fraction bits; they may be ∞. */
export interface Kif {
  readonly k: 0 | 1;
  readonly i: number;
  readonly f: number;
}

/** The smallest format with all of the values, −32 … 32 fraction bits (hgq1 §4.7); of zeros alone 0, 1, 0. */
export function container(values: readonly number[]): Kif {
  let [f, i] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let k: 0 | 1 = 0;
  for (const value of values) {
    if (value === 0) continue;
    f = Math.max(f, fractionBits(value));
    const bits = integerBits(value);
    if (value < 0) k = 1;
    // −2^n needs n integer bits, its opposite n + 1.
    i = Math.max(i, value < 0 && value === -(2 ** (bits - 1)) ? bits - 1 : bits);
  }
  return i === Number.NEGATIVE_INFINITY ? { k: 0, i: 1, f: 0 } : { k, i, f: Math.min(32, Math.max(-32, f)) };
}

/**
 * What is left of a value when it goes into a format: the smaller of both. Rounding may carry into one more integer bit.
 *
 * @param keepSign of the value, whatever the format's
 */
export function meet(value: Kif, format: Kif, keepSign = false): Kif {
  const carries = value.f > format.f && value.i <= format.i ? 1 : 0;
  const k = keepSign || value.k < format.k ? value.k : format.k;
  return { k, i: Math.min(value.i, format.i) + carries, f: Math.min(value.f, format.f) };
}

/** `fixed<8,2,RND,SAT>`, as hls4ml reads it. */
export function typeText({ k, i, f }: Kif, modes: readonly string[]): string {
  return `${k === 1 ? '' : 'u'}fixed<${[Math.max(k + i + f, 1), k + i, ...modes].join(',')}>`;
}

/** Each value in the smallest format that holds it; a zero has no bits. */
export function formatsOfValues(values: ArrayLike<number>, shape: readonly number[]): FormatTable {
  const kifs = Array.from(values, (value) => (value === 0 ? { k: 0, i: 0, f: 0 } : container([value])));
  return formatTable(shape, { k: kifs.map(({ k }) => k), i: kifs.map(({ i }) => i), f: kifs.map(({ f }) => f) });
}
