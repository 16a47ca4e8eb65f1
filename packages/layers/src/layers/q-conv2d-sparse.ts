import type * as tf from '@tensorflow/tfjs';
import { conv2dCost, scaleCost } from '../ebops/cost.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { embedKernel, type KernelEmbedding, kernelEmbedding } from '../ops/embed-kernel.ts';
import { sparseConv } from '../ops/sparse-conv.ts';
import { sparseConvReference } from '../ops/sparse-conv-reference.ts';
import { windowAxis } from '../ops/window-axis.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type ActivationName, activationName, applyActivation } from './activation.ts';
import type { ConvWindows } from './conv-settings.ts';
import { names, type OptionNames, without } from './option-list.ts';
import { qConvOptions } from './q-conv.ts';
import { allPositions, QLayer, type QLayerArgs, type QuantizerLike, quantizerConfigOf, type Shape } from './q-layer.ts';
import { featureShape, pair } from './sparse-pair.ts';
import { type WeightArgs, WeightSettings } from './weight-settings.ts';
import { wholeNumber } from './whole-number.ts';

/** Arguments of `qConv2DSparse`. */
export interface QConv2DSparseArgs extends QLayerArgs, WeightArgs {
  /** Number of output channels. */
  readonly filters: number;
  /** Side(s) of the kernel: one number, or rows and columns. Even ones are padded as TensorFlow pads: more behind. */
  readonly kernelSize: number | readonly number[];
  /** Only 1: the active set of pixels does not change. */
  readonly strides?: number | readonly number[] | null;
  /** Only `'same'`, or `'valid'` with a 1×1 kernel. Default `'same'`. */
  readonly padding?: string | null;
  /** Distance between kernel taps: one number, or rows and columns. Default 1. */
  readonly dilationRate?: number | readonly number[] | null;
  /** Channels and filters are split into so many groups that do not see each other. Default 1. */
  readonly groups?: number | null;
  /** Default linear. Only linear and relu can be lowered. */
  readonly activation?: string | null;
  /** Default true. The bias is added only where the convolution is not 0. */
  readonly useBias?: boolean | null;
  /** Kernel quantizer; place `weight`. */
  readonly kqConf?: QuantizerLike | null;
  /** Bias quantizer; place `bias`. */
  readonly bqConf?: QuantizerLike | null;
  /** How many pixels are computed at once; scales the EBOPs. Default −1: all H·W. */
  readonly parallelizationFactor?: number | null;
}

/** Convolution on the active pixels of `[x, mask]`; see `qConv2DSparse`. */
export class QConv2DSparse extends QLayer {
  static readonly className = 'QConv2DSparse';
  static readonly options: OptionNames = names<QConv2DSparseArgs>('filters', {
    ...without(qConvOptions, 'dataFormat', 'biasEbops'),
  });
  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly dilationRate: readonly [number, number];
  readonly groups: number;
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly parallelizationFactor: number;
  readonly kq: Quantizer;
  readonly bq: Quantizer | null;
  readonly weightSettings: WeightSettings;
  private image: readonly [number, number, number] = [0, 0, 0];
  private dense: KernelEmbedding | null = null;
  private weightTensors: { readonly kernel: tf.LayerVariable; readonly bias: tf.LayerVariable | null } | null = null;

