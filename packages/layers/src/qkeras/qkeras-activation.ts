import { seededRandom } from '@sp/quant/numeric';
import type * as tfTypes from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { knownOptions } from '../layers/known-options.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import { base, names, type OptionNames } from '../layers/option-list.ts';
import type { Shape } from '../layers/q-layer.ts';
import type { Lowered, LowerScope } from '../lower/lowered.ts';
import type { SelfLowering } from '../lower/self-lowering.ts';
import { callContext } from '../quantizer/call-context.ts';
import type { HasQuantizedTensors, QuantizedTensor } from '../quantizer/quantized-tensors.ts';
import { lowerQKerasActivation } from './lower-quantizer.ts';
import { quantizeTensor } from './quantize-tensor.ts';
import { type ActivationArgument, activationOf, activationText, type QKerasActivation } from './quantizer-argument.ts';
import { quantizerFormat } from './quantizer-format.ts';

/** Arguments of `qkerasActivation`. */
export interface QKerasActivationArgs extends LayerArgs {
  /** A quantizer (string form, data or Keras' configuration), or `'relu'`, `'linear'`. */
  readonly activation: ActivationArgument;
  /** Start of the random numbers of random quantizers. Default 0. */
  readonly seed?: number | null;
}

/** QKeras' `QActivation`; see `qkerasActivation`. */
export class QKerasActivationLayer extends tf.layers.Layer implements SelfLowering, HasQuantizedTensors {
  static readonly className = 'QKerasActivation';
  static readonly options: OptionNames = names<QKerasActivationArgs>(
    'activation',
    { ...base, activation: 0, seed: 0 },
    'qkerasActivation',
  );
  readonly activation: QKerasActivation;
  private readonly seed: number;
  private readonly random: () => number;

  constructor(args: QKerasActivationArgs) {
    super(knownOptions(args, new.target));
    this.activation = activationOf(args.activation, this.name);
    this.seed = args.seed ?? 0;
    this.random = seededRandom(this.seed);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tfTypes.Tensor | tfTypes.Tensor[], kwargs: { [key: string]: unknown }): tfTypes.Tensor {
    return tf.tidy(() => applyQKerasActivation(this.activation, [inputs].flat()[0], kwargs, this.random));
  }

  override getConfig(): tfTypes.serialization.ConfigDict {
    return { ...super.getConfig(), activation: activationText(this.activation), seed: this.seed };
  }

  quantizedTensors(): readonly QuantizedTensor[] {
    return outputTensors(this.activation, this.outputShape as Shape);
  }

  /** As input format or `.quantizer` behind what its function needs. */
  lowerInto(scope: LowerScope, [input]: readonly Lowered[]): readonly Lowered[] {
    return [lowerQKerasActivation(scope, input, this.activation, this.name)];
  }
}

/** The result of an activation that gives it a format. */
export function outputTensors(activation: QKerasActivation, outputShape: Shape): readonly QuantizedTensor[] {
  const formats = activation.kind === 'quantizer' ? quantizerFormat(activation.quantizer) : null;
  const shape = outputShape.slice(1).map((extent) => extent ?? 1);
  return formats == null ? [] : [{ role: 'output', shape, formats }];
}

/** The activation of a layer on a tensor. */
export function applyQKerasActivation(
  activation: QKerasActivation,
  x: tfTypes.Tensor,
  kwargs: { readonly [key: string]: unknown },
  random: () => number,
): tfTypes.Tensor {
  if (activation.kind === 'function') return activation.name === 'relu' ? tf.relu(x) : x;
  return quantizeTensor(activation.quantizer, x, { training: callContext(kwargs) === 'training', random });
}

/**
 * QKeras' `QActivation`: any quantizer on its input.
 *
 * @example
 * const y = qkerasActivation({ activation: 'quantized_relu(6,2)' }).apply(x);
 */
export function qkerasActivation(args: QKerasActivationArgs): QKerasActivationLayer {
  return new QKerasActivationLayer(args);
}
