import type * as tf from '@tensorflow/tfjs';
import { biasCost, matMulCost, scaleCost } from '../ebops/cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { add, matMul, reshape } from '../ops/tf.ts';
import { sizeOf } from '../quantizer/broadcast.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type ActivationName, activationName, applyActivation } from './activation.ts';
import { type Names, names, type OptionNames } from './option-list.ts';
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
import { wholeNumber } from './whole-number.ts';

/** Arguments of `qDense`. */
export interface QDenseArgs extends QLayerArgs, WeightArgs {
  /** Number of outputs. */
  readonly units: number;
  /** Default linear. Only linear and relu can be lowered. */
  readonly activation?: string | null;
  /** Default true. */
  readonly useBias?: boolean | null;
  /** Kernel quantizer; place `weight`. */
  readonly kqConf?: QuantizerLike | null;
  /** Bias quantizer; place `bias`. */
  readonly bqConf?: QuantizerLike | null;
  /** How many positions (inputs of rank > 2) are computed at once; scales the EBOPs. Default −1: all. */
  readonly parallelizationFactor?: number | null;
}

/** Their names. */
export const qDenseOptions: Names<QDenseArgs> = {
  ...qLayerOptions,
  ...weightOptions,
  kqConf: 0,
  bqConf: 0,
  units: 0,
  activation: 0,
  useBias: 0,
  parallelizationFactor: 0,
};

/** `y = activation(iq(x) · kq(kernel) + bq(bias))` over the last axis; see `qDense`. */
export class QDense extends QLayer {
  static readonly className = 'QDense';
  static readonly options: OptionNames = names<QDenseArgs>('units', qDenseOptions);
  readonly units: number;
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly parallelizationFactor: number;
  readonly kq: Quantizer;
  readonly bq: Quantizer | null;
  readonly weightSettings: WeightSettings;
  private inputSize = 0;
  private positions = 1;
  private operandShape: readonly number[] = [];
  private weightTensors: { readonly kernel: tf.LayerVariable; readonly bias: tf.LayerVariable | null } | null = null;

  constructor(args: QDenseArgs) {
    super(args);
    this.units = wholeNumber(args.units, `Layer '${this.name}'`, 'units');
    this.activation = activationName(args.activation, this.name);
    this.useBias = args.useBias ?? true;
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
    this.weightSettings = new WeightSettings(args, `Layer '${this.name}'`);
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.bq = this.useBias ? this.quantizer('bq', args.bqConf, 'bias') : null;
  }

  /** Unquantised kernel `[in, units]`. */
  get kernel(): tf.LayerVariable {
    return this.builtWeights().kernel;
  }

  /** Unquantised bias `[units]`, or null. */
  get bias(): tf.LayerVariable | null {
    return this.builtWeights().bias;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...(inputShape as Shape).slice(0, -1), this.units];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation,
      useBias: this.useBias,
      ...this.weightSettings.config(),
      kqConf: quantizerConfigOf(this.kq),
      bqConf: quantizerConfigOf(this.bq),
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  protected override buildInner([input]: Shape[]): void {
    const size = input[input.length - 1];
    if (input.length < 2 || size == null) {
      throw new LayerError(
        `Layer '${this.name}': input shape [${input.join(', ')}] needs a last axis of known size. Give inputShape.`,
      );
    }
    this.inputSize = size;
    this.operandShape = [1, ...input.slice(1).map((extent) => extent ?? 1)];
    this.positions = sizeOf(this.operandShape) / size;
    const shape = [size, this.units];
    const kernel = this.weightSettings.add(this, 'kernel', shape);
    const bias = this.useBias ? this.weightSettings.add(this, 'bias', [this.units]) : null;
    this.weightTensors = { kernel, bias };
    this.kq.build(shape, this.variablesOf('kq'));
    this.bq?.build([this.units], this.variablesOf('bq'));
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const { kernel, bias } = this.builtWeights();
    const x = this.quantisedInput(input, context);
    const w = this.kq.call(kernel.read(), context) as tf.Tensor2D;
    const flat = x.rank === 2 ? x : reshape(x, [-1, this.inputSize]);
    let y: tf.Tensor = matMul(flat as tf.Tensor2D, w);
    if (bias != null && this.bq != null) y = add(y, this.bq.call(bias.read(), context));
    if (x.rank !== 2) y = reshape(y, [...x.shape.slice(0, -1), this.units]);
    return applyActivation(this.activation, y);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return { kq: this.kq, bq: this.bq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, bq, inputSize, units } = this;
    if (iq == null) return [];
    const operands = [
      { quantizer: iq, shape: this.operandShape },
      { quantizer: kq, shape: [inputSize, units] },
    ];
    return bq == null ? operands : [...operands, { quantizer: bq, shape: [units] }];
  }

  protected override costFunction(): CostFunction {
    const { positions, inputSize, units, parallelizationFactor } = this;
    const share = (parallelizationFactor > 0 ? parallelizationFactor : positions) / positions;
    return ([x, w, b]) => {
      const products = matMulCost(x, w, positions, inputSize, units);
      if (b == null) return scaleCost(products, share);
      const bias = biasCost(b, positions * units);
      const total = { value: products.value + bias.value, gradients: [...products.gradients, bias.gradient] };
      return scaleCost(total, share);
    };
  }

  private builtWeights(): NonNullable<typeof this.weightTensors> {
    if (this.weightTensors == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.weightTensors;
  }
}

/**
 * Quantised dense layer (hgq2 §5.2): `activation(iq(x) · kq(kernel) + bq(bias))` over the last axis,
 * `[batch, …, in] → [batch, …, units]`.
 *
 * @throws if `units` is not a whole number ≥ 1 or the activation is unknown.
 * @example
 * const y = qDense({ units: 10, iqConf: { i0: 4, f0: 8 } }).apply(x);
 */
export function qDense(args: QDenseArgs): QDense {
  return new QDense(args);
}
