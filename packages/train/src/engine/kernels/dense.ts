/// <reference path="./numbers.d.ts" />

import { addAndDot, addProducts } from './vector.ts';

/**
 * `act(x · kernel + bias)` on vectors of which only the numbers of the listed sites can differ from 0 (images
 * `first … last − 1`).
 */
export function denseForward(
  x: Reals,
  weights: Reals,
  bias: Reals,
  y: Reals,
  base: Ints,
  pixel: Ints,
  hasBias: i32,
  isRelu: i32,
  channels: i32,
  units: i32,
  first: i32,
  last: i32,
): void {
  for (let b = first; b < last; b++) {
    const to = b * units;
    for (let u = 0; u < units; u++) y[to + u] = 0;
    const end = base[b + 1];
    for (let s = base[b]; s < end; s++) {
      for (let c = 0; c < channels; c++) {
        const value = x[s * channels + c];
        if (value === 0) continue;
        addProducts(y, to, weights, (pixel[s] * channels + c) * units, value, units);
      }
    }
    for (let u = 0; u < units; u++) {
      let sum: f64 = Math.fround(y[to + u]) as f64;
      if (hasBias === 1) sum = Math.fround(sum + bias[u]) as f64;
      y[to + u] = isRelu === 1 && !(sum > 0) ? 0 : sum;
    }
  }
}

/** Gradient of `denseForward`: `dy` becomes that of the sums, `dx` is overwritten; adds to those of kernel and bias. */
export function denseBackward(
  x: Reals,
  weights: Reals,
  y: Reals,
  dy: Reals,
  dx: Reals,
  dKernel: Reals,
  dBias: Reals,
  base: Ints,
  pixel: Ints,
  hasBias: i32,
  isRelu: i32,
  channels: i32,
  units: i32,
  first: i32,
  last: i32,
): void {
  for (let b = first; b < last; b++) {
    const to = b * units;
    for (let u = 0; u < units; u++) {
      if (isRelu === 1 && y[to + u] === 0) dy[to + u] = 0;
      if (hasBias === 1) dBias[u] += dy[to + u];
    }
    const end = base[b + 1];
    for (let s = base[b]; s < end; s++) {
      for (let c = 0; c < channels; c++) {
        const j = s * channels + c;
        dx[j] = addAndDot(dKernel, weights, (pixel[s] * channels + c) * units, dy, to, x[j], units);
      }
    }
  }
}
