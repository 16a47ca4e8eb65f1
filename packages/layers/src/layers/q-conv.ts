import type * as tf from '@tensorflow/tfjs';
import { convCost, withInputChannelsFirst } from '../ebops/conv-cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { groupedConv2d } from '../ops/grouped-conv.ts';
import { add, reshape } from '../ops/tf.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type ActivationName, activationName, applyActivation } from './activation.ts';
import {
  type ConvArgs,
  type ConvSettings,
  type ConvWindows,
  convSettings,
  convSettingsConfig,
  convWindows,
} from './conv-settings.ts';
import { channelsLast, formatShape, inFormat, lastShape } from './data-format.ts';
import type { Names } from './option-list.ts';
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

/** Arguments of `qConv1D` and `qConv2D`. */
export interface QConvArgs extends ConvArgs, QLayerArgs, WeightArgs {
  /** Default linear. Only linear and relu can be lowered. */
  readonly activation?: string | null;
  /** Default true. */
  readonly useBias?: boolean | null;
  /** Kernel quantizer; place `weight`. */
  readonly kqConf?: QuantizerLike | null;
  /** Bias quantizer; place `bias`. */
  readonly bqConf?: QuantizerLike | null;
  /** How many output positions are computed at once; scales the EBOPs. Default −1: all. */
  readonly parallelizationFactor?: number | null;
  /**
   * Where the EBOPs count bias additions. `'input'` (default), as HGQ2: at every input position, whatever
   * `parallelizationFactor`. `'output'`: at the output positions computed at once, which is what hardware adds.
   */
  readonly biasEbops?: 'input' | 'output' | null;
}

/** Their names. */
export const qConvOptions: Names<QConvArgs> = {
  ...qLayerOptions,
  ...weightOptions,
  kqConf: 0,
  bqConf: 0,
  filters: 0,
  kernelSize: 0,
  strides: 0,
  padding: 0,
  dilationRate: 0,
  groups: 0,
  dataFormat: 0,
  activation: 0,
  useBias: 0,
  parallelizationFactor: 0,
  biasEbops: 0,
};

/** Weights of a convolution before quantisation. */
export interface ConvWeights {
  readonly kernel: tf.Tensor;
  readonly bias: tf.Tensor | null;
}

/** What convolutions of rank 1 and 2 share: `activation(conv(iq(x), kq(kernel)) + bq(bias))`. */
export abstract class QConv extends QLayer {
  readonly settings: ConvSettings;
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly parallelizationFactor: number;
  readonly biasEbops: 'input' | 'output';
  readonly kq: Quantizer;
  readonly bq: Quantizer | null;
  readonly weightSettings: WeightSettings;
  private weightTensors: {
    readonly kernel: tf.LayerVariable;
    readonly bias: tf.LayerVariable | null;
    readonly windows: ConvWindows;
  } | null = null;

