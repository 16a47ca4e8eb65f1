import type * as tf from '@tensorflow/tfjs';
import type { QuantizerConfig } from '../config/quantizer-settings.ts';
import type { Cost } from '../ebops/cost.ts';
import { type CostFunction, type CostOperand, currentCost } from '../ebops/operand.ts';
import { softmaxCost } from '../ebops/softmax-cost.ts';
import { tableCost } from '../ebops/table-cost.ts';
import { LayerError } from '../layer-error.ts';
import { axisSum, dataAxes, keptShape } from '../ops/axis-sum.ts';
import { belowMax } from '../ops/below-max.ts';
import { mul } from '../ops/tf.ts';
import { applyUnary, type UnaryFunction } from '../ops/unary-function.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { knownOptions } from './known-options.ts';
import { names, type OptionNames } from './option-list.ts';
import {
  allPositions,
  dataShapes,
  QLayer,
  type QLayerArgs,
  type QuantizerLike,
  qLayerOptions,
  quantizerConfigOf,
  type Shape,
} from './q-layer.ts';
import { withOneFormat } from './q-unary-function-lut.ts';

/** Arguments of `qSoftmax`. */
export interface QSoftmaxArgs extends QLayerArgs {
  /** Axis or axes over which the outputs sum to about 1. Default −1. */
  readonly axis?: number | readonly number[] | null;
  /** true: exponentials of distances below the maximum. false ('latency'): of the inputs themselves. Default true. */
  readonly stable?: boolean | null;
  /** Quantise the inputs themselves. Default false, whatever the scope says. */
  readonly enableIq?: boolean | null;
  /** Quantizer of the distances below the maximum, the exponential table's input (only `stable`); place `datalane`. */
  readonly expIqConf?: QuantizerLike | null;
  /** Quantizer of the exponentials; place `table`. Always unsigned, SAT, RND_CONV. */
  readonly expOqConf?: QuantizerLike | null;
  /** Quantizer of the sum of exponentials, the inversion table's input; place `datalane`. */
  readonly invIqConf?: QuantizerLike | null;
  /** Quantizer of the inverse; place `table`. Always unsigned, SAT, RND_CONV. */
  readonly invOqConf?: QuantizerLike | null;
  /** Table outputs may have a format per element. Default false: one format per table. */
  readonly allowHeterogeneousTable?: boolean | null;
  /** The exponent's factor: `exp(inputScaler · x)`. Default 1. */
  readonly inputScaler?: number | null;
  /** How many softmaxes (positions outside the axis) are computed at once; scales the EBOPs. Default −1: all. */
  readonly parallelizationFactor?: number | null;
}

/** Table of the inverse: what the sum of exponentials goes through. */
export const softmaxInverse: UnaryFunction = {
  value: (x) => 1 / (x + 1e-7),
  slope: (x) => -1 / (x + 1e-7) ** 2,
};

/** Softmax by two tables; see `qSoftmax`. */
export class QSoftmax extends QLayer {
  static readonly className = 'QSoftmax';
  static readonly options: OptionNames = names<QSoftmaxArgs>('axis', {
    ...qLayerOptions,
    axis: 0,
    stable: 0,
    expIqConf: 0,
    expOqConf: 0,
    invIqConf: 0,
    invOqConf: 0,
    allowHeterogeneousTable: 0,
    inputScaler: 0,
    parallelizationFactor: 0,
  });
  readonly axis: number | readonly number[];
  readonly stable: boolean;
  readonly allowHeterogeneousTable: boolean;
  readonly inputScaler: number;
  readonly parallelizationFactor: number;
  /** Quantizer in front of the exponential table; null unless `stable`. */
  readonly expIq: Quantizer | null;
  readonly expOq: Quantizer;
  readonly invIq: Quantizer;
  readonly invOq: Quantizer;
  private shape: readonly number[] = [];

