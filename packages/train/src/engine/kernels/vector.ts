/// <reference path="./numbers.d.ts" />

import { clip, roundHalfEven } from '@sp/quant/numeric';
import { adamOne, bitGradient, refreshOne, saturateOne, saturateOneBackward } from './each.ts';

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
    adamOne(values, gradient, mean, square, rate, clip, beta1, beta2, epsilon, j);
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
  for (let j = 0; j < count; j++) values[j] = clip(values[j], min, max);
}

/** Makes `last` equal to `values`; returns how many numbers differed. */
export function refresh(last: Reals, values: Reals, count: i32): f64 {
  let changed: f64 = 0;
  for (let j = 0; j < count; j++) changed += refreshOne(last, values, j);
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
    y[j] = saturateOne(values[j], up[j], down[j], min[j], max[j], empty[j], mode);
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
    saturateOneBackward(values, y, d, gradient, df, di, down, range, min, max, signs, symmetric, j);
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
    bitGradient(
      widthGradient,
      integerGradient,
      trainsInteger,
      df,
      di,
      ofBits,
      down,
      range,
      isKbi,
      widthPenalty,
      integerPenalty,
      q,
    );
  }
}