  /** @param foldsOffset whether there is an offset to quantise even without a bias */
  constructor(args: QConvArgs, rank: 1 | 2, foldsOffset = false) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.settings = convSettings(args, rank, where);
    this.activation = activationName(args.activation, this.name);
    this.useBias = args.useBias ?? true;
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
    this.biasEbops = args.biasEbops ?? 'input';
    if (!['input', 'output'].includes(this.biasEbops)) {
      throw new LayerError(`${where}: biasEbops = '${this.biasEbops}'; expected 'input' or 'output'.`, {
        option: 'biasEbops',
        value: this.biasEbops,
      });
    }
    this.weightSettings = new WeightSettings(args, where);
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.bq = this.useBias || foldsOffset ? this.quantizer('bq', args.bqConf, 'bias') : null;
  }

  /** Unquantised kernel `[…kernelSize, in / groups, filters]`. */
  get kernel(): tf.LayerVariable {
    return this.builtParts().kernel;
  }

  /** Unquantised bias `[filters]`, or null. */
  get bias(): tf.LayerVariable | null {
    return this.builtParts().bias;
  }

  /** Where the windows lie on the layer's input; known once built. */
  get windows(): ConvWindows {
    return this.builtParts().windows;
  }

  /** The weights that inference quantises and uses. Call it in a tidy. */
  deployedWeights(): ConvWeights {
    return this.floatWeights(null);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { dataFormat } = this.settings;
    const shape = lastShape(inputShape as Shape, dataFormat) as Shape;
    const { outputShape } = convWindows(this.settings, shape, `Layer '${this.name}'`);
    return formatShape([shape[0], ...outputShape], dataFormat);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...convSettingsConfig(this.settings),
      activation: this.activation,
      useBias: this.useBias,
      ...this.weightSettings.config(),
      kqConf: quantizerConfigOf(this.kq),
      bqConf: quantizerConfigOf(this.bq),
      parallelizationFactor: this.parallelizationFactor,
      biasEbops: this.biasEbops,
    };
  }

  /**
   * Weights before quantisation.
   *
   * @param _x the quantised input of a training step, for weights that depend on batch statistics; else null
   */
  protected floatWeights(_x: tf.Tensor | null): ConvWeights {
    const { kernel, bias } = this.builtParts();
    return { kernel: kernel.read(), bias: bias?.read() ?? null };
  }

  protected override buildInner([input]: Shape[]): void {
    const { filters, dataFormat } = this.settings;
    const windows = convWindows(this.settings, lastShape(input, dataFormat) as Shape, `Layer '${this.name}'`);
    const shape = [...windows.kernelShape];
    const kernel = this.weightSettings.add(this, 'kernel', shape);
    const bias = this.useBias ? this.weightSettings.add(this, 'bias', [filters]) : null;
    this.weightTensors = { kernel, bias, windows };
    this.kq.build(shape, this.variablesOf('kq'));
    this.bq?.build([filters], this.variablesOf('bq'));
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const { dataFormat } = this.settings;
    const x = channelsLast(this.quantisedInput(input, context), dataFormat);
    const { kernel, bias } = this.floatWeights(context === 'training' && this.trainable ? x : null);
    const y = this.convolve(x, this.kq.call(kernel, context));
    const sum = bias == null || this.bq == null ? y : add(y, this.bq.call(bias, context));
    return inFormat(applyActivation(this.activation, sum), dataFormat);
  }

  /** Convolution of inputs with a kernel, both of the layer's rank. */
  protected convolve(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
    const { rows, columns, outputShape, kernelShape } = this.windows;
    const { rank, groups } = this.settings;
    if (rank === 2) return groupedConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, rows, columns, groups);
    const [batch, length, channels] = x.shape;
    const [taps, perGroup, filters] = kernelShape;
    const image = reshape(x, [batch, 1, length, channels]) as tf.Tensor4D;
    const square = reshape(kernel, [1, taps, perGroup, filters]) as tf.Tensor4D;
    const y = groupedConv2d(image, square, rows, columns, groups);
    return reshape(y, [batch, ...outputShape]);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return { kq: this.kq, bq: this.bq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, bq } = this;
    if (iq == null) return [];
    const { rows, columns, channels, kernelShape } = this.windows;
    const spatial = this.settings.rank === 1 ? [columns.input] : [rows.input, columns.input];
    const operands = [
      { quantizer: iq, shape: formatShape([1, ...spatial, channels], this.settings.dataFormat) as number[] },
      { quantizer: kq, shape: kernelShape },
    ];
    return bq == null ? operands : [...operands, { quantizer: bq, shape: [this.settings.filters] }];
  }

  protected override costFunction(): CostFunction {
    const { parallelizationFactor, biasEbops } = this;
    const { filters, groups, dataFormat } = this.settings;
    const cost = convCost({ ...this.windows, filters, groups, parallelizationFactor, biasPositions: biasEbops });
    return dataFormat === 'channelsLast' ? cost : withInputChannelsFirst(cost, this.windows.channels);
  }

  private builtParts(): NonNullable<typeof this.weightTensors> {
    if (this.weightTensors == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.weightTensors;
  }
}
