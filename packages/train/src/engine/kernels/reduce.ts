/// <reference path="./numbers.d.ts" />

/** The first `slots` sites of every image with a score above the threshold are on; the others' features are 0. */
export function reduceForward(
  values: Reals,
  output: Reals,
  on: Bytes,
  starts: Ints,
  entries: Ints,
  base: Ints,
  threshold: f64,
  slots: f64,
  channels: i32,
  first: i32,
  last: i32,
): void {
  for (let b = first; b < last; b++) {
    const shift = starts[entries[b]] - base[b];
    const end = base[b + 1];
    let kept: f64 = 0;
    for (let s = base[b]; s < end; s++) {
      const from = (s + shift) * channels;
      const keep = values[from] > threshold && kept < slots;
      if (keep) kept += 1;
      on[s] = keep ? 1 : 0;
      for (let c = 0; c < channels; c++) output[s * channels + c] = keep ? values[from + c] : 0;
    }
  }
}

/** Soft mask `k̃ = ã · σ((n − r̃)/τ_n)` on positive scores in raster order (sparsepixels §4): `ã` and the second factor. */
export function softKeep(
  values: Reals,
  active: Reals,
  open: Reals,
  starts: Ints,
  entries: Ints,
  base: Ints,
  n: f64,
  threshold: f64,
  tauN: f64,
  tauThreshold: f64,
  channels: i32,
  first: i32,
  last: i32,
): void {
  for (let b = first; b < last; b++) {
    const shift = starts[entries[b]] - base[b];
    const end = base[b + 1];
    let rank: f64 = 0;
    for (let s = base[b]; s < end; s++) {
      const a = 1 / (1 + Math.exp((threshold - values[(s + shift) * channels]) / tauThreshold));
      rank += a;
      active[s] = a;
      open[s] = 1 / (1 + Math.exp((rank - n) / tauN));
    }
  }
}

/**
 * Adds the gradient of `Σ g · k̃` to that of the threshold (`sums[0]`) and of the real-valued budget (`sums[1]`).
 */
export function softKeepBackward(
  g: Reals,
  active: Reals,
  open: Reals,
  base: Ints,
  sums: Reals,
  tauN: f64,
  tauThreshold: f64,
  first: i32,
  last: i32,
): void {
  let ofThreshold: f64 = 0;
  let ofBudget: f64 = 0;
  for (let b = first; b < last; b++) {
    // Every site's rank counts all sites before it: gradients of ranks accumulate from the end.
    let rank: f64 = 0;
    for (let s = base[b + 1] - 1; s >= base[b]; s--) {
      const slope = (g[s] * active[s] * open[s] * (1 - open[s])) / tauN;
      ofBudget += slope;
      rank -= slope;
      ofThreshold -= ((g[s] * open[s] + rank) * active[s] * (1 - active[s])) / tauThreshold;
    }
  }
  sums[0] += ofThreshold;
  sums[1] += ofBudget;
}

/** Share of the intensity that the soft mask drops, summed into `sums[2]`; writes its gradient per site. */
export function maskedIntensity(
  values: Reals,
  active: Reals,
  open: Reals,
  gradient: Reals,
  total: Reals,
  rest: Reals,
  starts: Ints,
  entries: Ints,
  base: Ints,
  sums: Reals,
  scale: f64,
  channels: i32,
  first: i32,
  last: i32,
): void {
  for (let b = first; b < last; b++) {
    const entry = entries[b];
    const shift = starts[entry] - base[b];
    const weight = scale / (total[entry] + 1e-6);
    let dropped = rest[entry];
    const end = base[b + 1];
    for (let s = base[b]; s < end; s++) {
      const score = values[(s + shift) * channels];
      dropped += score * (1 - active[s] * open[s]);
      gradient[s] = -weight * score;
    }
    sums[2] += weight * dropped;
  }
}

/** Adds what the features' gradient means for the mask. */
export function reduceBackward(
  values: Reals,
  dOutput: Reals,
  dMask: Reals,
  starts: Ints,
  entries: Ints,
  base: Ints,
  channels: i32,
  first: i32,
  last: i32,
): void {
  for (let b = first; b < last; b++) {
    const shift = starts[entries[b]] - base[b];
    const end = base[b + 1];
    for (let s = base[b]; s < end; s++) {
      let sum: f64 = 0;
      for (let c = 0; c < channels; c++) sum += dOutput[s * channels + c] * values[(s + shift) * channels + c];
      dMask[s] += sum;
    }
  }
}
