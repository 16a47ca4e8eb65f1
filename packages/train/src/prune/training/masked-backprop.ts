import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from '../../engine/optimizer.ts';
import { adam } from '../../fit/adam.ts';
import { checkModel } from '../../fit/check-model.ts';
import { runLayers } from '../../fit/run-layers.ts';
import { refuseNaN } from '../../fit/train-step.ts';
import { OptionError } from '../../option-error.ts';
import type { ModelAttributes } from '../attributes/layer-attributes.ts';
import { inTidy } from '../in-tidy.ts';
import { type FixedWeights, pruningOptimizer } from './pruning-optimizer.ts';
import type { TensorLoss } from './tensor-loss.ts';

/** How `MaskedBackprop` steps. */
export interface MaskedBackpropOptions {
  /** Default `adam()`. */
  readonly optimizer?: Optimizer;
  /** Default 1e-3. */
  readonly learningRate?: number;
}

/**
 * Training steps that leave masked weights as they are (hls4ml §1.9), for a loop of your own with any loss. `fit` does the same, many times
 * faster for models that the fused engine knows, with `optimizer: pruningOptimizer(adam(), model, { masks })`.
 *
 * Masks of layers that are not optimizable do not count. New masks hold from the next step on, also at the same sparsity (upstream's do not).
 */
export class MaskedBackprop {
  private readonly model: tf.LayersModel;
  private readonly loss: TensorLoss;
  private readonly attributes: ModelAttributes;
  private readonly optimizer: Optimizer;
  private readonly learningRate: number;
  private masked: Optimizer;

  /** @throws OptionError for what is no model of one input and one output */
  constructor(
    model: tf.LayersModel,
    loss: TensorLoss,
    attributes: ModelAttributes,
    { optimizer = adam(), learningRate = 1e-3 }: MaskedBackpropOptions = {},
  ) {
    checkModel(model, 'MaskedBackprop');
    if (model instanceof tf.Sequential && !model.built) model.build();
    if (model.inputs.length !== 1 || model.outputs.length !== 1) {
      throw new OptionError(
        `MaskedBackprop: the model has ${model.inputs.length} inputs and ${model.outputs.length} outputs; it trains models with one of each`,
      );
    }
    this.model = model;
    this.loss = loss;
    this.attributes = attributes;
    this.optimizer = optimizer;
    this.learningRate = learningRate;
    this.masked = optimizer;
  }

  /**
   * Replaces the masks. Weights with mask 0 stay at their offsets, without offsets at what they are.
   *
   * @throws OptionError for layers that the model lacks and masks of another size
   */
  updateMasks({ masks, offsets }: FixedWeights): void {
    const own = new Map([...masks].filter(([name]) => this.attributes.get(name)?.optimizable === true));
    this.masked = pruningOptimizer(this.optimizer, this.model, { masks: { masks: own, ...(offsets && { offsets }) } });
  }

  /**
   * One step.
   *
   * @param _sparsity as upstream's signature has it; without effect
   * @returns the loss before the step, with the losses that layers add
   * @throws TrainingError if loss, weights or gradients are not finite
   */
  call(x: tf.Tensor, y: tf.Tensor, _sparsity?: number): number {
    const { model } = this;
    return inTidy(() => {
      const weights = model.trainableWeights;
      const variables = weights.map((weight) => weight.read() as tf.Variable);
      const total = (): tf.Scalar => {
        const data = tf.mean(this.loss(y, runLayers(model, x, { training: true }))) as tf.Scalar;
        return model.calculateLosses().reduce<tf.Scalar>((sum, next) => tf.add(sum, next), data);
      };
      const { value, grads } = tf.variableGrads(total, variables);
      const loss = value.dataSync()[0];
      const parameters = weights.map(({ originalName: name }, j) => ({
        name,
        values: variables[j].dataSync<'float32'>().slice(),
        gradient: grads[variables[j].name]?.dataSync<'float32'>().slice() ?? new Float32Array(variables[j].size),
        rate: 1,
      }));
      refuseNaN({ loss, lossTask: loss, correct: 0 }, parameters);
      this.masked.step(parameters, this.learningRate);
      for (const [j, { values }] of parameters.entries()) variables[j].assign(tf.tensor(values, variables[j].shape));
      return loss;
    });
  }
}
