import { roundHalfEven } from '@sp/quant/numeric';
import { LayerError } from '../layer-error.ts';
import type { QuantizerData } from './quantize-context.ts';

/** Which elements share a scale. */
export interface ScaleGroups {
  /** Shape of the scale: 1 on shared axes. */
  readonly shape: readonly number[];
  readonly count: number;
  /** Group of every element. */
  readonly of: Int32Array;
}

/** QKeras' epsilon in denominators and logarithms. */
const epsilon = 1e-7;

/**
 * Scales are per channel: one per index of `axis` (default the last), all others reduced. A vector has one scale for
 * all, or one per element where QKeras does not reduce it.
 *
 * @throws LayerError for an axis the data do not have
 */
export function scaleGroups({ shape, x }: QuantizerData, axis: number | null, vector: 'one' | 'each'): ScaleGroups {
  const of = new Int32Array(x.length);
  if (shape.length <= 1) {
    if (vector === 'one') return { shape: shape.map(() => 1), count: 1, of };
    return { shape: [...shape], count: x.length, of: of.map((_, j) => j) };
  }
  const kept = axis ?? shape.length - 1;
  const channel = kept < 0 ? kept + shape.length : kept;
  if (channel < 0 || channel >= shape.length) {
    throw new LayerError(`scale_axis = ${kept} for data of shape [${shape}]; give an axis of the data or None.`);
  }
  const after = shape.slice(channel + 1).reduce((product, extent) => product * extent, 1);
  for (let j = 0; j < of.length; j++) of[j] = Math.floor(j / after) % shape[channel];
  return { shape: shape.map((extent, d) => (d === channel ? extent : 1)), count: shape[channel], of };
}

/** Largest magnitude of every group. */
export function groupMaxima({ x }: QuantizerData, groups: ScaleGroups): Float64Array {
  const maxima = new Float64Array(groups.count);
  for (let j = 0; j < x.length; j++) maxima[groups.of[j]] = Math.max(maxima[groups.of[j]], Math.abs(x[j]));
  return maxima;
}

/** Least-squares scale of every group: `mean(x·q) / (mean(q²) + ε)`. */
export function leastSquares({ x }: QuantizerData, q: ArrayLike<number>, groups: ScaleGroups): Float64Array {
  const products = new Float64Array(groups.count);
  const squares = new Float64Array(groups.count);
  const sizes = new Float64Array(groups.count);
  for (let j = 0; j < x.length; j++) {
    products[groups.of[j]] += x[j] * q[j];
    squares[groups.of[j]] += q[j] * q[j];
    sizes[groups.of[j]] += 1;
  }
  return products.map((product, group) => product / sizes[group] / (squares[group] / sizes[group] + epsilon));
}

/** Exponent limits of power-of-two scales. */
export interface ExponentLimits {
  readonly minPo2Exponent: number | null;
  readonly maxPo2Exponent: number | null;
}

/** The power of two nearest to every scale, in the exponent. */
export function toPowersOfTwo(scales: Float64Array, limits?: ExponentLimits): Float64Array {
  const low = limits?.minPo2Exponent ?? Number.NEGATIVE_INFINITY;
  const high = limits?.maxPo2Exponent ?? Number.POSITIVE_INFINITY;
  return scales.map((scale) => 2 ** Math.min(high, Math.max(low, roundHalfEven(Math.log2(scale + epsilon)))));
}