  constructor(args: QSoftmaxArgs = {}) {
    super({ ...knownOptions(args, new.target), enableIq: args.enableIq ?? false });
    this.axis = args.axis ?? -1;
    this.stable = args.stable ?? true;
    this.allowHeterogeneousTable = args.allowHeterogeneousTable ?? false;
    this.inputScaler = args.inputScaler ?? 1;
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
    if (!Number.isFinite(this.inputScaler) || this.inputScaler <= 0) {
      throw new LayerError(`Layer '${this.name}': inputScaler = ${this.inputScaler}; expected a number > 0.`, {
        option: 'inputScaler',
        value: this.inputScaler,
      });
    }
    if (!this.stable && this.enableEbops && !this.enableIq) {
      throw new LayerError(
        `Layer '${this.name}': enableEbops without stable needs the input quantizer. Set enableIq: true.`,
        { option: 'enableIq', value: false },
      );
    }
    this.expIq = this.stable ? this.quantizer('expIq', args.expIqConf, 'datalane') : null;
    this.expOq = this.quantizer('expOq', this.tableConfig(args.expOqConf), 'table');
    this.invIq = this.quantizer('invIq', args.invIqConf, 'datalane');
    this.invOq = this.quantizer('invOq', this.tableConfig(args.invOqConf), 'table');
  }

  /** Table of the exponential: of distances below the maximum when `stable`, else of the inputs. */
  get exponential(): UnaryFunction {
    const factor = this.stable ? -this.inputScaler : this.inputScaler;
    return { value: (x) => Math.exp(factor * x), slope: (x) => factor * Math.exp(factor * x) };
  }

  /** Axes of the sums counted from 0, batch included. Known after the layer was built. */
  get summedAxes(): readonly number[] {
    return dataAxes(this.axis, this.shape.length, `Layer '${this.name}': axis`);
  }

  /** The layer's own operations and both tables, each cut to a whole number as in the reference. */
  override get ebops(): number {
    if (!this.enableEbops || !this.built) return 0;
    const operands = this.costOperands();
    return this.costParts().reduce((sum, part) => sum + Math.trunc(currentCost(operands, part) * this.ebopsFactor), 0);
  }

