import { allLayers } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { OptionError } from '../../option-error.ts';
import type { LayerAttributes, ModelAttributes } from '../attributes/layer-attributes.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { requireZeros } from '../attributes/zero-weights.ts';
import { checkAttributes, checkObjective } from '../check-arguments.ts';
import { checkSolver, type KnapsackSolver, solveKnapsack } from '../knapsack/solve-knapsack.ts';
import type { ObjectiveEstimator } from '../objectives/objective-estimator.ts';
import { type LayerGroups, layerGroups, sharesWeights } from './layer-groups.ts';
import type { RankingMetric } from './scores.ts';

/** Numbers of kernels by layer name, row-major. */
export type KernelValues = ReadonlyMap<string, ArrayLike<number>>;

/** How groups are chosen. */
export interface MaskOptions {
  /**
   * What a group is worth: the `l1` (default) or `l2` norm of its weights; by `oracle` that of `|w · ∂L/∂w|`, by `saliency` that of `w² · ∂²L/∂w²`, how much the
   * loss would change without them to first and second order.
   */
  readonly metric?: RankingMetric;
  /** One knapsack per layer instead of one for all. Default false. */
  readonly local?: boolean;
  /** `getModelGradients`; needed for oracle. */
  readonly gradients?: KernelValues | null;
  /** `getModelHessians`; needed for saliency. */
  readonly hessians?: KernelValues | null;
  /** Default `'CBC_MIP'`. */
  readonly solver?: KnapsackSolver;
  /** Seconds per knapsack; default: none. */
  readonly timeLimit?: number;
  /**
   * How layers are compared in one knapsack for all. `'full'` (default): norms and variances relative to the highest of their layer. `'compat'`, as
   * upstream: norms only, and not those of patterns.
   */
  readonly normalization?: 'full' | 'compat';
  /** Receives what was asked for and is not done. Default `console.warn`. */
  readonly say?: (line: string) => void;
}

/** Which weights go on being trained, and what the others are; by layer name, row-major like the kernel. */
export interface ModelMasks {
  /** 1: kept and trained; 0: fixed. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** What fixed weights are: 0, or the mean of their group. Kernels become `w · mask + offset`. */
  readonly offsets: ReadonlyMap<string, Float32Array>;
  /** What the groups that were kept need, per dimension of the objective. */
  readonly resources: readonly number[];
  /** False if some knapsack was not solved to its optimum: `greedy`, or out of time. */
  readonly optimal: boolean;
}

/**
 * Chooses which groups of weights to keep so that the layers need at most `1 − sparsity` of what they need when dense (hls4ml §1.6): a knapsack
 * whose items are groups, with values by the metric and weights by the objective. Layers that are not optimizable, and those with neither
 * pruning nor sharing, have no entry in the result.
 *
 * Capacities are `⌊(1 − sparsity) · resources⌋` in double arithmetic, as upstream: 0 of `(1 − 0.9) · 10`.
 *
 * @param sparsity 0 … 1
 * @throws OptionError for an unknown metric, oracle without gradients, saliency without Hessians, a layer that the model lacks, weights to be pruned that cannot be 0, and sizes
 * of patterns or blocks that do not divide
 */
export async function getModelMasks(
  model: tf.LayersModel,
  attributes: ModelAttributes,
  sparsity: number,
  objective: ObjectiveEstimator,
  options: MaskOptions = {},
): Promise<ModelMasks> {
  checkModel(model, 'getModelMasks');
  checkAttributes(attributes, 'getModelMasks');
  const kernels = new Map<string, Float32Array>();
  const layers = new Map(allLayers(model).map((layer) => [layer.name, layer]));
  for (const [name, layer] of attributes) {
    if (!layer.optimizable) continue;
    const found = layers.get(name);
    const kernel = found === undefined ? null : prunableKernel(found);
    if (kernel === null) throw new OptionError(`getModelMasks: the model has no layer '${name}' with a kernel`);
    if (layer.optimizationAttributes.pruning) requireZeros(found as tf.layers.Layer, 'getModelMasks');
    kernels.set(name, kernel.variable.dataSync<'float32'>().slice());
  }
  return masksOfKernels(kernels, attributes, sparsity, objective, options);
}

