import { roundHalfEven, seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { knownOptions } from '../layers/known-options.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import { base, names, type OptionNames } from '../layers/option-list.ts';
import type { Shape } from '../layers/q-layer.ts';
import { LowerError, type Lowered, type LowerScope } from '../lower/lowered.ts';
import type { SelfLowering } from '../lower/self-lowering.ts';
import { callContext } from '../quantizer/call-context.ts';
import { qkerasQuantizer } from './make-quantizer.ts';
import { quantizeTensor } from './quantize-tensor.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/** Arguments of `qkerasAdaptiveActivation`. */
export interface QKerasAdaptiveActivationArgs extends LayerArgs {
  readonly activation: 'quantized_bits' | 'quantized_relu';
  readonly totalBits: number;
  /** Only of `quantized_bits`. Default true. */
  readonly symmetric?: boolean | null;
  /** Weight of the old range in a training step. Default 0.9999. */
  readonly emaDecay?: number | null;
  /** Default 0: none. Only of `quantized_relu`. */
  readonly reluNegativeSlope?: number | null;
}

/** QKeras' `QAdaptiveActivation`: integer bits follow a moving average of the range, per tensor. */
export class QKerasAdaptiveActivation extends tf.layers.Layer implements SelfLowering {
  static readonly className = 'QKerasAdaptiveActivation';
  static readonly options: OptionNames = names<QKerasAdaptiveActivationArgs>(
    'activation',
    { ...base, activation: 0, totalBits: 0, symmetric: 0, emaDecay: 0, reluNegativeSlope: 0 },
    'qkerasAdaptiveActivation',
  );
  private readonly args: QKerasAdaptiveActivationArgs;
  private readonly random: () => number = seededRandom(0);
  private range: { readonly min: tf.LayerVariable; readonly max: tf.LayerVariable } | null = null;

  constructor(args: QKerasAdaptiveActivationArgs) {
    super(knownOptions(args, new.target));
    this.args = args;
    if (!['quantized_bits', 'quantized_relu'].includes(args.activation)) {
      throw new LayerError(
        `Layer '${this.name}': activation = '${args.activation}'; expected 'quantized_bits' or 'quantized_relu'.`,
        { option: 'activation', value: args.activation },
      );
    }
    this.quantizerFor(0);
  }

  override build(): void {
    const zeros = tf.initializers.zeros();
    this.range = {
      min: this.addWeight('ema_min', [1], 'float32', zeros, undefined, false),
      max: this.addWeight('ema_max', [1], 'float32', zeros, undefined, false),
    };
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0];
      const training = callContext(kwargs) === 'training';
      if (training && this.trainable && this.range != null) {
        const decay = this.args.emaDecay ?? 0.9999;
        for (const [end, value] of [
          ['min', tf.min(x)],
          ['max', tf.max(x)],
        ] as const) {
          const old = this.range[end];
          old.write(tf.add(tf.mul(old.read(), decay), tf.mul(tf.reshape(value, [1]), 1 - decay)));
        }
      }
      return quantizeTensor(this.quantizer, x, { training, random: this.random });
    });
  }

  /** The quantizer that the range seen so far gives. */
  get quantizer(): QKerasQuantizer {
    const [min, max] =
      this.range == null ? [0, 0] : [this.range.min.read().dataSync()[0], this.range.max.read().dataSync()[0]];
    const unsigned = this.args.totalBits - (this.args.activation === 'quantized_bits' ? 1 : 0);
    // Magnitudes of both ends, as upstream; of a relu only what is positive.
    const signed = this.args.activation === 'quantized_bits';
    const reach = [min, max].map((end) => {
      const size = signed ? Math.abs(end) : Math.max(end, 0);
      if (size === 0) return 0;
      const bits = Math.max(0, roundHalfEven(Math.log2(size)));
      // A range cut by more than its last step gets one bit more.
      return size > 2 ** bits - 2 ** (bits - unsigned) ? bits + 1 : bits;
    });
    return this.quantizerFor(Math.min(this.args.totalBits, Math.max(...reach)));
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { activation, totalBits, symmetric = true, emaDecay = 0.9999, reluNegativeSlope = 0 } = this.args;
    return { ...super.getConfig(), activation, totalBits, symmetric, emaDecay, reluNegativeSlope };
  }

  /** @throws LowerError always */
  lowerInto(_scope: LowerScope): readonly Lowered[] {
    throw new LowerError(
      this.name,
      'QAdaptiveActivation is not supported by the conversion.',
      `Replace it by qkerasActivation with ${this.args.activation} and the integer bits it found.`,
    );
  }

  private quantizerFor(integer: number): QKerasQuantizer {
    const { activation, totalBits, symmetric, reluNegativeSlope } = this.args;
    return activation === 'quantized_bits'
      ? qkerasQuantizer(activation, { bits: totalBits, integer, symmetric: symmetric ?? true, alpha: 1 })
      : qkerasQuantizer(activation, { bits: totalBits, integer, negative_slope: reluNegativeSlope ?? 0 });
  }
}

/** QKeras' `QAdaptiveActivation`. */
export const qkerasAdaptiveActivation = (args: QKerasAdaptiveActivationArgs): QKerasAdaptiveActivation =>
  new QKerasAdaptiveActivation(args);
