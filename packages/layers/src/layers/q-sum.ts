import { isPowerOfTwo, roundHalfEven } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { additionWeight } from '../ebops/merge-cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { groupSumCost } from '../ebops/sum-cost.ts';
import { LayerError } from '../layer-error.ts';
import { axisSum, dataAxes, keptShape } from '../ops/axis-sum.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type Names, names, type OptionNames } from './option-list.ts';
import { QLayer, type QLayerArgs, qLayerOptions, type Shape } from './q-layer.ts';

/** Arguments of `qMeanPow2`. */
export interface QMeanPow2Args extends QLayerArgs {
  /** Axes to sum over; 0 is the batch, which cannot be. Default −1. */
  readonly axes?: number | readonly number[] | null;
  /** Whether the summed axes stay with size 1. Default false. */
  readonly keepDims?: boolean | null;
}

const options: Names<QMeanPow2Args> = { ...qLayerOptions, axes: 0, keepDims: 0 };

/** Arguments of `qSum`. */
export interface QSumArgs extends QMeanPow2Args {
  /** Factor on the sum, a power of two. Default 1. */
  readonly scale?: number | null;
}

/** What the two sums share. */
abstract class QAxisSum extends QLayer {
  readonly axes: number | readonly number[];
  readonly keepDims: boolean;
  private shape: readonly number[] = [];

  constructor(args: QMeanPow2Args) {
    super(args);
    this.axes = args.axes ?? -1;
    this.keepDims = args.keepDims ?? false;
  }

  /** Axes counted from 0, batch included. Known after the layer was built. */
  get summedAxes(): readonly number[] {
    return this.axesOf(this.shape);
  }

  /** Factor on the sum. */
  abstract get scale(): number;

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape;
    const axes = this.axesOf(shape);
    if (this.keepDims) return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    return shape.filter((_, axis) => !axes.includes(axis));
  }

  override getConfig(): tf.serialization.ConfigDict {
    const axes = typeof this.axes === 'number' ? this.axes : [...this.axes];
    return { ...super.getConfig(), axes, keepDims: this.keepDims };
  }

  protected override buildInner([input]: Shape[]): void {
    if (input.slice(1).some((extent) => extent == null)) {
      throw new LayerError(
        `Layer '${this.name}': input shape [${input.join(', ')}] is not fixed. Give all sizes but the batch.`,
      );
    }
    this.axesOf(input);
    this.shape = [1, ...(input.slice(1) as number[])];
  }

  protected override forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    return axisSum(this.quantisedInput(x, context), this.summedAxes, this.keepDims, this.scale);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return {};
  }

  protected override costOperands(): readonly CostOperand[] {
    return this.iq == null ? [] : [{ quantizer: this.iq, shape: this.shape }];
  }

  protected override costFunction(): CostFunction {
    const kept = keptShape(this.shape, this.summedAxes);
    return ([x]) => groupSumCost(x, this.shape, kept, additionWeight);
  }

  /** Number of elements in each sum. */
  protected terms(): number {
    return this.summedAxes.reduce((product, axis) => product * this.shape[axis], 1);
  }

  private axesOf(shape: readonly unknown[]): readonly number[] {
    return dataAxes(this.axes, shape.length, `Layer '${this.name}': axes`);
  }
}

/** Sum over axes; see `qSum`. */
export class QSum extends QAxisSum {
  static readonly className = 'QSum';
  static readonly options: OptionNames = names<QSumArgs>('axes', { ...options, scale: 0 });
  readonly scale: number;

  constructor(args: QSumArgs = {}) {
    super(args);
    this.scale = args.scale ?? 1;
    if (!isPowerOfTwo(this.scale)) {
      throw new LayerError(`Layer '${this.name}': scale = ${this.scale}; expected a power of two, as in 0.25.`, {
        option: 'scale',
        value: this.scale,
      });
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), scale: this.scale };
  }
}

/** Mean over axes, up to a power of two; see `qMeanPow2`. */
export class QMeanPow2 extends QAxisSum {
  static readonly className = 'QMeanPow2';
  static readonly options: OptionNames = names<QMeanPow2Args>('axes', options);

  get scale(): number {
    return 2 ** roundHalfEven(Math.log2(1 / this.terms()));
  }
}

/**
 * `scale · Σ iq(x)` over axes (hgq2 §5.2). Costs 0.65 · (all bits − the narrowest term's) per sum.
 *
 * @throws if an axis does not exist or is the batch, or the scale is no power of two.
 * @example
 * const energy = qSum({ axes: [1, 2] }).apply(images); // [b, h, w, c] → [b, c]
 */
export function qSum(args: QSumArgs = {}): QSum {
  return new QSum(args);
}

/** As `qSum` with the power of two nearest to one over the number of terms as scale: the mean when that is one. */
export function qMeanPow2(args: QMeanPow2Args = {}): QMeanPow2 {
  return new QMeanPow2(args);
}
