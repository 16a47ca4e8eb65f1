import { lower } from '@sp/layers';
import type { LowerOptions } from '@sp/layers/internal';
import type { FixedGraph } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { OptionError } from '../../option-error.ts';
import { kernelTerms } from './adder-objective.ts';
import type { GroupChoice } from './ebops-objective.ts';
import { NOT_OPTIMIZABLE, type ObjectiveEstimator, prunedAs } from './objective-estimator.ts';

/** What nodes of a graph cost, by the layer they came from; as `estimate(plan(graph, config)).nodes` of `@sp/hls` has it. */
export type FirmwareCosts<Resource extends string> = (
  graph: FixedGraph,
) => readonly ({ readonly layer: string } & { readonly [name in Resource]: number })[];

/** How to cost, and which groups to save. */
export interface FirmwareObjectiveOptions extends GroupChoice {
  /** For lowering the model. */
  readonly lower?: LowerOptions;
}

/** Costs are counted in parts, so that single weights cost whole numbers. */
const PARTS = 1000;

/**
 * Saves what firmware is estimated to need: LUTs, flip-flops, DSPs, multipliers, or clock cycles. The model is lowered and costed once, when the objective is
 * made; what a layer needs is then shared out among its weights by the terms of the sums that they bring.
 *
 * @param resource name of a number of every node
 * @param costs of a graph: this package knows no hardware, the caller brings it
 * @throws OptionError if no layer with a kernel costs anything, or a cost is no number ≥ 0; errors of `lower` and of `costs`
 * @example
 * import { estimate, plan } from '@sp/hls';
 * const saveLut = firmwareObjective('lut', model, (graph) => estimate(plan(graph, config)).nodes);
 */
export function firmwareObjective<Resource extends string>(
  resource: Resource,
  model: tf.LayersModel,
  costs: FirmwareCosts<Resource>,
  { lower: lowerOptions, ...choice }: FirmwareObjectiveOptions = {},
): ObjectiveEstimator {
  checkModel(model, 'firmwareObjective');
  const terms = kernelTerms(model);
  const totals = new Map<string, number>();
  for (const node of costs(lower(model, lowerOptions))) {
    const cost: number = node[resource];
    if (!(Number.isFinite(cost) && cost >= 0)) {
      throw new OptionError(
        `firmwareObjective: ${resource} of layer '${node.layer}' is ${cost}; expected a number ≥ 0`,
      );
    }
    if (terms.has(node.layer)) totals.set(node.layer, (totals.get(node.layer) ?? 0) + cost);
  }
  if (![...totals.values()].some((cost) => cost > 0)) {
    throw new OptionError(`firmwareObjective: no layer with a kernel has any ${resource}; there is nothing to save`);
  }
  const partsOf = (name: string): number => Math.round((totals.get(name) ?? 0) * PARTS);
  return {
    name: resource,
    dimensions: [`${resource} / ${PARTS}`],
    isLayerOptimizable: ({ name, kind }) => (kind === null || partsOf(name) === 0 ? NOT_OPTIMIZABLE : prunedAs(choice)),
    layerResources: ({ name }) => [partsOf(name)],
    layerSavings: ({ name, weightShape, optimizationAttributes }) => {
      const size = weightShape.reduce((product, extent) => product * extent, 1);
      return [optimizationAttributes.pruning ? Math.floor(partsOf(name) / size) : 0];
    },
    groupSavings: ({ name, optimizationAttributes }, groups) => {
      const list = terms.get(name);
      if (list === undefined || !optimizationAttributes.pruning) return Array.from({ length: groups.count }, () => [0]);
      const sums = new Float64Array(groups.count);
      let all = 0;
      list.forEach((count, j) => {
        sums[groups.of[j]] += count;
        all += count;
      });
      return Array.from(sums, (count) => [Math.floor((partsOf(name) * count) / all)]);
    },
  };
}
