import type * as tf from '@tensorflow/tfjs';
import { biasCost, scaleCost } from '../ebops/cost.ts';
import { einsumCost, volume } from '../ebops/einsum-cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { einsum } from '../ops/einsum.ts';
import { type Equation, labelSizes, parseEquation } from '../ops/einsum-equation.ts';
import { add } from '../ops/tf.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type ActivationName, activationName, applyActivation } from './activation.ts';
import { names, type OptionNames } from './option-list.ts';
import {
  allPositions,
  QLayer,
  type QLayerArgs,
  type QuantizerLike,
  qLayerOptions,
  quantizerConfigOf,
  type Shape,
} from './q-layer.ts';
import { type WeightArgs, WeightSettings, weightOptions } from './weight-settings.ts';

/** Arguments of `qEinsumDense`. */
export interface QEinsumDenseArgs extends QLayerArgs, WeightArgs {
  /** Input and kernel, e.g. `'abc,cd->abd'`; the first input letter is the batch, or hidden in an ellipsis: `'...x,xy->...y'`. */
  readonly equation: string;
  /** Size(s) of the result without the batch and without axes hidden in an ellipsis; null where the input has the same letter. */
  readonly outputShape: number | readonly (number | null)[];
  /** Default linear. Only linear and relu can be lowered. */
  readonly activation?: string | null;
  /** Letters of the result along which the bias differs, e.g. `'d'`. Default null: no bias. */
  readonly biasAxes?: string | null;
  /** Kernel quantizer; place `weight`. */
  readonly kqConf?: QuantizerLike | null;
  /** Bias quantizer; place `bias`. */
  readonly bqConf?: QuantizerLike | null;
  /** How many positions are computed at once; scales the EBOPs. Default −1: all. */
  readonly parallelizationFactor?: number | null;
}

/** What the layer knows after it was built. */
interface Geometry {
  /** All axes written out, batch included. */
  readonly equation: Equation;
  /** Length of each letter; the batch has 1. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly inputShape: readonly number[];
  readonly kernelShape: readonly number[];
  /** Broadcasts to the result, batch included; null without bias. */
  readonly biasShape: readonly number[] | null;
}

/** Einsum with a trained kernel; see `qEinsumDense`. */
export class QEinsumDense extends QLayer {
  static readonly className = 'QEinsumDense';
  static readonly options: OptionNames = names<QEinsumDenseArgs>('equation', {
    ...qLayerOptions,
    ...weightOptions,
    kqConf: 0,
    bqConf: 0,
    equation: 0,
    outputShape: 0,
    activation: 0,
    biasAxes: 0,
    parallelizationFactor: 0,
  });
  readonly equation: string;
  readonly outputSizes: readonly (number | null)[];
  readonly activation: ActivationName;
  readonly biasAxes: string | null;
  readonly parallelizationFactor: number;
  readonly kq: Quantizer;
  readonly bq: Quantizer | null;
  readonly weightSettings: WeightSettings;
  private state: (Geometry & { readonly kernel: tf.LayerVariable; readonly bias: tf.LayerVariable | null }) | null =
    null;

