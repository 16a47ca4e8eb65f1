import type * as tf from '@tensorflow/tfjs';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { scaleOffsetCost } from '../ebops/scale-cost.ts';
import { LayerError } from '../layer-error.ts';
import { add, fill, mul, reshape, transpose } from '../ops/tf.ts';
import { sizeOf } from '../quantizer/broadcast.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type BatchNormArgs, BatchNormState, batchNormOptions, type Fused } from './batch-norm-state.ts';
import { names, type OptionNames } from './option-list.ts';
import {
  QLayer,
  type QLayerArgs,
  type QuantizerLike,
  qLayerOptions,
  quantizerConfigOf,
  type Shape,
} from './q-layer.ts';

/** Arguments of `qBatchNormalization`. */
export interface QBatchNormalizationArgs extends BatchNormArgs, QLayerArgs {
  /** Axis of the channels, batch axis 0 included. Default −1. */
  readonly axis?: number | null;
  /** The offset without `center`. Default 0; HGQ2's layers have 1. */
  readonly fixedOffset?: number | null;
  /** Quantizer of the fused scale; place `weight`. */
  readonly kqConf?: QuantizerLike | null;
  /** Quantizer of the fused offset; place `bias`. */
  readonly bqConf?: QuantizerLike | null;
}

/** Batch normalisation with a quantised fused scale and offset; see `qBatchNormalization`. */
export class QBatchNormalization extends QLayer {
  static readonly className = 'QBatchNormalization';
  static readonly options: OptionNames = names<QBatchNormalizationArgs>('axis', {
    ...qLayerOptions,
    kqConf: 0,
    bqConf: 0,
    ...batchNormOptions,
    betaInitializer: 0,
    axis: 0,
    fixedOffset: 0,
  });
  readonly batchNorm: BatchNormState;
  readonly kq: Quantizer;
  readonly bq: Quantizer;
  private readonly axis: number;
  private readonly fixedOffset: number;
  private operandShape: readonly number[] = [];

  constructor(args: QBatchNormalizationArgs = {}) {
    super(args);
    this.axis = args.axis ?? -1;
    this.fixedOffset = args.fixedOffset ?? 0;
    this.batchNorm = new BatchNormState(args, `Layer '${this.name}'`);
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.bq = this.quantizer('bq', args.bqConf, 'bias');
  }

  /** The scale and offset that inference quantises and uses, from the moving statistics. Call it in a tidy. */
  deployedWeights(): Fused {
    return this.fuse(null);
  }

  /** Axis of the channels counted from 0, batch included. Known after the layer was built. */
  get channelAxis(): number {
    return this.axis < 0 ? this.axis + this.operandShape.length : this.axis;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.batchNorm.config(),
      axis: this.axis,
      fixedOffset: this.fixedOffset,
      kqConf: quantizerConfigOf(this.kq),
      bqConf: quantizerConfigOf(this.bq),
    };
  }

  protected override buildInner([input]: Shape[]): void {
    const where = `Layer '${this.name}'`;
    const axis = this.axis < 0 ? this.axis + input.length : this.axis;
    if (!Number.isInteger(axis) || axis < 1 || axis >= input.length) {
      throw new LayerError(
        `${where}: axis = ${this.axis}; expected an axis from 1 to ${input.length - 1} of [${input.join(', ')}], or from the end.`,
        { option: 'axis', value: this.axis },
      );
    }
    const channels = input[axis];
    if (channels == null) {
      throw new LayerError(
        `${where}: input shape [${input.join(', ')}] needs a known size of axis ${axis}. Give inputShape.`,
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
    const { scale, offset } = this.fuse(context === 'training' && this.trainable ? x : null);
    const along = this.operandShape.map((extent, axis) => (axis === this.channelAxis ? extent : 1));
    const aligned = (weights: tf.Tensor): tf.Tensor =>
      this.channelAxis === along.length - 1 ? weights : reshape(weights, along);
    return add(mul(x, aligned(this.kq.call(scale, context))), aligned(this.bq.call(offset, context)));
  }

  private fuse(x: tf.Tensor | null): Fused {
    const rank = this.operandShape.length;
    const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== this.channelAxis);
    const batch = x == null || this.channelAxis === rank - 1 ? x : transpose(x, [...others, this.channelAxis]);
    const { center } = this.batchNorm;
    return center || this.fixedOffset === 0
      ? this.batchNorm.fuse(batch)
      : this.batchNorm.fuse(batch, fill([this.operandShape[this.channelAxis]], this.fixedOffset));
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return { kq: this.kq, bq: this.bq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, bq, operandShape } = this;
    const channels = [operandShape[this.channelAxis]];
    if (iq == null) return [];
    return [
      { quantizer: iq, shape: operandShape },
      { quantizer: kq, shape: channels },
      { quantizer: bq, shape: channels },
    ];
  }

  protected override costFunction(): CostFunction {
    const channels = this.operandShape[this.channelAxis];
    const inner = sizeOf(this.operandShape.slice(this.channelAxis + 1));
    return scaleOffsetCost(sizeOf(this.operandShape) / channels, channels, inner);
  }
}

/**
 * Quantised batch normalisation of the channels along an axis (hgq2 §5.2): `iq(x) · kq(s) + bq(o)` with the fused scale
 * `s = γ / √(var + ε)` and offset `o = β − mean · s`, so that hardware multiplies and adds once per value. Training
 * normalises with the moments of the batch, and the moving statistics follow them; inference and tracing use the moving
 * statistics. A layer with `trainable` false always does. Any shape.
 *
 * Without `center` the offset is `−mean · s`; the reference adds 1 (hgq2 §8.1, 8), and so does `fixedOffset: 1`.
 *
 * @throws on an axis that does not exist, momentum outside 0 … 1 and negative epsilon.
 * @example
 * const y = qBatchNormalization({ iqConf: { heterogeneousAxis: [-1] } }).apply(x);
 */
export function qBatchNormalization(args: QBatchNormalizationArgs = {}): QBatchNormalization {
  return new QBatchNormalization(args);
}
