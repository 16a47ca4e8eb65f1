/// <reference path="./numbers.d.ts" />

/** Sums of the products of features and kernel over the neighbours of every site (images `first … last − 1`). */
export function convolve(
  x: Reals,
  weights: Reals,
  open: Reals,
  base: Ints,
  starts: Ints,
  entries: Ints,
  row: Ints,
  pairs: Ints,
  channels: i32,
  filters: i32,
  first: i32,
  last: i32,
): void {
  const stride = channels * filters;
  for (let b = first; b < last; b++) {
    const origin = base[b];
    const shift = starts[entries[b]] - origin;
    const end = base[b + 1];
    for (let o = origin; o < end; o++) {
      const to = o * filters;
      for (let f = 0; f < filters; f++) open[to + f] = 0;
      const stop = 2 * row[o + shift + 1];
      for (let e = 2 * row[o + shift]; e < stop; e += 2) {
        const at = (origin + pairs[e]) * channels;
        const tap = pairs[e + 1] * stride;
        for (let c = 0; c < channels; c++) {
          const value = x[at + c];
          if (value === 0) continue;
          const from = tap + c * filters;
          for (let f = 0; f < filters; f++) open[to + f] += value * weights[from + f];
        }
      }
    }
  }
}

/** Bias where the sum is not 0, activation, mask. Sites `from … to − 1`. */
export function activate(
  open: Reals,
  activated: Reals,
  output: Reals,
  on: Bytes,
  bias: Reals,
  hasBias: i32,
  isRelu: i32,
  filters: i32,
  from: i32,
  to: i32,
): void {
  for (let o = from; o < to; o++) {
    for (let f = 0; f < filters; f++) {
      const j = o * filters + f;
      // Single precision, as on tensors: a sum that only double precision tells from 0 gets no bias.
      const bare = Math.fround(open[j]) as f64;
      const sum: f64 = bare === 0 ? 0 : hasBias === 0 ? bare : (Math.fround(bare + bias[f]) as f64);
      const value: f64 = isRelu === 1 && !(sum > 0) ? 0 : sum;
      open[j] = bare;
      activated[j] = value;
      output[j] = on[o] === 1 ? value : 0;
    }
  }
}

/** Gradient of `activate`; `open` becomes the gradient of the sums. Adds to those of the bias and the mask. */
export function activateBackward(
  open: Reals,
  activated: Reals,
  dy: Reals,
  on: Bytes,
  dMask: Reals,
  dBias: Reals,
  hasBias: i32,
  isRelu: i32,
  filters: i32,
  from: i32,
  to: i32,
): void {
  for (let o = from; o < to; o++) {
    let through: f64 = 0;
    for (let f = 0; f < filters; f++) {
      const j = o * filters + f;
      const upstream = dy[j];
      through += upstream * activated[j];
      const g: f64 = on[o] === 0 || (isRelu === 1 && activated[j] === 0) ? 0 : upstream;
      if (hasBias === 1 && open[j] !== 0) dBias[f] += g;
      open[j] = g;
    }
    dMask[o] += through;
  }
}

/** Gradient of `convolve`: overwrites `dx`, adds to `dKernel`. */
export function correlate(
  x: Reals,
  weights: Reals,
  dOpen: Reals,
  dx: Reals,
  dKernel: Reals,
  on: Bytes,
  base: Ints,
  starts: Ints,
  entries: Ints,
  row: Ints,
  pairs: Ints,
  channels: i32,
  filters: i32,
  first: i32,
  last: i32,
): void {
  const stride = channels * filters;
  for (let b = first; b < last; b++) {
    const origin = base[b];
    const shift = starts[entries[b]] - origin;
    const end = base[b + 1];
    for (let j = origin * channels; j < end * channels; j++) dx[j] = 0;
    for (let o = origin; o < end; o++) {
      if (on[o] === 0) continue;
      const to = o * filters;
      const stop = 2 * row[o + shift + 1];
      for (let e = 2 * row[o + shift]; e < stop; e += 2) {
        const at = (origin + pairs[e]) * channels;
        const tap = pairs[e + 1] * stride;
        for (let c = 0; c < channels; c++) {
          const value = x[at + c];
          const from = tap + c * filters;
          let sum: f64 = 0;
          for (let f = 0; f < filters; f++) {
            const g = dOpen[to + f];
            sum += g * weights[from + f];
            dKernel[from + f] += g * value;
          }
          dx[at + c] += sum;
        }
      }
    }
  }
}

/** What the mask's gradient gets from `features · mask`; the features' is 0 where the mask is. Sites `from … to − 1`. */
export function maskBackward(
  dx: Reals,
  values: Reals,
  divisor: f64,
  on: Bytes,
  dMask: Reals,
  channels: i32,
  from: i32,
  to: i32,
): void {
  for (let s = from; s < to; s++) {
    let through: f64 = 0;
    for (let c = 0; c < channels; c++) {
      const j = s * channels + c;
      through += (dx[j] * values[j]) / divisor;
      if (on[s] === 0) dx[j] = 0;
    }
    dMask[s] += through;
  }
}
