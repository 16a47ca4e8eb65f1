import type { GraphNode, Weights } from '@sp/quant';
import { isPowerOfTwo, seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import {
  type ConvSettings,
  type ConvWindows,
  convSettings,
  convWindows,
  requireChannelsLast,
} from '../layers/conv-settings.ts';
import { type InitializerLike, initializerConfig, initializerOf } from '../layers/initializer.ts';
import { knownOptions } from '../layers/known-options.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import type { Shape } from '../layers/q-layer.ts';
import { denseImage } from '../lower/dense-image.ts';
import { padsOf } from '../lower/lower-conv.ts';
import { refuseDivisor } from '../lower/lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from '../lower/lowered.ts';
import type { SelfLowering } from '../lower/self-lowering.ts';
import { weightsOf } from '../lower/weights.ts';
import { groupedConv2d } from '../ops/grouped-conv.ts';
import { callContext } from '../quantizer/call-context.ts';
import { type HasQuantizedTensors, type QuantizedTensor, shareOfZeros } from '../quantizer/quantized-tensors.ts';
import { lowerQKerasActivation } from './lower-quantizer.ts';
import { applyQKerasActivation, outputTensors } from './qkeras-activation.ts';
import { quantizeTensor } from './quantize-tensor.ts';
import {
  type ActivationArgument,
  activationOf,
  activationText,
  kernelQuantizer,
  type QKerasActivation,
  type QuantizerArgument,
  quantizerOf,
} from './quantizer-argument.ts';
import { weightFormat } from './quantizer-format.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';
import { printQuantizer } from './quantizer-string.ts';

/** The layers with a kernel, by their Keras names. */
export type AffineKind = 'Dense' | 'Conv1D' | 'Conv2D' | 'DepthwiseConv2D' | 'SeparableConv1D' | 'SeparableConv2D';

/** Weights of a layer, as Keras names them. */
export type WeightName = 'kernel' | 'depthwise_kernel' | 'pointwise_kernel' | 'bias';

/** Arguments of QKeras' layers with a kernel. */
export interface QKerasAffineArgs extends LayerArgs {
  /** Outputs of a Dense layer. */
  readonly units?: number;
  /** Output channels of a convolution; none for a depthwise one. */
  readonly filters?: number;
  readonly kernelSize?: number | readonly number[];
  readonly strides?: number | readonly number[] | null;
  readonly padding?: string | null;
  readonly dilationRate?: number | readonly number[] | null;
  readonly groups?: number | null;
  readonly dataFormat?: string | null;
  /** Outputs per channel of a depthwise kernel. Default 1. */
  readonly depthMultiplier?: number | null;
  /** Default true. */
  readonly useBias?: boolean | null;
  readonly activation?: ActivationArgument;
  /** Without one the weights stay float32 numbers. */
  readonly kernelQuantizer?: QuantizerArgument;
  readonly depthwiseQuantizer?: QuantizerArgument;
  readonly pointwiseQuantizer?: QuantizerArgument;
  readonly biasQuantizer?: QuantizerArgument;
  readonly kernelInitializer?: InitializerLike | null;
  readonly biasInitializer?: InitializerLike | null;
  readonly seed?: number | null;
}

/** One linear step of a layer. */
interface Stage {
  readonly weight: WeightName;
  readonly shape: readonly number[];
  /** Absent: a matrix product over the last axis. */
  readonly conv?: { readonly settings: ConvSettings; readonly windows: ConvWindows };
}

const quantizerOption = {
  kernel: 'kernelQuantizer',
  depthwise_kernel: 'depthwiseQuantizer',
  pointwise_kernel: 'pointwiseQuantizer',
  bias: 'biasQuantizer',
} as const;

/** A linear layer of QKeras with quantised weights: one or two stages, bias, activation. */
export class QKerasAffine extends tf.layers.Layer implements SelfLowering, HasQuantizedTensors {
  static readonly className: string = 'QKerasAffine';
  readonly kind: AffineKind;
  readonly activation: QKerasActivation;
  readonly useBias: boolean;
  /** Quantizers by weight; null where the weight is used as it is. */
  readonly quantizers: ReadonlyMap<WeightName, QKerasQuantizer | null>;
  private readonly args: QKerasAffineArgs;
  private readonly random: () => number;
  private readonly variables = new Map<WeightName, tf.LayerVariable>();
  private steps: readonly Stage[] = [];

  constructor(args: QKerasAffineArgs, kind: AffineKind) {
    super(knownOptions(args, new.target));
    this.kind = kind;
    this.args = args;
    requireChannelsLast(args.dataFormat, `Layer '${this.name}'`);
    this.activation = activationOf(args.activation, this.name);
    this.useBias = args.useBias ?? true;
    this.random = seededRandom(args.seed ?? 0);
    const names: WeightName[] = kind.startsWith('Separable')
      ? ['depthwise_kernel', 'pointwise_kernel']
      : [kind === 'DepthwiseConv2D' ? 'depthwise_kernel' : 'kernel'];
    const quantizers = names.map((name): [WeightName, QKerasQuantizer | null] => {
      const option = quantizerOption[name];
      return [name, kernelQuantizer(quantizerOf(args[option], this.name, option))];
    });
    this.quantizers = new Map<WeightName, QKerasQuantizer | null>([
      ...quantizers,
      ...(this.useBias
        ? [
            ['bias', quantizerOf(args.biasQuantizer, this.name, 'biasQuantizer')] as [
              WeightName,
              QKerasQuantizer | null,
            ],
          ]
        : []),
    ]);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.steps = this.stages(inputShape as Shape);
    const initializer = initializerOf(this.args.kernelInitializer, 'glorotUniform', `Layer '${this.name}'`);
    for (const { weight, shape } of this.steps) {
      this.variables.set(weight, this.addWeight(weight, [...shape], 'float32', initializer));
    }
    if (this.useBias) {
      const zeros = initializerOf(this.args.biasInitializer, 'zeros', `Layer '${this.name}'`);
      const channels = this.computeOutputShape(inputShape).at(-1) as number;
      this.variables.set('bias', this.addWeight('bias', [channels], 'float32', zeros));
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape;
    return this.stages(shape).reduce<Shape>(
      (current, stage) =>
        stage.conv == null
          ? [...current.slice(0, -1), stage.shape.at(-1) as number]
          : [current[0], ...stage.conv.windows.outputShape],
      shape,
    );
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor {
    return tf.tidy(() => {
      const training = callContext(kwargs) === 'training';
      let y = [inputs].flat()[0];
      for (const stage of this.steps) y = applyStage(stage, y, this.quantised(stage.weight, training));
      if (this.useBias) y = tf.add(y, this.quantised('bias', training));
      return applyQKerasActivation(this.activation, y, kwargs, this.random);
    });
  }

  /** Products of weights and inputs for one row of data. */
  get multiplications(): number {
    return this.stageSizes.reduce((sum, { operations }) => sum + operations, 0);
  }

  /** Of every linear step: products for one row of data, and how many of them make one sum. */
  get stageSizes(): readonly { readonly weight: WeightName; readonly operations: number; readonly fanIn: number }[] {
    const positions = (this.outputShape as Shape)
      .slice(1, -1)
      .reduce<number>((product, extent) => product * (extent ?? 1), 1);
    return this.steps.map(({ weight, shape, conv }) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      const outputs = conv == null ? (shape.at(-1) as number) : conv.settings.filters;
      return { weight, operations: positions * size, fanIn: size / outputs };
    });
  }

  /** Number of values of a weight. */
  sizeOfWeight(weight: WeightName): number {
    return this.variables.get(weight)?.shape.reduce<number>((product, extent) => product * (extent ?? 1), 1) ?? 0;
  }

  /** A weight as inference uses it (or a training step, where random quantizers draw). */
  quantised(weight: WeightName, training = false): tf.Tensor {
    const variable = this.variables.get(weight);
    if (variable == null) {
      throw new LayerError(`Layer '${this.name}': it has no ${weight} (yet). Build the model first.`, {
        option: weight,
      });
    }
    return quantizeTensor(this.quantizers.get(weight) ?? null, variable.read(), { training, random: this.random });
  }

  /** Weights, and the result where the activation gives it a format. */
  quantizedTensors(): readonly QuantizedTensor[] {
    const weights = [...this.quantizers].map(([name, q]): QuantizedTensor => {
      const tensor = tf.tidy(() => this.quantised(name).clone());
      const values = tensor.dataSync<'float32'>().slice();
      const { shape } = tensor;
      tensor.dispose();
      return {
        role: name === 'bias' ? 'bias' : 'weights',
        shape,
        formats: weightFormat(q, values),
        zeros: shareOfZeros(values),
      };
    });
    return [...weights, ...outputTensors(this.activation, this.outputShape as Shape)];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { args } = this;
    const own = Object.fromEntries(
      (
        [
          'units',
          'filters',
          'kernelSize',
          'strides',
          'padding',
          'dilationRate',
          'groups',
          'depthMultiplier',
          'seed',
        ] as const
      )
        .filter((key) => args[key] != null)
        .map((key) => [key, args[key]]),
    ) as tf.serialization.ConfigDict;
    const quantizers = Object.fromEntries(
      [...this.quantizers].map(([name, q]) => [quantizerOption[name], q == null ? null : printQuantizer(q)]),
    );
    return {
      ...super.getConfig(),
      ...own,
      ...quantizers,
      useBias: this.useBias,
      activation: activationText(this.activation),
      kernelInitializer: initializerConfig(initializerOf(args.kernelInitializer, 'glorotUniform', this.name)),
      biasInitializer: initializerConfig(initializerOf(args.biasInitializer, 'zeros', this.name)),
    };
  }

  /** As nodes `.dense` or `.conv` (`.pointwise`), then the activation's. */
  lowerInto(scope: LowerScope, [input]: readonly Lowered[]): readonly Lowered[] {
    const source = requireValue(input, this.name).node;
    refuseDivisor(source, this.name);
    let node = denseImage(scope, source, this.name);
    for (const [index, stage] of this.steps.entries()) {
      const last = index === this.steps.length - 1;
      const bias = last && this.useBias ? this.lowerWeight(scope, 'bias') : null;
      node = lowerStage(scope, stage, node, this.lowerWeight(scope, stage.weight), bias, this.name);
    }
    return [lowerQKerasActivation(scope, { kind: 'value', node }, this.activation, this.name)];
  }

  private lowerWeight(scope: LowerScope, weight: WeightName): Weights {
    const q = this.quantizers.get(weight) ?? null;
    if (q == null) {
      const message = `its ${weight} has no quantizer: the float32 values are kept exactly, in up to 24 bits or more.`;
      scope.report({ kind: 'warning', layer: this.name, message });
    } else if (q.name === 'bernoulli') {
      throw new LowerError(this.name, `its ${weight} is drawn at random (bernoulli).`, 'Use binary(alpha=1).');
    } else if ('alpha' in q && !foldable(q.alpha)) {
      throw new LowerError(
        this.name,
        `the quantizer of its ${weight}, ${printQuantizer(q)}, has alpha = ${q.alpha}, which hardware cannot have exactly.`,
        "Set alpha=1, a power of two, or 'auto_po2', and train on.",
      );
    }
    const values = tf.tidy(() => this.quantised(weight).clone());
    const shape = shapeForGraph(this.steps, weight, values.shape);
    const codes = weightsOf(values.dataSync<'float32'>(), shape, `Layer '${this.name}'`);
    values.dispose();
    return codes;
  }

  private stages(inputShape: Shape): readonly Stage[] {
    const { args, kind } = this;
    const where = `Layer '${this.name}'`;
    if (kind === 'Dense') {
      const [units, inputs] = [args.units ?? 0, inputShape.at(-1)];
      if (inputs == null || !(Number.isInteger(units) && units >= 1)) {
        throw new LayerError(
          `${where}: units = ${args.units}, input shape [${inputShape}]; expected whole numbers ≥ 1.`,
          { option: 'units', value: args.units },
        );
      }
      return [{ weight: 'kernel', shape: [inputs, units] }];
    }
    const rank = kind.endsWith('1D') ? 1 : 2;
    const channels = inputShape.at(-1) ?? 0;
    const multiplier = args.depthMultiplier ?? 1;
    const depthwise = kind === 'DepthwiseConv2D' || kind.startsWith('Separable');
    const conv = (filters: number, groups: number, kernelSize = args.kernelSize ?? 1): NonNullable<Stage['conv']> => {
      const { strides, padding, dilationRate, dataFormat } = args;
      const settings = convSettings(
        {
          filters,
          groups,
          kernelSize,
          strides: strides ?? null,
          padding: padding ?? null,
          dilationRate: dilationRate ?? null,
          dataFormat: dataFormat ?? null,
        },
        rank,
        where,
      );
      return { settings, windows: convWindows(settings, inputShape, where) };
    };
    if (!depthwise) {
      const own = conv(args.filters ?? 0, args.groups ?? 1);
      return [{ weight: 'kernel', shape: own.windows.kernelShape, conv: own }];
    }
    const own = conv(channels * multiplier, channels);
    const first: Stage = {
      weight: 'depthwise_kernel',
      shape: [...own.settings.kernelSize, channels, multiplier],
      conv: own,
    };
    if (kind === 'DepthwiseConv2D') return [first];
    const ones = own.settings.kernelSize.map(() => 1);
    return [first, { weight: 'pointwise_kernel', shape: [...ones, channels * multiplier, args.filters ?? 0] }];
  }
}

/** Scales that multiply codes exactly. */
function foldable(alpha: number | string | null): boolean {
  return alpha === null || alpha === 'auto_po2' || (typeof alpha === 'number' && isPowerOfTwo(Math.abs(alpha)));
}

/** Keras' depthwise kernels `[…, C, M]` are kernels `[…, 1, C·M]` of C groups; pointwise ones are matrices. */
function shapeForGraph(stages: readonly Stage[], weight: WeightName, shape: readonly number[]): readonly number[] {
  const stage = stages.find((candidate) => candidate.weight === weight);
  if (stage == null) return shape;
  return stage.conv == null ? stage.shape.slice(-2) : stage.conv.windows.kernelShape;
}

function applyStage({ conv, shape }: Stage, x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  if (conv == null) {
    const [inputs, outputs] = shape.slice(-2);
    const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
    const y = tf.matMul(rows, tf.reshape(kernel, [inputs, outputs]) as tf.Tensor2D);
    return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
  }
  const { rows, columns, outputShape, kernelShape } = conv.windows;
  const image =
    conv.settings.rank === 2 ? x : tf.reshape(x, [x.shape[0], 1, x.shape[1] as number, x.shape[2] as number]);
  const square = tf.reshape(kernel, conv.settings.rank === 2 ? [...kernelShape] : [1, ...kernelShape]);
  const y = groupedConv2d(image as tf.Tensor4D, square as tf.Tensor4D, rows, columns, conv.settings.groups);
  return conv.settings.rank === 2 ? y : tf.reshape(y, [x.shape[0], ...outputShape]);
}

function lowerStage(
  scope: LowerScope,
  { conv, weight }: Stage,
  x: GraphNode,
  kernel: Weights,
  bias: Weights | null,
  layer: string,
): GraphNode {
  const weights = { kernel, ...(bias == null ? {} : { bias }), layer };
  if (conv == null) return scope.graph.dense(`${layer}.${weight === 'kernel' ? 'dense' : 'pointwise'}`, x, weights);
  const { rows, columns } = conv.windows;
  const { groups, rank } = conv.settings;
  if (rank === 1) {
    return scope.graph.conv1d(`${layer}.conv`, x, {
      ...weights,
      groups,
      stride: columns.stride,
      dilation: columns.dilation,
      pads: padsOf(columns),
    });
  }
  return scope.graph.conv2d(`${layer}.conv`, x, {
    ...weights,
    groups,
    strides: [rows.stride, columns.stride],
    dilation: [rows.dilation, columns.dilation],
    pads: [padsOf(rows), padsOf(columns)],
  });
}
