/// <reference path="./numbers.d.ts" />

/** One step of gradient descent with momentum, as Keras computes it; `nesterov` 1 looks ahead. */
export function momentumStep(
  values: Floats,
  gradient: Floats,
  velocity: Floats,
  rate: f64,
  clip: f64,
  momentum: f64,
  nesterov: i32,
  count: i32,
): void {
  for (let j = 0; j < count; j++) {
    const g = rate * clip * gradient[j];
    velocity[j] = momentum * velocity[j] - g;
    values[j] += nesterov === 1 ? momentum * velocity[j] - g : velocity[j];
  }
}
