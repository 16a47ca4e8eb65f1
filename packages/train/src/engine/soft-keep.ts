/** Settings of the soft mask; `n` is real. */
export interface SoftKeepSettings {
  readonly n: number;
  readonly threshold: number;
  readonly tauN: number;
  readonly tauThreshold: number;
}

/** Derivatives with respect to the threshold and the real-valued budget, summed over images. */
export interface SoftKeepGradient {
  threshold: number;
  n: number;
}

/** Soft mask `k̃ = ã · σ((n − r̃)/τ_n)` of an image's sites, on positive scores in raster order (sparsepixels §4). */
export interface SoftKeep {
  /** `ã` and the second factor per site, for sites `0 … count − 1` of one image; valid until the next call. */
  readonly active: Float64Array;
  readonly open: Float64Array;
}

/** Fills `soft` with the mask of the `count` sites whose scores start at `scores[from · channels]`. */
export function softKeep(
  soft: SoftKeep,
  scores: Float64Array,
  channels: number,
  from: number,
  count: number,
  { n, threshold, tauN, tauThreshold }: SoftKeepSettings,
): void {
  let rank = 0;
  for (let s = 0; s < count; s++) {
    const active = 1 / (1 + Math.exp((threshold - scores[(from + s) * channels]) / tauThreshold));
    rank += active;
    soft.active[s] = active;
    soft.open[s] = 1 / (1 + Math.exp((rank - n) / tauN));
  }
}

/** Adds the gradient of `Σ g · k̃` of one image, g being `upstream[from …]`. */
export function addSoftKeepGradient(
  sum: SoftKeepGradient,
  { active, open }: SoftKeep,
  upstream: Float64Array,
  from: number,
  count: number,
  { tauN, tauThreshold }: SoftKeepSettings,
): void {
  // Every site's rank counts all sites before it: gradients of ranks accumulate from the end.
  let rank = 0;
  for (let s = count - 1; s >= 0; s--) {
    const g = upstream[from + s];
    const slope = (g * active[s] * open[s] * (1 - open[s])) / tauN;
    sum.n += slope;
    rank -= slope;
    sum.threshold -= ((g * open[s] + rank) * active[s] * (1 - active[s])) / tauThreshold;
  }
}
