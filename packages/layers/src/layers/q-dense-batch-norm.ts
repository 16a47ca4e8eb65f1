import type * as tf from '@tensorflow/tfjs';
import { matMul, mul } from '../ops/tf.ts';
import { type DenseWeights, FusedDense, type FusedDenseArgs, fusedDenseOptions } from './fused-dense.ts';
import { names, type OptionNames } from './option-list.ts';

/** Dense layer with the batch normalisation behind it folded into its weights; see `qDenseBatchNorm`. */
export class QDenseBatchNorm extends FusedDense {
  static readonly className = 'QDenseBatchNorm';
  static readonly options: OptionNames = names<FusedDenseArgs>('units', fusedDenseOptions);

  protected override floatWeights(rows: tf.Tensor2D | null): DenseWeights {
    const kernel = this.kernel.read() as tf.Tensor2D;
    const products = rows == null ? null : matMul(rows, kernel);
    const { scale, offset } = this.batchNorm.fuse(products, this.bias?.read() ?? null);
    return { kernel: mul(kernel, scale), bias: offset };
  }

  protected override hasBias(): boolean {
    return this.batchNorm.center;
  }

  protected override normalisedChannels(): number {
    return this.units;
  }
}

/**
 * Quantised dense layer followed by batch normalisation, as one matrix product (hgq2 §5.2, QEinsumDenseBatchnorm):
 * `activation(iq(x) · kq(W · s) + bq(β − mean · s))` with `s = γ / √(var + ε)`, `[batch, …, in] → [batch, …, units]`.
 *
 * In training `mean` and `var` are the moments of `iq(x) · W` over the batch, which the moving statistics follow;
 * inference and tracing use the moving ones. So training quantises what hardware will multiply with. β is the weight
 * `bias`, there if `center`. The reference ignores `epsilon` here (hgq2 §8.1, 9).
 *
 * @throws as `qDense` and `qBatchNormalization`.
 * @example
 * const y = qDenseBatchNorm({ units: 16, activation: 'relu' }).apply(x);
 */
export function qDenseBatchNorm(args: FusedDenseArgs): QDenseBatchNorm {
  return new QDenseBatchNorm(args);
}
