/// <reference path="./numbers.d.ts" />

import { roundHalfEven } from './round.ts';

/** `2^e` for an integer `e`, from a table of the powers from −1100 (0) to 1100 (∞). */
function power(powers: Reals, e: f64): f64 {
  return powers[(Math.min(Math.max(e, -1100), 1100) + 1100) as i32];
}

/** Steps of quantizers from their variables (hgq2 §2.3): `2^f` and `2^-f`. */
export function updateScales(
  width: Floats,
  integer: Floats,
  powers: Reals,
  isKbi: i32,
  up: Reals,
  down: Reals,
  count: i32,
): void {
  for (let q = 0; q < count; q++) {
    const w = roundHalfEven(width[q]);
    const f = isKbi === 1 ? w - roundHalfEven(integer[q]) : w;
    up[q] = power(powers, f);
    down[q] = power(powers, -f);
  }
}

/** Limits and counted bits of quantizers from their variables, after `updateScales` (hgq2 §1.3, §2.3). */
export function updateLimits(
  width: Floats,
  integer: Floats,
  sign: Floats,
  powers: Reals,
  isKbi: i32,
  symmetric: i32,
  signBit: f64,
  down: Reals,
  min: Reals,
  max: Reals,
  range: Reals,
  signs: Reals,
  empty: Bytes,
  bits: Reals,
  count: i32,
): void {
  for (let q = 0; q < count; q++) {
    const k = sign[q];
    const i = roundHalfEven(integer[q]);
    const w = roundHalfEven(width[q]);
    const f = isKbi === 1 ? w - i : w;
    const step = down[q];
    const top = Math.max(power(powers, i), step);
    signs[q] = k;
    range[q] = top;
    max[q] = top - step;
    min[q] = k === 0 ? 0 : symmetric === 1 ? step - top : -top;
    empty[q] = k + i + f <= 0 ? 1 : 0;
    bits[q] = (isKbi === 1 ? w : Math.max(i + f, 0)) + signBit * k;
  }
}

/** `⌈log2(x)⌉` for x > 0, exact. */
function ceilLog2(powers: Reals, x: f64): f64 {
  let n = Math.ceil(Math.log(x) * Math.LOG2E);
  // The logarithm may be off next to a power of two.
  while (power(powers, n - 1) >= x) n -= 1;
  while (power(powers, n) < x) n += 1;
  return n;
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
    if (isKbi === 0) needed = magnitude === 0 ? -w : ceilLog2(powers, magnitude + power(powers, -w));
    else if (w > 0) needed = ceilLog2(powers, (magnitude + 1e-7) / (1 - power(powers, -w) + 1e-7));
    const decayed = Math.fround(integer[q] - decay) as f64;
    integer[q] = Math.min(Math.max(Math.max(decayed, needed), min), max);
  }
}

/** Gradients of the bit variables from those of the data (`df`, `di`) and of the counted bits (hgq2 §1.5, §4.2). */
export function bitGradients(
  widthGradient: Floats,
  integerGradient: Floats,
  trainsInteger: i32,
  df: Reals,
  di: Reals,
  ofBits: Reals,
  down: Reals,
  range: Reals,
  isKbi: i32,
  widthPenalty: f64,
  integerPenalty: f64,
  count: i32,
): void {
  for (let q = 0; q < count; q++) {
    // A format without integer and fraction bits has `range = down`, and its count does not follow the variables.
    const open: f64 = isKbi === 1 || range[q] > down[q] ? ofBits[q] : 0;
    const fraction = Math.LN2 * df[q];
    widthGradient[q] = fraction + open + widthPenalty;
    if (trainsInteger === 0) continue;
    const whole = Math.LN2 * di[q];
    // KBI: f = b − i, so i moves against f; its width does not depend on i.
    integerGradient[q] = (isKbi === 1 ? whole - fraction : whole + open) + integerPenalty;
  }
}
