import type * as tf from '@tensorflow/tfjs';
import { einsumCost } from '../ebops/einsum-cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { einsum } from '../ops/einsum.ts';
import { type Equation, labelSizes, parseEquation } from '../ops/einsum-equation.ts';
import { reshape } from '../ops/tf.ts';
import { names, type OptionNames } from './option-list.ts';
import type { Shape } from './q-layer.ts';
import { QMerge, type QMergeArgs, qMergeOptions } from './q-merge.ts';

/** Arguments of `qEinsum`. */
export interface QEinsumArgs extends QMergeArgs {
  /** E.g. `'bij,bjk->bik'`; every operand and the result start with the batch letter. An ellipsis hides axes. */
  readonly equation: string;
}

/** Base of the layers that sum products of their inputs. */
export abstract class QContraction extends QMerge {
  private shapes: readonly (readonly number[])[] = [];
  private resolved: Equation | null = null;

  /** The equation with all axes written out, batch included. Known after the layer was built. */
  get writtenEquation(): Equation {
    if (this.resolved == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.resolved;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shapes = this.knownShapes(inputShape);
    const { operands, output } = this.equationFor(shapes);
    const sizes = labelSizes(operands, withBatchOne(shapes), `Layer '${this.name}'`);
    return [null, ...[...output.slice(1)].map((label) => sizes.get(label) as number)];
  }

  /** The equation for inputs of these shapes. */
  protected abstract equationFor(inputs: readonly Shape[]): Equation;

  protected override checkInputs(inputs: readonly Shape[]): void {
    this.resolved = this.equationFor(inputs);
    this.shapes = withBatchOne(inputs);
    labelSizes(this.resolved.operands, this.shapes, `Layer '${this.name}'`);
  }

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return einsum(this.writtenEquation, inputs);
  }

  protected override costOperands(): readonly CostOperand[] {
    return this.operandsOf(this.shapes);
  }

  protected override costFunction(): CostFunction {
    const { operands } = this.writtenEquation;
    const sizes = labelSizes(operands, this.shapes, `Layer '${this.name}'`);
    return (bits) => einsumCost(operands, sizes, bits);
  }
}

/** Sum of products of quantised inputs by an equation; see `qEinsum`. */
export class QEinsum extends QContraction {
  static readonly className = 'QEinsum';
  static readonly options: OptionNames = names<QEinsumArgs>('equation', { ...qMergeOptions, equation: 0 });
  readonly equation: string;

  constructor(args: QEinsumArgs) {
    super(args);
    this.equation = args.equation.replace(/\s+/g, '');
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), equation: this.equation };
  }

  protected override equationFor(inputs: readonly Shape[]): Equation {
    const where = `Layer '${this.name}'`;
    const equation = parseEquation(
      this.equation,
      inputs.map((shape) => shape.length),
      where,
    );
    const [batch] = equation.operands[0];
    if ([...equation.operands, equation.output].some((labels) => labels[0] !== batch)) {
      throw new LayerError(
        `${where}: equation '${this.equation}'; every operand and the result must start with the batch.`,
        { option: 'equation', value: this.equation },
      );
    }
    return equation;
  }
}

/** Arguments of `qDot`. */
export interface QDotArgs extends QMergeArgs {
  /** Axis to sum over, one for both inputs or one for each; 0 is the batch. Default −1. */
  readonly axes?: number | readonly number[] | null;
}

/** Dot product of two quantised inputs; see `qDot`. */
export class QDot extends QContraction {
  static readonly className = 'QDot';
  static readonly options: OptionNames = names<QDotArgs>('axes', { ...qMergeOptions, axes: 0 });
  readonly axes: readonly [number, number];

  constructor(args: QDotArgs = {}) {
    super(args);
    const axes = args.axes ?? -1;
    const [first, second] = typeof axes === 'number' ? [axes, axes] : axes;
    if (![first, second].every(Number.isInteger)) {
      throw new LayerError(`Layer '${this.name}': axes = ${JSON.stringify(axes)}; expected one or two axis numbers.`, {
        option: 'axes',
        value: axes,
      });
    }
    this.axes = [first, second];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = super.computeOutputShape(inputShape);
    return shape.length === 1 ? [null, 1] : shape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), axes: [...this.axes] };
  }

  protected override equationFor(inputs: readonly Shape[]): Equation {
    if (inputs.length !== 2)
      throw new LayerError(`Layer '${this.name}': ${inputs.length} inputs; a dot product has two.`);
    const summed = inputs.map(({ length: rank }, input) => {
      const axis = this.axes[input] < 0 ? this.axes[input] + rank : this.axes[input];
      if (axis >= 1 && axis < rank) return axis;
      throw new LayerError(
        `Layer '${this.name}': axis ${this.axes[input]} of input ${input} of rank ${rank} cannot be summed. Count from 1; 0 is the batch.`,
        { option: 'axes', value: this.axes },
      );
    });
    // One letter for the batch, one for the sum, the rest belong to one input each.
    const free = [...'cdefghijklmnopqrstuvwxyz'];
    const operands = inputs.map((shape, input) =>
      shape.map((_, axis) => (axis === 0 ? 'b' : axis === summed[input] ? 'a' : free.shift())).join(''),
    );
    const rest = operands.map((labels) => labels.slice(1).replace('a', ''));
    return { operands, output: `b${rest.join('')}` };
  }

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    const y = super.merge(inputs);
    return y.rank === 1 ? reshape(y, [-1, 1]) : y;
  }
}

/**
 * Sum of products of two or more quantised inputs (hgq2 §5.2), e.g. `'bij,bjk->bik'` for a matrix product per sample.
 * Costs the product of the operands' bits for every multiplication.
 *
 * @throws on an equation that does not fit the inputs, or without the batch letter first everywhere.
 * @example
 * const scores = qEinsum({ equation: 'bqd,bkd->bqk' }).apply([q, k]);
 */
export function qEinsum(args: QEinsumArgs): QEinsum {
  return new QEinsum(args);
}

/**
 * Dot product along one axis of each of two quantised inputs: `[b, n]·[b, n] → [b, 1]`, `[b, i, n]·[b, j, n] → [b, i, j]`.
 * Costs the product of both operands' bits for every multiplication (the reference counts matrices element-wise only).
 *
 * @throws if there are not two inputs, or the axes do not exist or differ in size.
 */
export function qDot(args: QDotArgs = {}): QDot {
  return new QDot(args);
}

function withBatchOne(shapes: readonly Shape[]): readonly (readonly number[])[] {
  return shapes.map(([, ...rest]) => [1, ...(rest as number[])]);
}
