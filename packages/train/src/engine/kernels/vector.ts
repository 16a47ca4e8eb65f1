/// <reference path="./numbers.d.ts" />

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
