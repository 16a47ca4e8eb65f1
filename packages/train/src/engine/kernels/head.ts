/// <reference path="./numbers.d.ts" />

/** `y = softmax(x)` of `width` numbers for the images `first … last − 1`. */
export function softmaxForward(x: Reals, y: Reals, width: i32, first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    const at = b * width;
    let largest = x[at];
    for (let c = 1; c < width; c++) if (x[at + c] > largest) largest = x[at + c];
    let total: f64 = 0;
    for (let c = 0; c < width; c++) {
      const e = Math.exp(x[at + c] - largest);
      y[at + c] = e;
      total += e;
    }
    for (let c = 0; c < width; c++) y[at + c] /= total;
  }
}

/** Gradient of `x` from that of `y = softmax(x)`. */
export function softmaxBackward(y: Reals, dy: Reals, dx: Reals, width: i32, first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    const at = b * width;
    let mean: f64 = 0;
    for (let c = 0; c < width; c++) mean += y[at + c] * dy[at + c];
    for (let c = 0; c < width; c++) dx[at + c] = y[at + c] * (dy[at + c] - mean);
  }
}

/** `y[j] = 1 / (1 + e^−x[j])` for `j` in `from … to − 1`. */
export function sigmoidForward(x: Reals, y: Reals, from: i32, to: i32): void {
  for (let j = from; j < to; j++) y[j] = 1 / (1 + Math.exp(-x[j]));
}

/** Gradient of `x` from that of `y = sigmoid(x)`. */
export function sigmoidBackward(y: Reals, dy: Reals, dx: Reals, from: i32, to: i32): void {
  for (let j = from; j < to; j++) dx[j] = dy[j] * y[j] * (1 - y[j]);
}
