/// <reference path="./numbers.d.ts" />

import { roundHalfEven } from '@sp/quant/numeric';
import { ceilLog2, nextChange } from './vector.ts';

/** `2^e` for an integer `e`, from a table of the powers from −1100 (0) to 1100 (∞). */
function power(powers: Reals, e: f64): f64 {
  return powers[(Math.min(Math.max(e, -1100), 1100) + 1100) as i32];
}

/**
 * Steps, limits and counted bits of quantizers from their variables (hgq2 §1.3, §2.3), for those whose rounded variables have changed. `last` is
 * what they were: widths, integer bits and signs, one after the other.
 */
export function updateFormats(
  width: Floats,
  integer: Floats,
  sign: Floats,
  last: Floats,
  powers: Reals,
  isKbi: i32,
  symmetric: i32,
  signBit: f64,
  up: Reals,
  down: Reals,
  min: Reals,
  max: Reals,
  range: Reals,
  signs: Reals,
  empty: Bytes,
  bits: Reals,
  count: i32,
): void {
  let q = nextChange(width, integer, sign, last, 0, count);
  while (q < count) {
    const k = sign[q];
    const i = roundHalfEven(integer[q]);
    const w = roundHalfEven(width[q]);
    last[q] = w;
    last[count + q] = i;
    last[2 * count + q] = k;
    const f = isKbi === 1 ? w - i : w;
    const step = power(powers, -f);
    const top = Math.max(power(powers, i), step);
    up[q] = power(powers, f);
    down[q] = step;
    signs[q] = k;
    range[q] = top;
    max[q] = top - step;
    min[q] = k === 0 ? 0 : symmetric === 1 ? step - top : -top;
    empty[q] = k + i + f <= 0 ? 1 : 0;
    bits[q] = (isKbi === 1 ? w : Math.max(i + f, 0)) + signBit * k;
    q = nextChange(width, integer, sign, last, q + 1, count);
  }
}

/**
 * Integer bits that hold the magnitudes, at most `decay` below what they were (hgq2 §2.4). The slack of 1e-7 is that of the
 * reference.
 */
export function followRange(
  integer: Floats,
  width: Floats,
  magnitudes: Reals,
  powers: Reals,
  isKbi: i32,
  decay: f64,
  min: f64,
  max: f64,
  count: i32,
): void {
  for (let q = 0; q < count; q++) {
    const w = roundHalfEven(width[q]);
    const magnitude = magnitudes[q];
    let needed: f64 = 32;
    if (isKbi === 0) needed = magnitude === 0 ? -w : ceilLog2(magnitude + power(powers, -w));
    else if (w > 0) needed = ceilLog2((magnitude + 1e-7) / (1 - power(powers, -w) + 1e-7));
    const decayed = Math.fround(integer[q] - decay) as f64;
    integer[q] = Math.min(Math.max(Math.max(decayed, needed), min), max);
  }
}
