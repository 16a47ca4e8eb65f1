import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { concat, reshape, split, tidy, zeros } from '../ops/tf.ts';
import { type CallContext, callContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type ActivationName, activationName } from './activation.ts';
import type { InitializerLike } from './initializer.ts';
import type { Names } from './option-list.ts';
import { ownTensors } from './own-tensors.ts';
import { qDenseOptions } from './q-dense.ts';
import { dataShapes, QLayer, type QLayerArgs, type QuantizerLike, quantizerConfigOf, type Shape } from './q-layer.ts';
import { type RegularizerLike, type WeightArgs, type WeightConstraintLike, WeightSettings } from './weight-settings.ts';
import { wholeNumber } from './whole-number.ts';

/** Arguments that the recurrent layers share. The input quantizer has formats for one step, `[batch, features]`. */
export interface QRecurrentArgs extends QLayerArgs, WeightArgs {
  /** Size of the state and of the output of a step. */
  readonly units: number;
  /** Default linear: the quantizer `paqConf` is a hard tanh. */
  readonly activation?: string | null;
  /** Default true. */
  readonly useBias?: boolean | null;
  /** Default orthogonal. */
  readonly recurrentInitializer?: InitializerLike | null;
  /** As `kernelRegularizer`, of the recurrent kernel. */
  readonly recurrentRegularizer?: RegularizerLike | null;
  /** As `kernelConstraint`, of the recurrent kernel. */
  readonly recurrentConstraint?: WeightConstraintLike | null;
  /** Give the outputs of all steps instead of the last one's. Default false. */
  readonly returnSequences?: boolean | null;
  /** Give the last state as a second output. Default false. */
  readonly returnState?: boolean | null;
  /** Begin at the end of the sequence; outputs come in the order in which they are computed. Default false. */
  readonly goBackwards?: boolean | null;
  /** Kernel quantizer; place `weight`. */
  readonly kqConf?: QuantizerLike | null;
  /** Quantizer of the recurrent kernel; place `weight`. */
  readonly rkqConf?: QuantizerLike | null;
  /** Bias quantizer; place `bias`. */
  readonly bqConf?: QuantizerLike | null;
  /** Quantizer of the state; place `datalane`. */
  readonly sqConf?: QuantizerLike | null;
  /** How many steps are computed at once; scales the EBOPs. −1: all. */
  readonly parallelizationFactor?: number | null;
}

/** Their names. */
export const qRecurrentOptions: Names<QRecurrentArgs> = {
  ...qDenseOptions,
  recurrentInitializer: 0,
  recurrentRegularizer: 0,
  recurrentConstraint: 0,
  returnSequences: 0,
  returnState: 0,
  goBackwards: 0,
  rkqConf: 0,
  sqConf: 0,
};

/** Quantised weights of one call. */
export interface RecurrentWeights {
  readonly kernel: tf.Tensor2D;
  readonly recurrentKernel: tf.Tensor2D;
  readonly bias: tf.Tensor | null;
}

/** Sequences of a fixed length through one cell, step by step, from a state of zeros. */
export abstract class QRecurrent extends QLayer {
  readonly units: number;
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  /** As given; see `stepsAtOnce`. */
  readonly parallelizationFactor: number;
  readonly kq: Quantizer;
  readonly rkq: Quantizer;
  readonly bq: Quantizer | null;
  readonly weightSettings: WeightSettings;
  readonly recurrentSettings: WeightSettings;
  private size: { readonly steps: number; readonly inputs: number } = { steps: 1, inputs: 1 };
  private weightTensors:
    | (Readonly<Record<'kernel' | 'recurrentKernel', tf.LayerVariable>> & {
        readonly bias: tf.LayerVariable | null;
      })
    | null = null;

