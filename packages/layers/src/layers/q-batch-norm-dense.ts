import type * as tf from '@tensorflow/tfjs';
import { add, matMul, mul, reshape } from '../ops/tf.ts';
import { type DenseWeights, FusedDense, type FusedDenseArgs, fusedDenseOptions } from './fused-dense.ts';
import { knownOptions } from './known-options.ts';
import { names, type OptionNames, without } from './option-list.ts';

/** Arguments of `qBatchNormDense`. */
export interface QBatchNormDenseArgs extends Omit<FusedDenseArgs, 'center'> {
  /** Shift by `mean · W` as HGQ2 does, without the scale. Default false: the normalisation as it should be. */
  readonly unscaledMean?: boolean | null;
}

/** Dense layer with the batch normalisation before it folded into its weights; see `qBatchNormDense`. */
export class QBatchNormDense extends FusedDense {
  static readonly className = 'QBatchNormDense';
  static readonly options: OptionNames = names<QBatchNormDenseArgs>('units', {
    ...without(fusedDenseOptions, 'center'),
    unscaledMean: 0,
  });

  private readonly unscaledMean: boolean;

  constructor(args: QBatchNormDenseArgs) {
    super({ ...knownOptions(args, new.target), center: false });
    this.unscaledMean = args.unscaledMean ?? false;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { center: _, ...config } = super.getConfig();
    return { ...config, unscaledMean: this.unscaledMean };
  }

  protected override floatWeights(rows: tf.Tensor2D | null): DenseWeights {
    const kernel = this.kernel.read() as tf.Tensor2D;
    const { scale, offset: scaled, mean } = this.batchNorm.fuse(rows, null);
    const offset = this.unscaledMean ? mul(mean, -1) : scaled;
    const inputs = offset.shape[0];
    const shift = reshape(matMul(reshape(offset, [1, inputs]) as tf.Tensor2D, kernel), [this.units]);
    const bias = this.bias == null ? shift : add(shift, this.bias.read());
    return { kernel: mul(kernel, reshape(scale, [inputs, 1])), bias: bias as tf.Tensor1D };
  }

  protected override hasBias(): boolean {
    return true;
  }

  protected override normalisedChannels(inputs: number): number {
    return inputs;
  }
}

/**
 * Batch normalisation of the input features followed by a quantised dense layer, as one matrix product (hgq2 §5.2):
 * `activation(iq(x) · kq(s · W) + bq(bias − (mean · s) · W))` with `s = γ / √(var + ε)`. In training `mean` and `var`
 * are the moments of `iq(x)` over the batch, otherwise the moving ones. The normalisation's own offset would only add to
 * the bias, so there is none.
 *
 * The reference subtracts `mean · W` without the scale, which is right for `s = 1` only (hgq2 §8.1, 9); layers from its
 * files keep that (`unscaledMean`).
 *
 * @throws as `qDense` and `qBatchNormalization`.
 */
export function qBatchNormDense(args: QBatchNormDenseArgs): QBatchNormDense {
  return new QBatchNormDense(args);
}
