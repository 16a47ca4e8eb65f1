import { OptionError } from '../../option-error.ts';
import { optimizationAttributes } from '../attributes/optimization-attributes.ts';
import type { KernelKind } from '../attributes/structure.ts';
import { type GroupSettings, groupsOf } from '../masks/groups.ts';

/** Which groups a regulariser makes small, or alike, and how strongly. */
export interface PenaltySettings extends GroupSettings {
  /** Weight of the norms of the groups, ≥ 0: makes groups vanish. */
  readonly alpha: number;
  /** Weight of their variances, ≥ 0: makes the weights of a group one number. */
  readonly beta: number;
  /** Over groups: 1, the sum, or 2, the square root of the sum of squares. */
  readonly norm: 1 | 2;
}

/** Settings with defaults: alpha has none, beta 0, norm 1, and the structure's as in `optimizationAttributes`. */
export type PenaltyOptions = Pick<PenaltySettings, 'alpha'> & Partial<PenaltySettings>;

/** A penalty and its derivatives, row-major like the kernel. */
export interface Penalty {
  readonly value: number;
  readonly gradient: Float32Array;
}

/** @throws OptionError for norms other than 1 and 2, unknown structures, blocks of a convolution and weights that are not ≥ 0 */
export function penaltySettings(kind: KernelKind, options: PenaltyOptions, where: string): PenaltySettings {
  const { alpha, beta = 0, norm = 1 } = options;
  for (const [name, value] of Object.entries({ alpha, beta })) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new OptionError(`${where}: ${name} ${value} is not a finite number ≥ 0`);
    }
  }
  if (norm !== 1 && norm !== 2) throw new OptionError(`${where}: norm ${String(norm)} is none of 1, 2`);
  const { structure, blockShape, patternOffset, consecutivePatterns } = optimizationAttributes(options);
  if (structure === 'block' && kind !== 'dense') {
    throw new OptionError(`${where}: structure 'block' needs a matrix; use another one for convolutions`);
  }
  return { alpha, beta, norm, structure, blockShape, patternOffset, consecutivePatterns };
}

/**
 * `alpha · ‖(‖group‖₂)‖_norm + beta · ‖(var(group))‖_norm` (hls4ml §1.7). Without a structure all weights are one group, of which the norm itself is
 * taken: `alpha · ‖W‖_norm + beta · var(W)`. The norm of a filter is the sum over its channels of the norms of their windows.
 *
 * The gradient is 0 where a norm is 0 (upstream's is NaN at some of these places: exactly what masks make).
 *
 * @throws OptionError for sizes that do not divide
 */
export function groupPenalty(
  kind: KernelKind,
  shape: readonly number[],
  weights: ArrayLike<number>,
  settings: PenaltySettings,
  where: string,
): Penalty {
  const { alpha, beta, norm, structure } = settings;
  const groups = groupsOf(kind, shape, settings, where);
  const single = structure === 'unstructured';
  const count = single ? 1 : groups.count;
  const groupOf = single ? () => 0 : (j: number) => groups.of[j];
  const gradient = new Float64Array(weights.length);

  // Norms: of sub-groups, which add up to those of groups.
  const windows = kind === 'conv2d' && structure === 'structured';
  const kernels = windows ? shape[2] * shape[3] : count;
  const partOf = windows ? (j: number) => j % kernels : single ? (j: number) => j : groupOf;
  const parts = single ? weights.length : kernels;
  const squares = new Float64Array(parts);
  for (let j = 0; j < weights.length; j++) squares[partOf(j)] += weights[j] * weights[j];
  const lengths = squares.map(Math.sqrt);
  const norms = windows ? addedUp(lengths, shape[3]) : lengths;
  const ofNorms = combined(norms, norm);
  for (let j = 0; j < weights.length; j++) {
    const length = lengths[partOf(j)];
    const slope = ofNorms.slopes[windows ? partOf(j) % shape[3] : partOf(j)];
    if (length > 0) gradient[j] += alpha * slope * (weights[j] / length);
  }

  const sizes = new Float64Array(count);
  const means = new Float64Array(count);
  for (let j = 0; j < weights.length; j++) sizes[groupOf(j)]++;
  for (let j = 0; j < weights.length; j++) means[groupOf(j)] += weights[j] / sizes[groupOf(j)];
  const variances = new Float64Array(count);
  for (let j = 0; j < weights.length; j++) {
    variances[groupOf(j)] += (weights[j] - means[groupOf(j)]) ** 2 / sizes[groupOf(j)];
  }
  const ofVariances = combined(variances, norm);
  for (let j = 0; j < weights.length; j++) {
    const group = groupOf(j);
    gradient[j] += (beta * ofVariances.slopes[group] * 2 * (weights[j] - means[group])) / sizes[group];
  }
  return { value: alpha * ofNorms.value + beta * ofVariances.value, gradient: Float32Array.from(gradient) };
}

/** A norm over numbers ≥ 0 and its derivatives, 0 at 0. */
function combined(numbers: Float64Array, norm: 1 | 2): { readonly value: number; readonly slopes: Float64Array } {
  if (norm === 1) {
    return { value: numbers.reduce((sum, x) => sum + x, 0), slopes: new Float64Array(numbers.length).fill(1) };
  }
  const value = Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0));
  return { value, slopes: numbers.map((x) => (value === 0 ? 0 : x / value)) };
}

/** Sums over channels, per filter. */
function addedUp(lengths: Float64Array, filters: number): Float64Array {
  const sums = new Float64Array(filters);
  lengths.forEach((length, j) => {
    sums[j % filters] += length;
  });
  return sums;
}
