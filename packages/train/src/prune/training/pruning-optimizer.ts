import type * as tf from '@tensorflow/tfjs';
import type { Optimizer, Parameter } from '../../engine/optimizer.ts';
import { OptionError } from '../../option-error.ts';
import { requireZeros } from '../attributes/zero-weights.ts';
import type { ModelMasks } from '../masks/get-model-masks.ts';
import { layersByName } from '../objectives/deployed-kernel.ts';
import { groupPenalty, type PenaltySettings } from '../regularize/group-penalty.ts';
import { trainedKernels } from './kernel-index.ts';

/** What to do to kernels in every step; by layer name. */
export interface PruningRules {
  /** Weights with mask 0 stay at their offset, exactly; without offsets, at what they are. */
  readonly masks?: FixedWeights | null;
  /** Penalties whose gradients are added to those of the loss. The loss that is reported is without them. */
  readonly penalties?: ReadonlyMap<string, PenaltySettings> | null;
}

/** Masks, and what weights with mask 0 are. */
export type FixedWeights = Pick<ModelMasks, 'masks'> & Partial<Pick<ModelMasks, 'offsets'>>;

/**
 * An optimizer that keeps masks and offsets exact and adds penalties of groups: whatever computes the gradients, `fit` on the fused engine included.
 *
 * Gradients of fixed weights become 0 before the step, so that they do not count when gradients are clipped and leave no momentum; after the
 * step the fixed weights are what they have to be, whatever momentum, decay or constraints would make of them. Biases are free. Formats of fixed weights, one per
 * weight, are fixed too (`releaseBits`).
 *
 * @param optimizer what makes the steps; its state is this one's state
 * @throws OptionError for layers that the model lacks or that are frozen, masks of another size, and zeros where weights cannot be 0
 * @example
 * await fit(model, data, { epochs: 5, optimizer: pruningOptimizer(adam(), model, { masks }) });
 */
export function pruningOptimizer(optimizer: Optimizer, model: tf.LayersModel, rules: PruningRules): Optimizer {
  const where = 'pruningOptimizer';
  const masks = rules.masks?.masks ?? new Map<string, Float32Array>();
  const penalties = rules.penalties ?? new Map<string, PenaltySettings>();
  const layers = layersByName(model);
  const kernels = trainedKernels(model, new Set([...masks.keys(), ...penalties.keys()]), where).map((kernel) => {
    const mask = masks.get(kernel.layer) ?? null;
    const offset = rules.masks?.offsets?.get(kernel.layer) ?? null;
    const size = kernel.shape.reduce((product, extent) => product * extent, 1);
    if (mask?.some((bit, j) => bit === 0 && offset !== null && offset[j] === 0)) {
      requireZeros(layers.get(kernel.layer) as tf.layers.Layer, where);
    }
    for (const [name, list] of Object.entries({ mask, offset })) {
      if (list !== null && list.length !== size) {
        throw new OptionError(
          `${where}: the ${name} of '${kernel.layer}' has ${list.length} numbers for ${size} weights`,
        );
      }
    }
    return { ...kernel, mask, offset, penalty: penalties.get(kernel.layer) ?? null };
  });
  return {
    step(parameters, learningRate) {
      const fixed = kernels.flatMap(({ index, formats, kind, shape, mask, offset, penalty, layer }) => {
        const { values, gradient } = parameterAt(parameters, index, where);
        if (penalty !== null) {
          const { gradient: slopes } = groupPenalty(kind, shape, values, penalty, `Layer '${layer}'`);
          for (let j = 0; j < gradient.length; j++) gradient[j] += slopes[j];
        }
        if (mask === null) return [];
        return [index, ...formats].map((place) => {
          const parameter = parameterAt(parameters, place, where);
          for (let j = 0; j < mask.length; j++) if (mask[j] === 0) parameter.gradient[j] = 0;
          return { place, mask, stay: place === index && offset !== null ? offset : parameter.values.slice() };
        });
      });
      optimizer.step(parameters, learningRate);
      for (const { place, mask, stay } of fixed) {
        const { values } = parameters[place];
        for (let j = 0; j < mask.length; j++) if (mask[j] === 0) values[j] = stay[j];
      }
    },
    state: () => optimizer.state(),
    restore: (state) => optimizer.restore(state),
  };
}

function parameterAt(parameters: readonly Parameter[], index: number, where: string): Parameter {
  const parameter = parameters[index];
  if (parameter === undefined) {
    throw new OptionError(
      `${where}: a step of ${parameters.length} parameters has none at ${index}; was another model given, or were layers frozen since?`,
    );
  }
  return parameter;
}
