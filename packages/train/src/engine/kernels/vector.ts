/// <reference path="./numbers.d.ts" />

import { roundHalfEven } from '@sp/quant/numeric';
import { roundBy } from './round.ts';

export { ceilLog2 } from '@sp/quant/numeric';

/**
 * Loops over neighbouring numbers that a processor can do several of at once: in WebAssembly `assembly/vector.ts` takes
 * their place.
 */

/** `target[to + j] += factor · source[from + j]`. */
export function addProducts(target: Reals, to: i32, source: Reals, from: i32, factor: f64, count: i32): void {
  for (let j = 0; j < count; j++) target[to + j] += factor * source[from + j];
}

/** `target[from + j] += factor · g[at + j]`; returns `Σ g[at + j] · weights[from + j]`. */
export function addAndDot(target: Reals, weights: Reals, from: i32, g: Reals, at: i32, factor: f64, count: i32): f64 {
  let sum: f64 = 0;
  for (let j = 0; j < count; j++) {
    sum += g[at + j] * weights[from + j];
    target[from + j] += factor * g[at + j];
  }
  return sum;
}

/** One step of Adam: `rate` is the learning rate with the corrections of both means, `clip` a factor on the gradient. */
export function adamStep(
  values: Floats,
  gradient: Floats,
  mean: Floats,
  square: Floats,
  rate: f64,
  clip: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  count: i32,
): void {
  for (let j = 0; j < count; j++) {
    const g = gradient[j] * clip;
    mean[j] += (g - mean[j]) * (1 - beta1);
    square[j] += (g * g - square[j]) * (1 - beta2);
    values[j] -= (rate * mean[j]) / (Math.sqrt(square[j]) + epsilon);
  }
}

/** How many of the numbers are NaN or infinite. */
export function countNotFinite(values: Floats, count: i32): i32 {
  let found: i32 = 0;
  for (let j = 0; j < count; j++) {
    if (!(values[j] - values[j] === 0)) found += 1;
  }
  return found;
}

/** Copies single precision into double precision. */
export function widen(target: Reals, source: Floats, count: i32): void {
  for (let j = 0; j < count; j++) target[j] = source[j];
}

/** Copies double precision into single precision. */
export function narrow(target: Floats, source: Reals, count: i32): void {
  for (let j = 0; j < count; j++) target[j] = source[j];
}

/** `target[j] += source[j]`. */
export function addInto(target: Reals, source: Reals, count: i32): void {
  for (let j = 0; j < count; j++) target[j] += source[j];
}

/** `target[j] = 0`. */
export function clear(target: Reals, count: i32): void {
  target.fill(0, 0, count);
}

/** `target[j] += factor · source[j]`. */
export function addScaled(target: Reals, source: Reals, factor: f64, count: i32): void {
  for (let j = 0; j < count; j++) target[j] += factor * source[j];
}

/** Moves values into `min … max`. */
export function clamp(values: Floats, min: f64, max: f64, count: i32): void {
  for (let j = 0; j < count; j++) values[j] = Math.min(Math.max(values[j], min), max);
}

/** Makes `last` equal to `values`; returns how many numbers differed. */
export function refresh(last: Reals, values: Reals, count: i32): f64 {
  let changed: f64 = 0;
  for (let j = 0; j < count; j++) {
    if (last[j] === values[j]) continue;
    last[j] = values[j];
    changed += 1;
  }
  return changed;
}

/**
 * First format from `from` on whose rounded variables are not those of `last` (widths, integer bits and signs, one after the other); `count` if
 * there is none.
 */
export function nextChange(width: Floats, integer: Floats, sign: Floats, last: Floats, from: i32, count: i32): i32 {
  for (let q = from; q < count; q++) {
    if (last[q] !== roundHalfEven(width[q])) return q;
    if (last[count + q] !== roundHalfEven(integer[q])) return q;
    if (last[2 * count + q] !== sign[q]) return q;
  }
  return count;
}

/** `saturateAll` of numbers that have a format each, in single precision. */
export function saturateEach(
  values: Floats,
  y: Reals,
  up: Reals,
  down: Reals,
  min: Reals,
  max: Reals,
  empty: Bytes,
  mode: i32,
  count: i32,
): void {
  for (let j = 0; j < count; j++) {
    const value = values[j];
    if (value === 0 || empty[j] === 1) {
      y[j] = 0;
      continue;
    }
    const clipped = Math.min(Math.max(value, min[j]), max[j]);
    y[j] = Math.fround(roundBy(mode, clipped * up[j]) * down[j]) as f64;
  }
}

/** Gradient of `saturateEach`: `gradient` from that of `y`; `df` and `di`, up to a factor ln 2 (hgq2 §1.5). */
export function saturateEachBackward(
  values: Floats,
  y: Reals,
  d: Reals,
  gradient: Floats,
  df: Reals,
  di: Reals,
  down: Reals,
  range: Reals,
  min: Reals,
  max: Reals,
  signs: Reals,
  symmetric: i32,
  count: i32,
): void {
  for (let j = 0; j < count; j++) {
    const value = values[j];
    const upstream = d[j];
    if (value > max[j]) {
      df[j] = upstream * down[j];
      di[j] = upstream * range[j];
      gradient[j] = 0;
    } else if (value < min[j]) {
      df[j] = symmetric === 1 ? -(upstream * signs[j] * down[j]) : 0;
      di[j] = -(upstream * signs[j] * range[j]);
      gradient[j] = 0;
    } else {
      df[j] = upstream * (value - y[j]);
      di[j] = 0;
      gradient[j] = upstream;
    }
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
