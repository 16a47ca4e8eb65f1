import type * as tf from '@tensorflow/tfjs';
import { denseCost } from '../ebops/dense-cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { add, matMul, reshape } from '../ops/tf.ts';
import { sizeOf } from '../quantizer/broadcast.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type ActivationName, activationName, applyActivation } from './activation.ts';
import { type BatchNormArgs, BatchNormState, batchNormOptions } from './batch-norm-state.ts';
import { type Names, without } from './option-list.ts';
import { type QDenseArgs, qDenseOptions } from './q-dense.ts';
import { allPositions, QLayer, quantizerConfigOf, type Shape } from './q-layer.ts';
import { WeightSettings } from './weight-settings.ts';
import { wholeNumber } from './whole-number.ts';

/** Arguments of dense layers that fold a batch normalisation into their weights. */
export interface FusedDenseArgs extends Omit<QDenseArgs, 'useBias'>, Omit<BatchNormArgs, 'betaInitializer'> {}

/** Their names. */
export const fusedDenseOptions: Names<FusedDenseArgs> = { ...without(qDenseOptions, 'useBias'), ...batchNormOptions };

/** Kernel `[in, units]` and bias `[units]` before quantisation, normalisation included. */
export interface DenseWeights {
  readonly kernel: tf.Tensor2D;
  readonly bias: tf.Tensor1D;
}

/** What `qDenseBatchNorm` and `qBatchNormDense` share: a dense layer whose quantised weights depend on statistics. */
export abstract class FusedDense extends QLayer {
  readonly units: number;
  readonly activation: ActivationName;
  readonly parallelizationFactor: number;
  readonly batchNorm: BatchNormState;
  readonly kq: Quantizer;
  readonly bq: Quantizer;
  readonly weightSettings: WeightSettings;
  private operandShape: readonly number[] = [];
  private weightTensors: { readonly kernel: tf.LayerVariable; readonly bias: tf.LayerVariable | null } | null = null;

  constructor(args: FusedDenseArgs) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.units = wholeNumber(args.units, where, 'units');
    this.activation = activationName(args.activation, this.name);
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
    this.batchNorm = new BatchNormState(args, where);
    this.weightSettings = new WeightSettings(args, where);
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.bq = this.quantizer('bq', args.bqConf, 'bias');
  }

  /** Kernel `[in, units]` without normalisation and quantisation. */
  get kernel(): tf.LayerVariable {
    return this.builtWeights().kernel;
  }

  /** Bias `[units]` without normalisation and quantisation, or null. */
  get bias(): tf.LayerVariable | null {
    return this.builtWeights().bias;
  }

  /** The weights that inference quantises and uses, from the moving statistics. Call it in a tidy. */
  deployedWeights(): DenseWeights {
    return this.floatWeights(null);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...(inputShape as Shape).slice(0, -1), this.units];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { betaInitializer: _, ...batchNorm } = this.batchNorm.config();
    return {
      ...super.getConfig(),
      ...batchNorm,
      units: this.units,
      activation: this.activation,
      ...this.weightSettings.config(),
      kqConf: quantizerConfigOf(this.kq),
      bqConf: quantizerConfigOf(this.bq),
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  /** @param rows the quantised input `[…, in]` of a training step, or null for the moving statistics */
  protected abstract floatWeights(rows: tf.Tensor2D | null): DenseWeights;

  /** Whether there is a trained bias. */
  protected abstract hasBias(): boolean;

  /** How many channels are normalised. */
  protected abstract normalisedChannels(inputs: number): number;

  protected override buildInner([input]: Shape[]): void {
    const size = input[input.length - 1];
    if (input.length < 2 || size == null) {
      throw new LayerError(
        `Layer '${this.name}': input shape [${input.join(', ')}] needs a last axis of known size. Give inputShape.`,
      );
    }
    this.operandShape = [1, ...input.slice(1).map((extent) => extent ?? 1)];
    const shape = [size, this.units];
    const kernel = this.weightSettings.add(this, 'kernel', shape);
    const bias = this.hasBias() ? this.weightSettings.add(this, 'bias', [this.units]) : null;
    this.weightTensors = { kernel, bias };
    this.batchNorm.build(
      this.normalisedChannels(size),
      (name, channels, initializer, trainable) =>
        this.addWeight(name, [channels], 'float32', initializer, undefined, trainable),
      false,
    );
    this.kq.build(shape, this.variablesOf('kq'));
    this.bq.build([this.units], this.variablesOf('bq'));
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const x = this.quantisedInput(input, context);
    const rows = reshape(x, [-1, x.shape[x.rank - 1]]) as tf.Tensor2D;
    const { kernel, bias } = this.floatWeights(context === 'training' && this.trainable ? rows : null);
    const product = matMul(rows, this.kq.call(kernel, context) as tf.Tensor2D);
    const y = add(product, this.bq.call(bias, context));
    return applyActivation(this.activation, reshape(y, [...x.shape.slice(0, -1), this.units]));
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return { kq: this.kq, bq: this.bq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, bq, operandShape, units } = this;
    if (iq == null) return [];
    return [
      { quantizer: iq, shape: operandShape },
      { quantizer: kq, shape: [operandShape[operandShape.length - 1], units] },
      { quantizer: bq, shape: [units] },
    ];
  }

  protected override costFunction(): CostFunction {
    const inputs = this.operandShape[this.operandShape.length - 1];
    return denseCost(sizeOf(this.operandShape) / inputs, inputs, this.units, this.parallelizationFactor);
  }

  private builtWeights(): NonNullable<typeof this.weightTensors> {
    if (this.weightTensors == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.weightTensors;
  }
}