  /** @param factor default of `parallelizationFactor` */
  constructor(args: QRecurrentArgs, factor: number) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.units = wholeNumber(args.units, where, 'units');
    this.activation = activationName(args.activation, this.name);
    this.useBias = args.useBias ?? true;
    this.returnSequences = args.returnSequences ?? false;
    this.returnState = args.returnState ?? false;
    this.goBackwards = args.goBackwards ?? false;
    this.parallelizationFactor = args.parallelizationFactor ?? factor;
    this.weightSettings = new WeightSettings(args, where);
    this.recurrentSettings = new WeightSettings(
      {
        kernelInitializer: args.recurrentInitializer ?? 'orthogonal',
        kernelRegularizer: args.recurrentRegularizer ?? null,
        kernelConstraint: args.recurrentConstraint ?? null,
      },
      where,
    );
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.rkq = this.quantizer('rkq', args.rkqConf, 'weight');
    this.bq = this.useBias ? this.quantizer('bq', args.bqConf, 'bias') : null;
  }

  /** Unquantised kernel `[features, gates · units]`. */
  get kernel(): tf.LayerVariable {
    return this.builtWeights().kernel;
  }

  /** Unquantised recurrent kernel `[units, gates · units]`. */
  get recurrentKernel(): tf.LayerVariable {
    return this.builtWeights().recurrentKernel;
  }

  /** Unquantised bias, or null. */
  get bias(): tf.LayerVariable | null {
    return this.builtWeights().bias;
  }

  /** Length of the sequences and features of a step. Known after the layer was built. */
  get sequence(): { readonly steps: number; readonly inputs: number } {
    return this.size;
  }

  /** The parallelization factor with −1 resolved. */
  get stepsAtOnce(): number {
    return this.parallelizationFactor > 0 ? this.parallelizationFactor : this.size.steps;
  }

  /** Steps of the sequence in the order in which they are taken. */
  get order(): readonly number[] {
    const steps = Array.from({ length: this.size.steps }, (_, t) => t);
    return this.goBackwards ? steps.reverse() : steps;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { steps } = this.sequenceOf(dataShapes(inputShape));
    const output = this.returnSequences ? [null, steps, this.units] : [null, this.units];
    // tfjs takes a list of shapes too, its typing here does not.
    return this.returnState ? ([output, [null, this.units]] as unknown as Shape) : output;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor | tf.Tensor[] {
    if (!this.returnState) return super.call(inputs, kwargs);
    return tidy(() => {
      const context = callContext(kwargs);
      const { output, state } = this.run(ownTensors(inputs, this.name)[0], context);
      return [this.oq == null ? output : this.oq.call(output, context), state];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const recurrent = Object.entries(this.recurrentSettings.config()).flatMap(([key, value]) =>
      key.startsWith('kernel') ? [[`recurrent${key.slice('kernel'.length)}`, value]] : [],
    );
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation,
      useBias: this.useBias,
      returnSequences: this.returnSequences,
      returnState: this.returnState,
      goBackwards: this.goBackwards,
      ...this.weightSettings.config(),
      ...Object.fromEntries(recurrent),
      kqConf: quantizerConfigOf(this.kq),
      rkqConf: quantizerConfigOf(this.rkq),
      bqConf: quantizerConfigOf(this.bq),
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  /** Shape of the kernels' last axis over `units`, and of the bias. */
  protected abstract get gates(): number;

  protected abstract get biasShape(): readonly number[];

  /** The state behind a step: `x` is the quantised input of the step, `h` the state in front of it. */
  protected abstract step(x: tf.Tensor2D, h: tf.Tensor2D, weights: RecurrentWeights, context: CallContext): tf.Tensor2D;

  /** Builds the quantizers of the cell besides those of input and weights. */
  protected abstract buildCell(): void;

  protected override quantisedInputShape(inputs: Shape[]): Shape {
    return [null, this.sequenceOf(inputs).inputs];
  }

  protected override buildInner(inputs: Shape[]): void {
    this.size = this.sequenceOf(inputs);
    const columns = this.gates * this.units;
    const kernelShape = [this.size.inputs, columns];
    const recurrentShape = [this.units, columns];
    this.weightTensors = {
      kernel: this.weightSettings.add(this, 'kernel', kernelShape),
      recurrentKernel: this.recurrentSettings.add(this, 'kernel', recurrentShape, 'recurrent_kernel'),
      bias: this.useBias ? this.weightSettings.add(this, 'bias', this.biasShape) : null,
    };
    this.kq.build(kernelShape, this.variablesOf('kq'));
    this.rkq.build(recurrentShape, this.variablesOf('rkq'));
    this.bq?.build(this.biasShape, this.variablesOf('bq'));
    this.buildCell();
  }

  protected override forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    return this.run(x, context).output;
  }

  private run(sequences: tf.Tensor, context: CallContext): { readonly output: tf.Tensor; readonly state: tf.Tensor2D } {
    const { kernel, recurrentKernel, bias } = this.builtWeights();
    const { steps, inputs } = this.size;
    const [batch] = sequences.shape;
    const weights = {
      kernel: this.kq.call(kernel.read(), context) as tf.Tensor2D,
      recurrentKernel: this.rkq.call(recurrentKernel.read(), context) as tf.Tensor2D,
      bias: bias == null || this.bq == null ? null : this.bq.call(bias.read(), context),
    };
    const parts = split(sequences, steps, 1).map((part) => reshape(part, [batch, inputs]) as tf.Tensor2D);
    let state = zeros([batch, this.units]) as tf.Tensor2D;
    const outputs: tf.Tensor2D[] = [];
    for (const t of this.order) {
      state = this.step(this.quantisedInput(parts[t], context) as tf.Tensor2D, state, weights, context);
      outputs.push(state);
    }
    if (!this.returnSequences) return { output: state, state };
    return {
      output: concat(
        outputs.map((output) => reshape(output, [batch, 1, this.units])),
        1,
      ),
      state,
    };
  }

  private sequenceOf(inputs: readonly Shape[]): { readonly steps: number; readonly inputs: number } {
    const where = `Layer '${this.name}'`;
    if (inputs.length > 1) {
      throw new LayerError(
        `${where}: got ${inputs.length} inputs; a start state is not supported, it starts with zeros. Give the sequence alone.`,
        {
          option: 'inputs',
          value: inputs,
        },
      );
    }
    const [[, steps, features, ...more]] = inputs;
    if (steps == null || features == null || more.length > 0) {
      throw new LayerError(
        `${where}: input shape [${inputs[0].join(', ')}]; expected [batch, steps, features] with a fixed number of steps, one computation per step. Give the input a fixed length.`,
        { option: 'inputs', value: inputs[0] },
      );
    }
    return { steps, inputs: features };
  }

  private builtWeights(): NonNullable<typeof this.weightTensors> {
    if (this.weightTensors == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.weightTensors;
  }
}
