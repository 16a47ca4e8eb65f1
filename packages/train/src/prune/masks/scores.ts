import type { KernelKind, Structure } from '../attributes/structure.ts';
import type { Groups } from './groups.ts';

/** By what groups are ranked; see `getModelMasks`. */
export type RankingMetric = 'l1' | 'l2' | 'oracle' | 'saliency';

/** How much of each group there is, and how different its weights are. */
export interface GroupScores {
  readonly norms: Float64Array;
  /** Population variances. */
  readonly variances: Float64Array;
}

/**
 * What a weight `w` counts (hls4ml §1.6): itself; `|w · g|`; `w² · h`. Its derivative is needed for the last two.
 *
 * @param derivatives `∂L/∂w` for oracle, `∂²L/∂w²` for saliency
 */
export function weightScores(
  metric: RankingMetric,
  weights: Float32Array,
  derivatives: ArrayLike<number> | null,
): Float64Array {
  switch (metric) {
    case 'l1':
    case 'l2':
      return Float64Array.from(weights);
    case 'oracle':
      return Float64Array.from(weights, (w, j) => Math.abs(w * (derivatives as ArrayLike<number>)[j]));
    case 'saliency':
      return Float64Array.from(weights, (w, j) => w * w * (derivatives as ArrayLike<number>)[j]);
  }
}

/**
 * Norm and variance of every group. Filters: first the Euclidean norm over the window of each channel, then norm and variance over channels.
 *
 * @param power of the norm, 1 or 2
 */
export function groupScores(
  kind: KernelKind,
  shape: readonly number[],
  structure: Structure,
  groups: Groups,
  scores: Float64Array,
  power: 1 | 2,
): GroupScores {
  if (kind === 'conv2d' && structure === 'structured') {
    const [rows, columns, channels, filters] = shape;
    const norms = windowNorms(scores, rows * columns, channels * filters);
    return scored(norms, filters, (j) => j % filters, power);
  }
  return scored(scores, groups.count, (j) => groups.of[j], power);
}

function windowNorms(scores: Float64Array, taps: number, kernels: number): Float64Array {
  const squares = new Float64Array(kernels);
  for (let tap = 0; tap < taps; tap++) {
    for (let k = 0; k < kernels; k++) squares[k] += scores[tap * kernels + k] ** 2;
  }
  return squares.map(Math.sqrt);
}

function scored(scores: Float64Array, count: number, groupOf: (j: number) => number, power: 1 | 2): GroupScores {
  const sizes = new Float64Array(count);
  const sums = new Float64Array(count);
  const powers = new Float64Array(count);
  scores.forEach((score, j) => {
    const group = groupOf(j);
    sizes[group]++;
    sums[group] += score;
    powers[group] += power === 1 ? Math.abs(score) : score * score;
  });
  const squares = new Float64Array(count);
  scores.forEach((score, j) => {
    const group = groupOf(j);
    squares[group] += (score - sums[group] / sizes[group]) ** 2;
  });
  return {
    norms: powers.map((sum) => (power === 1 ? sum : Math.sqrt(sum))),
    variances: squares.map((sum, group) => sum / sizes[group]),
  };
}