/** `getModelMasks` of plain numbers: kernels by layer name. */
export async function masksOfKernels(
  kernels: ReadonlyMap<string, Float32Array>,
  attributes: ModelAttributes,
  sparsity: number,
  objective: ObjectiveEstimator,
  options: MaskOptions = {},
): Promise<ModelMasks> {
  const where = 'getModelMasks';
  const { metric = 'l1', local = false, solver = 'CBC_MIP', timeLimit, normalization = 'full' } = options;
  const { say = console.warn } = options;
  checkSolver(solver, where);
  checkAttributes(attributes, where);
  checkObjective(objective, where);
  const derivativesOf = derivatives(metric, options, where);
  if (!(sparsity >= 0 && sparsity <= 1)) throw new OptionError(`${where}: sparsity ${sparsity} is not in 0 … 1`);
  if (normalization !== 'full' && normalization !== 'compat') {
    throw new OptionError(`${where}: normalization '${String(normalization)}' is none of full, compat`);
  }
  const layers = [...attributes.values()].filter((layer) => {
    const { weightSharing, structure } = layer.optimizationAttributes;
    if (layer.optimizable && weightSharing && structure === 'unstructured') {
      say(`${where}: Layer '${layer.name}' shares no weights: structure 'unstructured' has one in each group`);
    }
    return layer.optimizable && (layer.optimizationAttributes.pruning || sharesWeights(layer));
  });
  const grouped = layers.map((layer) => {
    const weights = kernels.get(layer.name);
    if (weights === undefined) throw new OptionError(`${where}: no weights of layer '${layer.name}'`);
    const isFull = normalization === 'full';
    const norms = !local && (isFull || layer.optimizationAttributes.structure !== 'pattern');
    return layerGroups(layer, weights, objective, {
      metric,
      derivatives: derivativesOf(layer),
      normalise: { norms, variances: !local && isFull },
    });
  });
  const dimensions = objective.dimensions.map((_, d) => d);
  const masks = new Map<string, Float32Array>();
  const offsets = new Map<string, Float32Array>();
  const resources = dimensions.map(() => 0);
  let optimal = true;
  for (const together of local ? grouped.map((one) => [one]) : grouped.length === 0 ? [] : [grouped]) {
    const items = together.flatMap(({ savings }) => savings);
    const capacity = dimensions.map((d) =>
      Math.floor((1 - sparsity) * together.reduce((sum, { layer }) => sum + objective.layerResources(layer)[d], 0)),
    );
    const solution = await solveKnapsack(
      {
        values: together.flatMap(({ values }) => Array.from(values)),
        weights: dimensions.map((d) => items.map((saving) => saving[d])),
        capacity,
      },
      { solver, ...(timeLimit !== undefined && { timeLimit }) },
    );
    optimal &&= solution.optimal;
    for (const item of solution.selected) {
      for (const d of dimensions) resources[d] += items[item][d];
    }
    const isKept = new Uint8Array(items.length);
    for (const item of solution.selected) isKept[item] = 1;
    let first = 0;
    for (const one of together) {
      const kept = isKept.subarray(first, first + one.groups.count);
      first += one.groups.count;
      masks.set(
        one.layer.name,
        Float32Array.from(one.groups.of, (group) => kept[group]),
      );
      offsets.set(one.layer.name, offsetsOf(one, kept));
    }
  }
  return { masks, offsets, resources, optimal };
}

/** Means of the shared groups, of the weights themselves (upstream takes those of the scores for patterns and blocks). */
function offsetsOf({ groups, weights, isShared }: LayerGroups, isKept: Uint8Array): Float32Array {
  const sums = new Float64Array(groups.count);
  const sizes = new Float64Array(groups.count);
  groups.of.forEach((group, j) => {
    sums[group] += weights[j];
    sizes[group]++;
  });
  return Float32Array.from(groups.of, (group) =>
    isKept[group] === 0 && isShared[group] === 1 ? sums[group] / sizes[group] : 0,
  );
}

function derivatives(
  metric: RankingMetric,
  { gradients, hessians }: MaskOptions,
  where: string,
): (layer: LayerAttributes) => ArrayLike<number> | null {
  if (!['l1', 'l2', 'oracle', 'saliency'].includes(metric)) {
    throw new OptionError(`${where}: metric '${String(metric)}' is none of l1, l2, oracle, saliency`);
  }
  if (metric === 'l1' || metric === 'l2') return () => null;
  const [given, needed] =
    metric === 'oracle'
      ? ([gradients, 'gradients (getModelGradients)'] as const)
      : ([hessians, 'hessians (getModelHessians)'] as const);
  if (given == null) throw new OptionError(`${where}: the metric ${metric} needs ${needed}`);
  return ({ name }) => {
    const found = given.get(name);
    if (found === undefined) throw new OptionError(`${where}: the metric ${metric} needs ${needed} of layer '${name}'`);
    return found;
  };
}
