/// <reference path="./numbers.d.ts" />

import { limitPerFractionBit, limitPerIntegerBit, wrapInto } from '@sp/quant/numeric';
import { saturateOne } from './each.ts';
import { roundBy } from './round.ts';

/** Bit element of every number of the sites `from … to − 1`, from the bit elements of an image. */
export function siteIndex(at: Ints, map: Ints, pixel: Ints, channels: i32, from: i32, to: i32): void {
  for (let s = from; s < to; s++) {
    for (let c = 0; c < channels; c++) at[s * channels + c] = map[pixel[s] * channels + c];
  }
}

/** `x = values / divisor`, in single precision if `single` is 1. */
export function divide(x: Reals, values: Reals, divisor: f64, single: i32, from: i32, to: i32): void {
  for (let j = from; j < to; j++) {
    const quotient = values[j] / divisor;
    x[j] = single === 1 ? (Math.fround(quotient) as f64) : quotient;
  }
}

/** Rounds only: WRAP in training. */
export function roundAll(x: Reals, y: Reals, at: Ints, up: Reals, down: Reals, mode: i32, from: i32, to: i32): void {
  for (let j = from; j < to; j++) {
    const value = x[j];
    y[j] = value === 0 ? 0 : (Math.fround(roundBy(mode, value * up[at[j]]) * down[at[j]]) as f64);
  }
}

/** Clips, then rounds: SAT and SAT_SYM. A format without bits gives 0. */
export function saturateAll(
  x: Reals,
  y: Reals,
  at: Ints,
  up: Reals,
  down: Reals,
  min: Reals,
  max: Reals,
  empty: Bytes,
  mode: i32,
  from: i32,
  to: i32,
): void {
  for (let j = from; j < to; j++) {
    const p = at[j];
    y[j] = saturateOne(x[j], up[p], down[p], min[p], max[p], empty[p], mode);
  }
}

/** Rounds, then drops the bits above the format: WRAP in inference. */
export function wrapAll(
  x: Reals,
  y: Reals,
  at: Ints,
  up: Reals,
  down: Reals,
  range: Reals,
  signs: Reals,
  empty: Bytes,
  mode: i32,
  from: i32,
  to: i32,
): void {
  for (let j = from; j < to; j++) {
    const value = x[j];
    const p = at[j];
    if (value === 0 || empty[p] === 1) {
      y[j] = 0;
      continue;
    }
    const rounded = roundBy(mode, value * up[p]) * down[p];
    y[j] = Math.fround(wrapInto(rounded, -signs[p] * range[p], range[p])) as f64;
  }
}

/** Raises `largest` per bit element to the magnitudes of `x`. */
export function raiseMagnitudes(x: Reals, at: Ints, largest: Reals, from: i32, to: i32): void {
  for (let j = from; j < to; j++) {
    const magnitude = Math.abs(x[j]);
    if (magnitude > largest[at[j]]) largest[at[j]] = magnitude;
  }
}

/** Gradient of `roundAll`: straight through; adds to `df`, up to a factor ln 2 (hgq2 §1.5). */
export function roundBackward(x: Reals, y: Reals, d: Reals, at: Ints, df: Reals, from: i32, to: i32): void {
  for (let j = from; j < to; j++) df[at[j]] += d[j] * (x[j] - y[j]);
}

/** Gradient of `saturateAll`, in place; adds to `df` and `di`, up to a factor ln 2 (hgq2 §1.5). */
export function saturateBackward(
  x: Reals,
  y: Reals,
  d: Reals,
  at: Ints,
  df: Reals,
  di: Reals,
  down: Reals,
  range: Reals,
  min: Reals,
  max: Reals,
  signs: Reals,
  symmetric: i32,
  from: i32,
  to: i32,
): void {
  for (let j = from; j < to; j++) {
    const p = at[j];
    const value = x[j];
    const upstream = d[j];
    if (value > max[p] || value < min[p]) {
      const side: f64 = value > max[p] ? 1 : -signs[p];
      df[p] += upstream * limitPerFractionBit(side, down[p], symmetric === 1);
      di[p] += upstream * limitPerIntegerBit(side, range[p]);
      d[j] = 0;
    } else {
      df[p] += upstream * (value - y[j]);
    }
  }
}
