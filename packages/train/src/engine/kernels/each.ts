/// <reference path="./numbers.d.ts" />

import { clip, limitPerFractionBit, limitPerIntegerBit } from '@sp/quant/numeric';
import { roundBy } from './round.ts';

/** One number of loops that are written several times: `vector.ts` goes through all numbers, `assembly/vector.ts` through those that its vectors leave. */

/** One number of `saturateEach`, and of `saturateAll`. */
export function saturateOne(value: f64, up: f64, down: f64, min: f64, max: f64, empty: i32, mode: i32): f64 {
  return value === 0 || empty === 1 ? 0 : (Math.fround(roundBy(mode, clip(value, min, max) * up) * down) as f64);
}

/** One number of `adamStep`. */
export function adamOne(
  values: Floats,
  gradient: Floats,
  mean: Floats,
  square: Floats,
  rate: f64,
  clip: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  j: i32,
): void {
  const g = gradient[j] * clip;
  mean[j] += (g - mean[j]) * (1 - beta1);
  square[j] += (g * g - square[j]) * (1 - beta2);
  values[j] -= (rate * mean[j]) / (Math.sqrt(square[j]) + epsilon);
}

/** One number of `refresh`: 1 if it differed. */
export function refreshOne(last: Reals, values: Reals, j: i32): f64 {
  if (last[j] === values[j]) return 0;
  last[j] = values[j];
  return 1;
}

/** One number of `saturateEachBackward`. */
export function saturateOneBackward(
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
  j: i32,
): void {
  const value = values[j];
  const upstream = d[j];
  if (value > max[j] || value < min[j]) {
    const side: f64 = value > max[j] ? 1 : -signs[j];
    df[j] = upstream * limitPerFractionBit(side, down[j], symmetric === 1);
    di[j] = upstream * limitPerIntegerBit(side, range[j]);
    gradient[j] = 0;
  } else {
    df[j] = upstream * (value - y[j]);
    di[j] = 0;
    gradient[j] = upstream;
  }
}

/** One format of `bitGradients`. */
export function bitGradient(
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
  q: i32,
): void {
  // A format without integer and fraction bits has `range = down`, and its count does not follow the variables.
  const open: f64 = isKbi === 1 || range[q] > down[q] ? ofBits[q] : 0;
  const fraction = Math.LN2 * df[q];
  widthGradient[q] = fraction + open + widthPenalty;
  if (trainsInteger === 0) return;
  const whole = Math.LN2 * di[q];
  // KBI: f = b − i, so i moves against f; its width does not depend on i.
  integerGradient[q] = (isKbi === 1 ? whole - fraction : whole + open) + integerPenalty;
}
