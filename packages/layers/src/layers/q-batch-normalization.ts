import type * as tf from '@tensorflow/tfjs';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { scaleOffsetCost } from '../ebops/scale-cost.ts';
import { LayerError } from '../layer-error.ts';
import { add, mul } from '../ops/tf.ts';
import { sizeOf } from '../quantizer/broadcast.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type BatchNormArgs, BatchNormState, type Fused } from './batch-norm-state.ts';
import { QLayer, type QLayerArgs, type QuantizerLike, quantizerConfigOf, type Shape } from './q-layer.ts';

/** Arguments of `qBatchNormalization`. */
export interface QBatchNormalizationArgs extends BatchNormArgs, QLayerArgs {
  /** Axis of the channels: only the last one. Default −1. */
  readonly axis?: number | null;
  /** Quantizer of the fused scale; place `weight`. */
  readonly kqConf?: QuantizerLike | null;
  /** Quantizer of the fused offset; place `bias`. */
  readonly bqConf?: QuantizerLike | null;
}

/** Batch normalisation with a quantised fused scale and offset; see `qBatchNormalization`. */
export class QBatchNormalization extends QLayer {
  static readonly className = 'QBatchNormalization';
  readonly batchNorm: BatchNormState;
  readonly kq: Quantizer;
  readonly bq: Quantizer;
  private readonly axis: number;
  private operandShape: readonly number[] = [];

  constructor(args: QBatchNormalizationArgs = {}) {
    super(args);
    this.axis = args.axis ?? -1;
    this.batchNorm = new BatchNormState(args, `Layer '${this.name}'`);
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.bq = this.quantizer('bq', args.bqConf, 'bias');
  }

  /** The scale and offset that inference quantises and uses, from the moving statistics. Call it in a tidy. */
  deployedWeights(): Fused {
    return this.batchNorm.fuse(null);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.batchNorm.config(),
      axis: this.axis,
      kqConf: quantizerConfigOf(this.kq),
      bqConf: quantizerConfigOf(this.bq),
    };
  }

  protected override buildInner([input]: Shape[]): void {
    const where = `Layer '${this.name}'`;
    const channels = input[input.length - 1];
    if (input.length < 2 || channels == null) {
      throw new LayerError(
        `${where}: input shape [${input.join(', ')}] needs a last axis of known size. Give inputShape.`,
      );
    }
    if (this.axis !== -1 && this.axis !== input.length - 1) {
      throw new LayerError(
        `${where}: axis = ${this.axis}; only the last axis (-1) can be normalised. Move the channels there.`,
        { option: 'axis', value: this.axis },
      );
    }
    this.operandShape = [1, ...input.slice(1).map((extent) => extent ?? 1)];
    this.batchNorm.build(
      channels,
      (name, size, initializer, trainable) =>
        this.addWeight(name, [size], 'float32', initializer, undefined, trainable),
      true,
    );
    this.kq.build([channels], this.variablesOf('kq'));
    this.bq.build([channels], this.variablesOf('bq'));
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const x = this.quantisedInput(input, context);
    const { scale, offset } = this.batchNorm.fuse(context === 'training' && this.trainable ? x : null);
    return add(mul(x, this.kq.call(scale, context)), this.bq.call(offset, context));
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return { kq: this.kq, bq: this.bq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, bq, operandShape } = this;
    const channels = [operandShape[operandShape.length - 1]];
    if (iq == null) return [];
    return [
      { quantizer: iq, shape: operandShape },
      { quantizer: kq, shape: channels },
      { quantizer: bq, shape: channels },
    ];
  }

  protected override costFunction(): CostFunction {
    const channels = this.operandShape[this.operandShape.length - 1];
    return scaleOffsetCost(sizeOf(this.operandShape) / channels, channels);
  }
}

/**
 * Quantised batch normalisation over the last axis (hgq2 §5.2): `iq(x) · kq(s) + bq(o)` with the fused scale
 * `s = γ / √(var + ε)` and offset `o = β − mean · s`, so that hardware multiplies and adds once per value. Training
 * normalises with the moments of the batch, and the moving statistics follow them; inference and tracing use the moving
 * statistics. A layer with `trainable` false always does. Any shape `[batch, …, channels]`.
 *
 * Without `center` the offset is `−mean · s`; the reference adds 1 (hgq2 §8.1, 8).
 *
 * @throws on another axis than the last, momentum outside 0 … 1 and negative epsilon.
 * @example
 * const y = qBatchNormalization({ iqConf: { heterogeneousAxis: [-1] } }).apply(x) as tf.SymbolicTensor;
 */
export function qBatchNormalization(args: QBatchNormalizationArgs = {}): QBatchNormalization {
  return new QBatchNormalization(args);
}