  constructor(args: QEinsumDenseArgs) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.equation = args.equation.replace(/\s+/g, '');
    this.outputSizes = typeof args.outputShape === 'number' ? [args.outputShape] : [...args.outputShape];
    this.activation = activationName(args.activation, this.name);
    this.biasAxes = args.biasAxes ?? null;
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
    this.weightSettings = new WeightSettings(args, where);
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.bq = this.biasAxes == null ? null : this.quantizer('bq', args.bqConf, 'bias');
  }

  /** Unquantised kernel. */
  get kernel(): tf.LayerVariable {
    return this.builtState().kernel;
  }

  /** Unquantised bias, or null. */
  get bias(): tf.LayerVariable | null {
    return this.builtState().bias;
  }

  /** The equation with all axes written out, batch included. */
  get writtenEquation(): Equation {
    return this.builtState().equation;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { equation, sizes } = this.geometry(inputShape as Shape);
    return [null, ...[...equation.output.slice(1)].map((label) => sizes.get(label) as number)];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      equation: this.equation,
      outputShape: [...this.outputSizes],
      activation: this.activation,
      biasAxes: this.biasAxes,
      ...this.weightSettings.config(),
      kqConf: quantizerConfigOf(this.kq),
      bqConf: quantizerConfigOf(this.bq),
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  protected override buildInner([input]: Shape[]): void {
    const geometry = this.geometry(input);
    const { kernelShape } = geometry;
    const biasShape = geometry.biasShape?.slice(1) ?? null;
    const kernel = this.weightSettings.add(this, 'kernel', kernelShape);
    const bias = biasShape == null ? null : this.weightSettings.add(this, 'bias', biasShape);
    this.state = { ...geometry, kernel, bias };
    this.kq.build(kernelShape, this.variablesOf('kq'));
    if (biasShape != null) this.bq?.build(biasShape, this.variablesOf('bq'));
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const { equation, kernel, bias } = this.builtState();
    const x = this.quantisedInput(input, context);
    let y = einsum(equation, [x, this.kq.call(kernel.read(), context)]);
    if (bias != null && this.bq != null) y = add(y, this.bq.call(bias.read(), context));
    return applyActivation(this.activation, y);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return { kq: this.kq, bq: this.bq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, bq } = this;
    if (iq == null) return [];
    const { inputShape, kernelShape, biasShape } = this.builtState();
    const operands = [
      { quantizer: iq, shape: inputShape },
      { quantizer: kq, shape: kernelShape },
    ];
    return bq == null || biasShape == null ? operands : [...operands, { quantizer: bq, shape: biasShape.slice(1) }];
  }

  protected override costFunction(): CostFunction {
    const { equation, sizes } = this.builtState();
    const [inputs, kernel] = equation.operands;
    const free = [...inputs].filter((label) => !kernel.includes(label) && equation.output.includes(label));
    const positions = volume(free.join(''), sizes);
    const share = (this.parallelizationFactor > 0 ? this.parallelizationFactor : positions) / positions;
    return ([x, w, b]) => {
      const products = einsumCost(equation.operands, sizes, [x, w]);
      if (b == null) return scaleCost(products, share);
      const bias = biasCost(b, volume(equation.output, sizes));
      const total = { value: products.value + bias.value, gradients: [...products.gradients, bias.gradient] };
      return scaleCost(total, share);
    };
  }

  private geometry(input: Shape): Geometry {
    const where = `Layer '${this.name}'`;
    const fail = (problem: string): never => {
      throw new LayerError(`${where}: equation '${this.equation}' ${problem}.`, {
        option: 'equation',
        value: this.equation,
      });
    };
    if (input.slice(1).some((extent) => extent == null)) fail(`needs a fixed input shape, got [${input.join(', ')}]`);
    const kernelLabels = /,([A-Za-z]+)->/.exec(this.equation)?.[1] ?? fail('has no kernel; write e.g. abc,cd->abd');
    const equation = parseEquation(this.equation, [input.length, kernelLabels.length], where);
    const [inputLabels] = equation.operands;
    const [batch] = inputLabels;
    if (kernelLabels.includes(batch) || equation.output[0] !== batch) fail(`must keep the batch '${batch}' first`);
    const inputShape = [1, ...(input.slice(1) as number[])];
    const sizes = new Map(labelSizes([inputLabels], [inputShape], where));
    // The given sizes belong to the letters that the user wrote, without the batch when he wrote that.
    const hides = this.equation.includes('...');
    const named = [...equation.output].filter((label) => this.equation.includes(label) && (hides || label !== batch));
    if (named.length !== this.outputSizes.length) {
      fail(`has ${named.length} output axes besides the batch, outputShape has ${this.outputSizes.length}`);
    }
    for (const [axis, label] of named.entries()) {
      const given = this.outputSizes[axis] ?? sizes.get(label);
      if (given == null) fail(`needs a size for '${label}' in outputShape`);
      else if ((sizes.get(label) ?? given) !== given)
        fail(`has '${label}' with ${sizes.get(label)} and ${given} elements`);
      else sizes.set(label, given);
    }
    const kernelShape = [...kernelLabels].map(
      (label) => sizes.get(label) ?? fail(`has '${label}' in the kernel only, without a size`),
    );
    return { equation, sizes, inputShape, kernelShape, biasShape: this.biasShape(equation, sizes, fail) };
  }

  /** Size 1 along every axis of the result that is not in `biasAxes`. */
  private biasShape(
    { output }: Equation,
    sizes: ReadonlyMap<string, number>,
    fail: (problem: string) => never,
  ): readonly number[] | null {
    const { biasAxes } = this;
    if (biasAxes == null) return null;
    const unknown = [...biasAxes].find((label) => !output.slice(1).includes(label));
    if (unknown != null || biasAxes === '') fail(`has no output axis '${unknown ?? ''}' for biasAxes`);
    return [...output].map((label) => (biasAxes.includes(label) ? (sizes.get(label) as number) : 1));
  }

  private builtState(): NonNullable<typeof this.state> {
    if (this.state == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.state;
  }
}

/**
 * Quantised einsum with a trained kernel (Keras' EinsumDense, hgq2 §5.2):
 * `activation(einsum(iq(x), kq(kernel)) + bq(bias))`. Costs the product of both operands' bits for every multiplication,
 * plus the mean bias width for every output, times parallelizationFactor / positions.
 *
 * The bias has size 1 along every axis of the result that is not in `biasAxes` (Keras drops leading ones).
 *
 * @throws on an equation that does not fit the input, or sizes that cannot be told.
 * @example
 * const y = qEinsumDense({ equation: 'abc,cd->abd', outputShape: [null, 8], biasAxes: 'd' }).apply(x);
 */
export function qEinsumDense(args: QEinsumDenseArgs): QEinsumDense {
  return new QEinsumDense(args);
}
