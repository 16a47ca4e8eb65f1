import type { Weights } from '@sp/quant';
import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { perAxis, requireChannelsLast, windowsOver } from '../layers/conv-settings.ts';
import { knownOptions } from '../layers/known-options.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import { base, names, type OptionNames } from '../layers/option-list.ts';
import type { Shape } from '../layers/q-layer.ts';
import { denseImage } from '../lower/dense-image.ts';
import { refuseDivisor } from '../lower/lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from '../lower/lowered.ts';
import type { SelfLowering } from '../lower/self-lowering.ts';
import { weightsOf } from '../lower/weights.ts';
import { lowerQKerasActivation } from './lower-quantizer.ts';
import { applyQKerasActivation } from './qkeras-activation.ts';
import { qkerasQuantize } from './quantize.ts';
import { getInternalSigmoid } from './quantize-tensor.ts';
import {
  type ActivationArgument,
  activationOf,
  activationText,
  type QKerasActivation,
  type QuantizerArgument,
  quantizerOf,
} from './quantizer-argument.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';
import { printQuantizer } from './quantizer-string.ts';

/** Arguments of QKeras' average poolings. */
export interface QKerasAveragePoolingArgs extends LayerArgs {
  /** Window; the whole image for the global one. Default 2. */
  readonly poolSize?: number | readonly number[] | null;
  /** Default: `poolSize`. */
  readonly strides?: number | readonly number[] | null;
  /** Only `'valid'`. */
  readonly padding?: string | null;
  readonly dataFormat?: string | null;
  /** Quantises `1 / area`, by which the sum is multiplied. Without one the average is exact. */
  readonly averageQuantizer?: QuantizerArgument;
  readonly activation?: ActivationArgument;
}

/** Average as QKeras computes it: the sum of a window times the quantised reciprocal of its area. */
export class QKerasAveragePooling extends tf.layers.Layer implements SelfLowering {
  static readonly className: string = 'QKerasAveragePooling';
  readonly activation: QKerasActivation;
  readonly averageQuantizer: QKerasQuantizer | null;
  private readonly args: QKerasAveragePoolingArgs;
  private readonly isGlobal: boolean;
  private readonly random: () => number = seededRandom(0);

  constructor(args: QKerasAveragePoolingArgs, isGlobal: boolean) {
    super(knownOptions(args, new.target));
    this.args = args;
    this.isGlobal = isGlobal;
    this.activation = activationOf(args.activation, this.name);
    this.averageQuantizer = quantizerOf(args.averageQuantizer, this.name, 'averageQuantizer');
    requireChannelsLast(args.dataFormat, `Layer '${this.name}'`);
    if ((args.padding ?? 'valid') !== 'valid') {
      throw new LowerError(this.name, `padding = '${args.padding}'.`, "Use 'valid': QKeras divides by the whole area.");
    }
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape;
    const { rows, columns } = this.windows(shape);
    return this.isGlobal ? [shape[0], shape[3]] : [shape[0], rows.output, columns.output, shape[3]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0] as tf.Tensor4D;
      const { rows, columns } = this.windows(x.shape);
      const area = rows.taps * columns.taps;
      const channels = x.shape[3];
      // A sum per window, exact in float32 as long as the codes fit: a depthwise kernel of ones.
      const ones = tf.ones([rows.taps, columns.taps, channels, 1]) as tf.Tensor4D;
      const sums = tf.depthwiseConv2d(x, ones, [rows.stride, columns.stride], 'valid');
      const means = this.averageQuantizer == null ? tf.div(sums, area) : tf.mul(sums, this.reciprocal(area));
      const y = this.isGlobal ? tf.reshape(means, [x.shape[0], channels]) : means;
      return applyQKerasActivation(this.activation, y, kwargs, this.random);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { poolSize, strides } = this.args;
    return {
      ...super.getConfig(),
      ...(poolSize == null ? {} : { poolSize: poolSize as number | number[] }),
      ...(strides == null ? {} : { strides: strides as number | number[] }),
      averageQuantizer: this.averageQuantizer == null ? null : printQuantizer(this.averageQuantizer),
      activation: activationText(this.activation),
    };
  }

