/**
 * Which pixels an input reduction keeps, and the surrogate that lets the choice be trained (sparsepixels §1.1 and §4,
 * items 4–6). Images are `[pixels]` scores in raster order, batches of them row-major.
 */
import { roundHalfEven } from '@sp/quant/numeric';

/** Settings of the selection. `n` is real; the selection itself uses it rounded half to even. */
export interface KeepSettings {
  readonly n: number;
  readonly threshold: number;
  readonly tauN: number;
  readonly tauThreshold: number;
}

/** 1 for the first `round(n)` pixels of each image whose score exceeds the threshold, else 0. */
export function keepMask(scores: Float32Array, pixels: number, { n, threshold }: KeepSettings): Float32Array {
  const keep = new Float32Array(scores.length);
  const budget = roundHalfEven(n);
  for (let start = 0; start < scores.length; start += pixels) {
    let kept = 0;
    for (let j = start; j < start + pixels && kept < budget; j++) {
      if (scores[j] <= threshold || Number.isNaN(scores[j])) continue;
      keep[j] = 1;
      kept++;
    }
  }
  return keep;
}

/** Gradients with respect to the scores, the threshold and the real-valued `n`. */
export interface KeepGradient {
  readonly scores: Float32Array;
  readonly threshold: number;
  readonly n: number;
}

/**
 * Gradient of `Σ g · k̃` for the soft mask `k̃ = ã · σ((n − r̃)/τ_n)`, `ã = σ((s − θ)/τ_θ)·[s > 0]`, `r̃ = cumsum(ã)`.
 */
export function softKeepGradient(
  scores: Float32Array,
  upstream: (index: number) => number,
  pixels: number,
  settings: KeepSettings,
): KeepGradient {
  const { n, threshold, tauN, tauThreshold } = settings;
  const result = new Float32Array(scores.length);
  const active = new Float64Array(pixels);
  const open = new Float64Array(pixels);
  let thresholdGradient = 0;
  let nGradient = 0;
  for (let start = 0; start < scores.length; start += pixels) {
    let rank = 0;
    for (let p = 0; p < pixels; p++) {
      const score = scores[start + p];
      active[p] = score > 0 ? sigmoid((score - threshold) / tauThreshold) : 0;
      rank += active[p];
      open[p] = sigmoid((n - rank) / tauN);
    }
    // Every pixel's rank counts all pixels before it: gradients of ranks accumulate from the end of the image.
    let rankGradient = 0;
    for (let p = pixels - 1; p >= 0; p--) {
      if (active[p] === 0) continue;
      const g = upstream(start + p);
      const slope = (g * active[p] * open[p] * (1 - open[p])) / tauN;
      nGradient += slope;
      rankGradient -= slope;
      const scoreGradient = ((g * open[p] + rankGradient) * active[p] * (1 - active[p])) / tauThreshold;
      result[start + p] = scoreGradient;
      thresholdGradient -= scoreGradient;
    }
  }
  return { scores: result, threshold: thresholdGradient, n: nGradient };
}

/** The soft mask itself, image by image. */
export function softKeepMask(scores: Float32Array, pixels: number, settings: KeepSettings): Float64Array {
  const { n, threshold, tauN, tauThreshold } = settings;
  const keep = new Float64Array(scores.length);
  for (let start = 0; start < scores.length; start += pixels) {
    let rank = 0;
    for (let j = start; j < start + pixels; j++) {
      if (!(scores[j] > 0)) continue;
      const active = sigmoid((scores[j] - threshold) / tauThreshold);
      rank += active;
      keep[j] = active * sigmoid((n - rank) / tauN);
    }
  }
  return keep;
}

function sigmoid(u: number): number {
  return 1 / (1 + Math.exp(-u));
}
