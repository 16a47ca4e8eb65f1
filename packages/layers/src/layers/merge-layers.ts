import { roundHalfEven } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { additionWeight, carryCost, productCost, widestCost } from '../ebops/merge-cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { add, maximum, minimum, mul, sub } from '../ops/tf.ts';
import { names, type OptionNames } from './option-list.ts';
import type { Shape } from './q-layer.ts';
import { QMerge, type QMergeArgs, qMergeOptions } from './q-merge.ts';

/** What the element-wise merges share: inputs of one rank, broadcast along axes of size 1. */
export abstract class QElementwise extends QMerge {
  private resultShape: readonly number[] = [];

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.broadcast(this.knownShapes(inputShape));
  }

  protected override checkInputs(inputs: readonly Shape[]): void {
    this.resultShape = [1, ...(this.broadcast(inputs).slice(1) as number[])];
  }

  protected override costOperands(): readonly CostOperand[] {
    return this.operandsOf(this.iqs.map(() => this.resultShape));
  }

  private broadcast(inputs: readonly Shape[]): Shape {
    const [first] = inputs;
    return first.map((_, axis) => {
      const extents = new Set(inputs.map((shape) => shape[axis]).filter((extent) => extent !== 1));
      if (extents.size > 1 || inputs.some((shape) => shape.length !== first.length)) {
        const list = inputs.map((shape) => `[${shape.slice(1).join(', ')}]`).join(', ');
        throw new LayerError(
          `Layer '${this.name}': inputs ${list} cannot be combined; they need one rank and equal sizes (or 1) along every axis.`,
        );
      }
      return [...extents][0] ?? first[axis];
    });
  }
}

/** Sum of all inputs; see `qAdd`. */
export class QAdd extends QElementwise {
  static readonly className: string = 'QAdd';
  static readonly options: OptionNames = names<QMergeArgs>('iqConfs', qMergeOptions);

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return inputs.reduce((sum, x) => add(sum, x));
  }

  protected override costFunction(): CostFunction {
    return carryCost(additionWeight);
  }
}

/** Sum of all inputs, divided by the power of two nearest to their number; see `qAveragePow2`. */
export class QAveragePow2 extends QAdd {
  static override readonly className: string = 'QAveragePow2';
  static override readonly options: OptionNames = names<QMergeArgs>('iqConfs', qMergeOptions);
  private count = 1;

  /** `log2` of the factor on the sum. */
  get shift(): number {
    return roundHalfEven(Math.log2(1 / this.count));
  }

  protected override checkInputs(inputs: readonly Shape[]): void {
    super.checkInputs(inputs);
    this.count = inputs.length;
  }

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return mul(super.merge(inputs), 2 ** this.shift);
  }
}

/** First input minus second; see `qSubtract`. */
export class QSubtract extends QElementwise {
  static readonly className = 'QSubtract';
  static readonly options: OptionNames = names<QMergeArgs>('iqConfs', qMergeOptions);

  protected override checkInputs(inputs: readonly Shape[]): void {
    if (inputs.length !== 2)
      throw new LayerError(`Layer '${this.name}': ${inputs.length} inputs; a difference has two.`);
    super.checkInputs(inputs);
  }

  protected override merge([a, b]: readonly tf.Tensor[]): tf.Tensor {
    return sub(a, b);
  }

  protected override costFunction(): CostFunction {
    return widestCost;
  }
}

/** Product of all inputs; see `qMultiply`. */
export class QMultiply extends QElementwise {
  static readonly className = 'QMultiply';
  static readonly options: OptionNames = names<QMergeArgs>('iqConfs', qMergeOptions);

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return inputs.reduce((product, x) => mul(product, x));
  }

  protected override costFunction(): CostFunction {
    return productCost;
  }
}

/** Largest input; see `qMaximum`. */
export class QMaximum extends QElementwise {
  static readonly className = 'QMaximum';
  static readonly options: OptionNames = names<QMergeArgs>('iqConfs', qMergeOptions);

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return inputs.reduce((most, x) => maximum(most, x));
  }

  protected override costFunction(): CostFunction {
    return carryCost(1);
  }
}

/** Smallest input; see `qMinimum`. */
export class QMinimum extends QElementwise {
  static readonly className = 'QMinimum';
  static readonly options: OptionNames = names<QMergeArgs>('iqConfs', qMergeOptions);

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return inputs.reduce((least, x) => minimum(least, x));
  }

  protected override costFunction(): CostFunction {
    return carryCost(1);
  }
}

/**
 * Element-wise sum of two or more quantised inputs (hgq2 §5.2); shapes of one rank, broadcast along axes of size 1.
 * Costs 0.65 · (all bits − the narrowest operand's) per element.
 *
 * @throws if the inputs cannot be broadcast.
 * @example
 * const y = qAdd({ iqConfs: { i0: 3, f0: 5 } }).apply([a, b]);
 */
export function qAdd(args: QMergeArgs = {}): QAdd {
  return new QAdd(args);
}

/** As `qAdd`, times `2^round(log2(1/n))` for n inputs: the mean for 2, 4, … inputs, exact in any case. */
export function qAveragePow2(args: QMergeArgs = {}): QAveragePow2 {
  return new QAveragePow2(args);
}

/** Difference of two quantised inputs, as `qAdd`. Costs the wider operand's bits per element. */
export function qSubtract(args: QMergeArgs = {}): QSubtract {
  return new QSubtract(args);
}

/** Element-wise product of quantised inputs, as `qAdd`. Costs the product of the operands' bits per element. */
export function qMultiply(args: QMergeArgs = {}): QMultiply {
  return new QMultiply(args);
}

/** Element-wise maximum of quantised inputs, as `qAdd`. Costs all bits but the narrowest operand's per element. */
export function qMaximum(args: QMergeArgs = {}): QMaximum {
  return new QMaximum(args);
}

/** Element-wise minimum of quantised inputs, as `qMaximum`. */
export function qMinimum(args: QMergeArgs = {}): QMinimum {
  return new QMinimum(args);
}
