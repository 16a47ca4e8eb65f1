/// <reference path="./numbers.d.ts" />

/** Counts an image whose largest of `width` outputs from `at` on is that of its label; one output: > 0 means class 1. */
function isRight(outputs: Reals, at: i32, width: i32, label: i32): f64 {
  let best = 0;
  if (width === 1) best = outputs[at] > 0 ? 1 : 0;
  else for (let c = 1; c < width; c++) if (outputs[at + c] > outputs[at + best]) best = c;
  return best === label ? 1 : 0;
}

/** Counts an image whose one output is nearest to its label among `0 … top`; the lower one of two that are equally near. */
function isNearest(output: f64, top: f64, label: i32): f64 {
  return Math.min(Math.max(Math.ceil(output - 0.5), 0), top) === (label as f64) ? 1 : 0;
}

/** 1 for the image's class and 0 for the others, or the label if there is one output. */
function targetOf(label: i32, c: i32, width: i32): f64 {
  if (width === 1) return label as f64;
  return c === label ? 1 : 0;
}

/**
 * Cross-entropy of `softmax(outputs)` for the images `first … last − 1` of `size`; writes the gradient of the mean of weight × loss, and
 * into `sums` the sum of weight × loss and the number of right answers.
 */
export function softmaxCrossEntropy(
  outputs: Reals,
  gradient: Reals,
  labels: Ints,
  weights: Reals,
  sums: Reals,
  smoothing: f64,
  width: i32,
  size: f64,
  first: i32,
  last: i32,
): void {
  let sum: f64 = 0;
  let right: f64 = 0;
  const spread = smoothing / (width as f64);
  for (let b = first; b < last; b++) {
    const at = b * width;
    let largest = outputs[at];
    for (let c = 1; c < width; c++) if (outputs[at + c] > largest) largest = outputs[at + c];
    let total: f64 = 0;
    for (let c = 0; c < width; c++) {
      const e = Math.exp(outputs[at + c] - largest);
      gradient[at + c] = e;
      total += e;
    }
    const logTotal = Math.log(total) + largest;
    for (let c = 0; c < width; c++) {
      const target = c === labels[b] ? 1 - smoothing + spread : spread;
      if (target !== 0) sum -= weights[b] * target * (outputs[at + c] - logTotal);
      gradient[at + c] = (weights[b] * (gradient[at + c] / total - target)) / size;
    }
    right += isRight(outputs, at, width, labels[b]);
  }
  sums[0] = sum;
  sums[1] = right;
}

/**
 * Mean cross-entropy of the logistic function of every output; the target is 1 for the image's class and 0 for the others, or the label if there is
 * one output. As `softmaxCrossEntropy`.
 */
export function sigmoidCrossEntropy(
  outputs: Reals,
  gradient: Reals,
  labels: Ints,
  weights: Reals,
  sums: Reals,
  width: i32,
  size: f64,
  first: i32,
  last: i32,
): void {
  let sum: f64 = 0;
  let right: f64 = 0;
  const numbers = (width as f64) * size;
  for (let b = first; b < last; b++) {
    for (let c = 0; c < width; c++) {
      const z = outputs[b * width + c];
      const target = targetOf(labels[b], c, width);
      sum += weights[b] * (Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z))));
      gradient[b * width + c] = (weights[b] * (1 / (1 + Math.exp(-z)) - target)) / numbers;
    }
    right += isRight(outputs, b * width, width, labels[b]);
  }
  sums[0] = sum / (width as f64);
  sums[1] = right;
}

/** Squared errors with the targets of `sigmoidCrossEntropy`; `top`: the largest label that one output may mean. */
export function squaredError(
  outputs: Reals,
  gradient: Reals,
  labels: Ints,
  weights: Reals,
  sums: Reals,
  top: f64,
  width: i32,
  size: f64,
  first: i32,
  last: i32,
): void {
  let sum: f64 = 0;
  let right: f64 = 0;
  const numbers = (width as f64) * size;
  for (let b = first; b < last; b++) {
    for (let c = 0; c < width; c++) {
      const j = b * width + c;
      const error = outputs[j] - targetOf(labels[b], c, width);
      sum += weights[b] * error * error;
      gradient[j] = (weights[b] * (2 * error)) / numbers;
    }
    right += width === 1 ? isNearest(outputs[b], top, labels[b]) : isRight(outputs, b * width, width, labels[b]);
  }
  sums[0] = sum / (width as f64);
  sums[1] = right;
}