  constructor(args: QConv2DSparseArgs) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.filters = wholeNumber(args.filters, where, 'filters');
    this.kernelSize = pair(args.kernelSize, where, 'kernelSize');
    this.dilationRate = pair(args.dilationRate ?? 1, where, 'dilationRate');
    this.groups = args.groups ?? 1;
    if (!Number.isInteger(this.groups) || this.groups < 1 || this.filters % this.groups !== 0) {
      throw new LayerError(
        `${where}: groups = ${this.groups}; expected a whole number that divides filters = ${this.filters}.`,
        { option: 'groups', value: this.groups },
      );
    }
    if (pair(args.strides ?? 1, where, 'strides').some((stride) => stride !== 1)) {
      throw new LayerError(
        `${where}: strides must be 1, the active pixels keep their places. Pool to shrink the image.`,
        { option: 'strides', value: args.strides },
      );
    }
    const padding = args.padding ?? 'same';
    if (padding !== 'same' && !(padding === 'valid' && this.kernelSize.every((side) => side === 1))) {
      throw new LayerError(`${where}: padding '${padding}' would shrink the image away from its mask. Use 'same'.`, {
        option: 'padding',
        value: padding,
      });
    }
    this.activation = activationName(args.activation, this.name);
    if (this.activation === 'softmax') {
      throw new LayerError(
        `${where}: softmax over the channels of every pixel is no activation of a sparse list. Use it behind the last dense layer.`,
        { option: 'activation', value: this.activation },
      );
    }
    this.useBias = args.useBias ?? true;
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
    this.weightSettings = new WeightSettings(args, where);
    this.kq = this.quantizer('kq', args.kqConf, 'weight');
    this.bq = this.useBias ? this.quantizer('bq', args.bqConf, 'bias') : null;
  }

  /** How the kernel lies in a dense one with odd sides; null if it is one itself. Known after the layer was built. */
  get embedding(): KernelEmbedding | null {
    return this.dense;
  }

  /** Unquantised kernel `[kh, kw, in / groups, filters]`. */
  get kernel(): tf.LayerVariable {
    return this.builtWeights().kernel;
  }

  /** Unquantised bias `[filters]`, or null. */
  get bias(): tf.LayerVariable | null {
    return this.builtWeights().bias;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...featureShape(inputShape, this.name).slice(0, -1), this.filters];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernelSize: [...this.kernelSize],
      padding: 'same',
      dilationRate: [...this.dilationRate],
      groups: this.groups,
      activation: this.activation,
      useBias: this.useBias,
      ...this.weightSettings.config(),
      kqConf: quantizerConfigOf(this.kq),
      bqConf: quantizerConfigOf(this.bq),
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  protected override buildInner(inputs: Shape[]): void {
    const [, height, width, channels] = featureShape(inputs, this.name) as number[];
    this.image = [height, width, channels];
    if (channels % this.groups !== 0) {
      throw new LayerError(
        `Layer '${this.name}': groups = ${this.groups} does not divide the ${channels} channels of its input.`,
        { option: 'groups', value: this.groups },
      );
    }
    const shape = [...this.kernelSize, channels / this.groups, this.filters];
    this.dense = kernelEmbedding(this.kernelSize, this.dilationRate, this.groups, [channels, this.filters]);
    const kernel = this.weightSettings.add(this, 'kernel', shape);
    const bias = this.useBias ? this.weightSettings.add(this, 'bias', [this.filters]) : null;
    this.weightTensors = { kernel, bias };
    this.kq.build(shape, this.variablesOf('kq'));
    this.bq?.build([this.filters], this.variablesOf('bq'));
  }

  protected override get quantisesInside(): boolean {
    return true;
  }

  protected override forward([features, mask]: tf.Tensor[], context: CallContext): tf.Tensor {
    const { kernel, bias } = this.builtWeights();
    const quantised = this.kq.call(kernel.read(), context);
    const operands = {
      features,
      mask,
      kernel: this.dense == null ? quantised : embedKernel(quantised, this.dense),
      bias: bias == null || this.bq == null ? null : this.bq.call(bias.read(), context),
    };
    const { activation } = this;
    const list = this.iq == null ? null : this.iq.list;
    const { oq } = this;
    if ((activation === 'linear' || activation === 'relu') && (this.iq == null || list != null) && oq == null) {
      return sparseConv(operands, activation === 'relu' ? 'relu' : 'linear', list, context);
    }
    return sparseConvReference(
      operands,
      (y) => applyActivation(activation, y),
      (x) => this.quantisedInput(x, context),
      // On whole images: the ranges that a WRAP quantizer follows include the pixels that the mask empties later.
      oq == null ? undefined : (y) => oq.call(y, context),
    );
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return { kq: this.kq, bq: this.bq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, image, kernelSize, filters } = this;
    if (iq == null) return [];
    return [
      { quantizer: iq, shape: [1, ...image] },
      { quantizer: kq, shape: [...kernelSize, image[2] / this.groups, filters] },
    ];
  }

  /** Where the windows lie on the image. */
  get windows(): Pick<ConvWindows, 'rows' | 'columns' | 'channels'> {
    const [height, width, channels] = this.image;
    const [rows, columns] = [height, width].map((input, axis) => {
      const [taps, dilation] = [this.kernelSize[axis], this.dilationRate[axis]];
      return windowAxis({ input, taps, stride: 1, dilation, padding: 'same' }, `Layer '${this.name}'`);
    });
    return { rows, columns, channels };
  }

  /** As the reference's inner convolution, which has no bias: the sparse bias is not counted (hgq2 §4.2). */
  protected override costFunction(): CostFunction {
    const { rows, columns, channels } = this.windows;
    const positions = rows.output * columns.output;
    const share = (this.parallelizationFactor > 0 ? this.parallelizationFactor : positions) / positions;
    return ([x, w]) => scaleCost(conv2dCost(x, w, rows, columns, channels, this.filters, this.groups), share);
  }

  private builtWeights(): NonNullable<typeof this.weightTensors> {
    if (this.weightTensors == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.weightTensors;
  }
}

/**
 * Quantised convolution that stays on the active pixels (sparsepixels §1.2): inputs `[x, mask]` of shapes
 * `[batch, H, W, C]` and `[batch, H, W, 1]`, output `[batch, H, W, filters]`; the mask passes on unchanged.
 *
 * x is masked, quantised and convolved with zero padding; the output quantizer, if there is one, acts on these sums; the
 * quantised bias is added where the result is not 0; then activation and mask again. The bias has its own quantizer.
 *
 * Activations of the input quantizer have by default one format per position. For firmware prefer one per channel:
 * `iqConf: { heterogeneousAxis: [-1] }`, a slot of the list has no fixed pixel.
 *
 * Even sides, dilation and groups lie in a dense kernel with odd sides (`kernelEmbedding`), in firmware too; the fused
 * engine leaves them to tfjs. Empty pixels stay 0 whatever the activation, since the mask comes last.
 *
 * @throws on strides other than 1, 'valid' padding, groups that do not divide channels and filters, and softmax.
 * @example
 * const y = qConv2DSparse({ filters: 4, kernelSize: 3, activation: 'relu' }).apply([x, mask]);
 */
export function qConv2DSparse(args: QConv2DSparseArgs): QConv2DSparse {
  return new QConv2DSparse(args);
}