  /** As nodes `.sum`, `.scale` (or `.pool` alone), then the activation's. */
  lowerInto(scope: LowerScope, [input]: readonly Lowered[]): readonly Lowered[] {
    const { name } = this;
    const source = requireValue(input, name).node;
    refuseDivisor(source, name);
    const x = denseImage(scope, source, name);
    const { rows, columns } = this.windows([null, ...x.shape]);
    const pooled = this.isGlobal
      ? scope.graph.meanOver(`${name}.pool`, x, { axes: [0, 1], layer: name })
      : scope.graph.pool2d(`${name}.pool`, x, {
          mode: 'avg',
          pool: [rows.taps, columns.taps],
          strides: [rows.stride, columns.stride],
          layer: name,
        });
    const area = rows.taps * columns.taps;
    if (this.averageQuantizer == null) {
      return [lowerQKerasActivation(scope, { kind: 'value', node: pooled }, this.activation, name)];
    }
    const ones: Weights = {
      shape: [rows.taps, columns.taps, 1, x.shape[2]],
      codes: Array(area * x.shape[2]).fill(1),
      f: 0,
    };
    const groups = x.shape[2];
    const sums = scope.graph.conv2d(`${name}.sum`, x, {
      kernel: ones,
      groups,
      strides: [rows.stride, columns.stride],
      layer: name,
    });
    const factor = new Float32Array([this.reciprocal(area)]);
    const scale = weightsOf(
      factor,
      sums.shape.map(() => 1),
      `Layer '${name}'`,
    );
    const scaled = scope.graph.scaleOffset(`${name}.scale`, sums, { scale, layer: name });
    const node = this.isGlobal ? scope.graph.reshape(`${name}.flat`, scaled, { shape: [groups], layer: name }) : scaled;
    return [lowerQKerasActivation(scope, { kind: 'value', node }, this.activation, name)];
  }

  private reciprocal(area: number): number {
    const q = this.averageQuantizer as QKerasQuantizer;
    const context = { training: false, random: () => 0, internalSigmoid: getInternalSigmoid() };
    return Math.fround(qkerasQuantize(q, { x: [Math.fround(1 / area)], shape: [1] }, context).values[0]);
  }

  private windows(shape: Shape): ReturnType<typeof windowsOver> {
    const size = this.isGlobal ? [shape[1] as number, shape[2] as number] : (this.args.poolSize ?? 2);
    const where = `Layer '${this.name}'`;
    const taps = perAxis(size, 2, where, 'poolSize');
    const strides = this.isGlobal ? taps : perAxis(this.args.strides ?? taps, 2, where, 'strides');
    return windowsOver(shape, { rank: 2, taps, strides, padding: 'valid' }, where);
  }
}

/** QKeras' `QAveragePooling2D`. */
export class QKerasAveragePooling2D extends QKerasAveragePooling {
  static override readonly className = 'QKerasAveragePooling2D';
  static readonly options: OptionNames = names<QKerasAveragePoolingArgs>(
    'poolSize',
    { ...base, poolSize: 0, strides: 0, padding: 0, dataFormat: 0, averageQuantizer: 0, activation: 0 },
    'qkerasAveragePooling2D',
  );
  constructor(args: QKerasAveragePoolingArgs) {
    super(args, false);
  }
}

/** QKeras' `QGlobalAveragePooling2D`. */
export class QKerasGlobalAveragePooling2D extends QKerasAveragePooling {
  static override readonly className = 'QKerasGlobalAveragePooling2D';
  static readonly options: OptionNames = names<Omit<QKerasAveragePoolingArgs, 'poolSize' | 'strides' | 'padding'>>(
    'averageQuantizer',
    { ...base, dataFormat: 0, averageQuantizer: 0, activation: 0 },
    'qkerasGlobalAveragePooling2D',
  );
  constructor(args: QKerasAveragePoolingArgs) {
    super(args, true);
  }
}

/** QKeras' `QAveragePooling2D`: sums times `averageQuantizer(1 / area)`, then the activation. */
export const qkerasAveragePooling2D = (args: QKerasAveragePoolingArgs): QKerasAveragePooling2D =>
  new QKerasAveragePooling2D(args);
/** QKeras' `QGlobalAveragePooling2D`; see `qkerasAveragePooling2D`. */
export const qkerasGlobalAveragePooling2D = (args: QKerasAveragePoolingArgs): QKerasGlobalAveragePooling2D =>
  new QKerasGlobalAveragePooling2D(args);
