import type * as tf from '@tensorflow/tfjs';
import { mul } from '../ops/tf.ts';
import { type BatchNormArgs, BatchNormState, batchNormOptions } from './batch-norm-state.ts';
import { knownOptions } from './known-options.ts';
import { names, type OptionNames, without } from './option-list.ts';
import { type ConvWeights, QConv, type QConvArgs, qConvOptions } from './q-conv.ts';
import type { Shape } from './q-layer.ts';

/** Arguments of `qConv2DBatchNorm`; the initial offset is `biasInitializer`. */
export interface QConv2DBatchNormArgs extends Omit<QConvArgs, 'useBias'>, Omit<BatchNormArgs, 'betaInitializer'> {}

/** Convolution with the batch normalisation behind it folded into its weights; see `qConv2DBatchNorm`. */
export class QConv2DBatchNorm extends QConv {
  static readonly className = 'QConv2DBatchNorm';
  static readonly options: OptionNames = names<QConv2DBatchNormArgs>('filters', {
    ...without(qConvOptions, 'useBias'),
    ...batchNormOptions,
  });
  readonly batchNorm: BatchNormState;

  constructor(args: QConv2DBatchNormArgs) {
    super({ ...knownOptions(args, new.target), useBias: args.center ?? true }, 2, true);
    this.batchNorm = new BatchNormState(args, `Layer '${this.name}'`);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { useBias: _, ...conv } = super.getConfig();
    const { betaInitializer: __, ...batchNorm } = this.batchNorm.config();
    return { ...conv, ...batchNorm };
  }

  protected override buildInner(inputs: Shape[]): void {
    super.buildInner(inputs);
    this.batchNorm.build(
      this.settings.filters,
      (name, size, initializer, trainable) =>
        this.addWeight(name, [size], 'float32', initializer, undefined, trainable),
      false,
    );
  }

  protected override floatWeights(x: tf.Tensor | null): ConvWeights {
    const kernel = this.kernel.read();
    const products = x == null ? null : this.convolve(x, kernel);
    const { scale, offset } = this.batchNorm.fuse(products, this.bias?.read() ?? null);
    return { kernel: mul(kernel, scale), bias: offset };
  }
}

/**
 * Quantised convolution followed by batch normalisation per filter, as one convolution:
 * `activation(conv(iq(x), kq(W · s)) + bq(β − mean · s))` with `s = γ / √(var + ε)`. Geometry as in `qConv2D`.
 *
 * In training `mean` and `var` are the moments of `conv(iq(x), W)` over batch and positions, which the moving statistics
 * follow; inference and tracing use the moving ones. β is the weight `bias`, there if `center`.
 *
 * @throws as `qConv2D` and `qBatchNormalization`.
 * @example
 * const y = qConv2DBatchNorm({ filters: 8, kernelSize: 3, activation: 'relu' }).apply(x);
 */
export function qConv2DBatchNorm(args: QConv2DBatchNormArgs): QConv2DBatchNorm {
  return new QConv2DBatchNorm(args);
}