  /** The part of `ebops` that both tables cost. */
  get tableEbops(): number {
    if (!this.enableEbops || !this.built) return 0;
    const operands = this.costOperands();
    const [, ...tables] = this.costParts();
    return tables.reduce((sum, part) => sum + Math.trunc(currentCost(operands, part) * this.ebopsFactor), 0);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.inputShapes(inputShape)[0];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      axis: typeof this.axis === 'number' ? this.axis : [...this.axis],
      stable: this.stable,
      expIqConf: quantizerConfigOf(this.expIq),
      expOqConf: quantizerConfigOf(this.expOq),
      invIqConf: quantizerConfigOf(this.invIq),
      invOqConf: quantizerConfigOf(this.invOq),
      allowHeterogeneousTable: this.allowHeterogeneousTable,
      inputScaler: this.inputScaler,
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  protected override get costNeedsIq(): boolean {
    return false;
  }

  protected override buildInner(inputs: Shape[]): void {
    const [input] = this.inputShapes(inputs);
    if (input.slice(1).some((extent) => extent == null)) {
      throw new LayerError(
        `Layer '${this.name}': input shape [${input.join(', ')}] is not fixed. Give all sizes but the batch.`,
      );
    }
    this.shape = [1, ...(input.slice(1) as number[])];
    const sums = [null, ...keptShape(this.shape, this.summedAxes).slice(1)];
    this.expIq?.build(input, this.variablesOf('expIq'));
    this.expOq.build(input, this.variablesOf('expOq'));
    this.invIq.build(sums, this.variablesOf('invIq'));
    this.invOq.build(sums, this.variablesOf('invOq'));
  }

  protected override forward([input, mask]: tf.Tensor[], context: CallContext): tf.Tensor {
    let x = this.quantisedInput(input, context);
    if (this.expIq != null) x = this.expIq.call(belowMax(x, this.summedAxes), context);
    let e = this.expOq.call(applyUnary(this.exponential, x), context);
    if (mask != null) e = mul(e, mask);
    const sum = this.invIq.call(axisSum(e, this.summedAxes, true), context);
    return mul(e, this.invOq.call(applyUnary(softmaxInverse, sum), context));
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    const { expIq, expOq, invIq, invOq } = this;
    return { expIq, expOq, invIq, invOq };
  }

  /** In this order: exponential in, exponential out, inverse in, inverse out, and iq if there is one. */
  protected override costOperands(): readonly CostOperand[] {
    const { shape, iq, expIq, expOq, invIq, invOq } = this;
    const input = expIq ?? iq;
    if (input == null) return [];
    const sums = keptShape(shape, this.summedAxes);
    const operands = [
      { quantizer: input, shape },
      { quantizer: expOq, shape },
      { quantizer: invIq, shape: sums },
      { quantizer: invOq, shape: sums },
    ];
    return iq == null ? operands : [...operands, { quantizer: iq, shape }];
  }

  protected override costFunction(): CostFunction {
    const parts = this.costParts();
    return (bits) => parts.map((part) => part(bits)).reduce(sumOfCosts);
  }

  protected override costTerms(): readonly CostFunction[] {
    return this.costParts();
  }

  private costParts(): readonly CostFunction[] {
    const sums = keptShape(this.shape, this.summedAxes);
    const positions = sums.reduce((product, extent) => product * extent, 1);
    const share = this.parallelizationFactor > 0 ? this.parallelizationFactor / positions : 1;
    const own = softmaxCost({ shape: this.shape, sums, stable: this.stable, share });
    const only = (bits: readonly Float64Array[], first: number): Cost => {
      const { value, gradients } = tableCost(bits[first], bits[first + 1]);
      return { value, gradients: bits.map((b, j) => gradients[j - first] ?? new Float64Array(b.length)) };
    };
    return [own, (bits) => only(bits, 0), (bits) => only(bits, 2)];
  }

  /** Settings of a table's output; the caller's config stays as it is. */
  private tableConfig(given: QuantizerLike | null | undefined): QuantizerLike {
    const config = withOneFormat(given, 'table', !this.allowHeterogeneousTable) as QuantizerConfig;
    if (config.qType === 'dummy') return config;
    return { ...config, k0: false, overflowMode: 'SAT', roundMode: 'RND_CONV' };
  }

  private inputShapes(inputShape: Shape | Shape[]): Shape[] {
    const shapes = dataShapes(inputShape);
    const [x, mask] = shapes;
    const fits =
      mask == null || (mask.length === x.length && mask.every((extent, a) => extent === 1 || extent === x[a]));
    if (shapes.length > 2 || !fits) {
      throw new LayerError(
        `Layer '${this.name}': inputs ${JSON.stringify(shapes)}; expected x, or [x, mask] with a mask that broadcasts to x.`,
      );
    }
    return shapes;
  }
}

function sumOfCosts(a: Cost, b: Cost): Cost {
  return {
    value: a.value + b.value,
    gradients: a.gradients.map((gradient, j) => gradient.map((g, at) => g + b.gradients[j][at])),
  };
}

/**
 * Quantised softmax by two tables (hgq2 §5.2). `stable`: `z = max(x) − x`, `e = expOq(exp(−expIq(z) · inputScaler))`;
 * otherwise (hls4ml's 'latency') `e = expOq(exp(x · inputScaler))`. Then `y = e · invOq(1 / (invIq(Σ e) + 1e-7))`.
 * Takes x, or `[x, mask]` with a mask of 0 and 1 that multiplies the exponentials. All shapes; the output has x's.
 *
 * EBOPs: subtractions, accumulation, multiplications and both tables. As in HGQ2 they are counted by default only with
 * `enableIq`; `enableEbops: true` counts them without it (only `stable`).
 *
 * For classification prefer ending the model with logits and a loss of logits: softmax keeps the order of the classes.
 *
 * @throws if an axis does not exist, or inputScaler is not positive.
 * @example
 * const attention = qSoftmax({ axis: -1, expIqConf: { f0: 4 } }).apply(scores);
 */
export function qSoftmax(args: QSoftmaxArgs = {}): QSoftmax {
  return new QSoftmax(args);
}
