import type * as tf from '@tensorflow/tfjs';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { poolCost } from '../ebops/pool-cost.ts';
import { reshape } from '../ops/tf.ts';
import type { PaddedAxis, Padding } from '../ops/window-axis.ts';
import { averageWindows, maximumWindows } from '../ops/window-pool.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { paddingOf, perAxis, windowsOver } from './conv-settings.ts';
import { channelsLast, type DataFormat, dataFormatOf, formatShape, inFormat, lastShape } from './data-format.ts';
import { type Names, names, type OptionNames } from './option-list.ts';
import { allPositions, QLayer, type QLayerArgs, qLayerOptions, type Shape } from './q-layer.ts';

/** How the values under a window become one. */
export type PoolMode = 'avg' | 'max';

/** Arguments of the quantised pooling layers. */
export interface QPoolingArgs extends QLayerArgs {
  /** Window size: one number for all axes, or one per axis. Default 2. */
  readonly poolSize?: number | readonly number[] | null;
  /** Default: `poolSize`. */
  readonly strides?: number | readonly number[] | null;
  /** `'valid'` (default) or `'same'`: windows may hang over the border, only pixels of the image count. */
  readonly padding?: string | null;
  /** `'channelsLast'` (default) or `'channelsFirst'`: `[batch, channels, …spatial]`. */
  readonly dataFormat?: string | null;
  /** How many output positions are computed at once; scales the EBOPs. Default −1: all. */
  readonly parallelizationFactor?: number | null;
}

const options: Names<QPoolingArgs> = {
  ...qLayerOptions,
  poolSize: 0,
  strides: 0,
  padding: 0,
  dataFormat: 0,
  parallelizationFactor: 0,
};

/** Pooling of rank 1 or 2 behind an input quantizer. */
export abstract class QPooling extends QLayer {
  readonly rank: 1 | 2;
  readonly mode: PoolMode;
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dataFormat: DataFormat;
  readonly parallelizationFactor: number;
  private inputShape: Shape = [];

  constructor(args: QPoolingArgs, rank: 1 | 2, mode: PoolMode) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.rank = rank;
    this.mode = mode;
    this.poolSize = perAxis(args.poolSize ?? 2, rank, where, 'poolSize');
    this.strides = perAxis(args.strides ?? this.poolSize, rank, where, 'strides');
    this.padding = paddingOf(args.padding, ['valid', 'same'], where);
    this.dataFormat = dataFormatOf(args.dataFormat, where);
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
  }

  /** Where the windows lie; known once built. */
  get windows(): { readonly rows: PaddedAxis; readonly columns: PaddedAxis } {
    return this.windowsOn(this.inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape;
    const { rows, columns, channels } = this.windowsOn(shape);
    const spatial = this.rank === 1 ? [columns.output] : [rows.output, columns.output];
    return formatShape([shape[0], ...spatial, channels], this.dataFormat);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      poolSize: [...this.poolSize],
      strides: [...this.strides],
      padding: this.padding,
      dataFormat: this.dataFormat,
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  protected override buildInner([input]: Shape[]): void {
    this.inputShape = input;
    this.windowsOn(input);
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const quantised = this.quantisedInput(input, context);
    const { rows, columns } = this.windowsOn(quantised.shape);
    const x = channelsLast(quantised, this.dataFormat);
    const pool = this.mode === 'avg' ? averageWindows : maximumWindows;
    if (this.rank === 2) return inFormat(pool(x, rows, columns), this.dataFormat);
    const [batch, length, channels] = x.shape;
    const y = pool(reshape(x, [batch, 1, length, channels]), rows, columns);
    return inFormat(reshape(y, [batch, columns.output, channels]), this.dataFormat);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return {};
  }

  protected override costOperands(): readonly CostOperand[] {
    const shape = [1, ...(this.inputShape.slice(1) as number[])];
    return this.iq == null ? [] : [{ quantizer: this.iq, shape }];
  }

  protected override costFunction(): CostFunction {
    const { rows, columns } = this.windows;
    return poolCost(rows.output * columns.output, this.parallelizationFactor);
  }

  private windowsOn(shape: Shape): { rows: PaddedAxis; columns: PaddedAxis; channels: number } {
    const { rank, poolSize: taps, strides, padding } = this;
    return windowsOver(
      lastShape(shape, this.dataFormat) as Shape,
      { rank, taps, strides, padding },
      `Layer '${this.name}'`,
    );
  }
}

/** Largest value under each window of a sequence; see `qMaxPooling1D`. */
export class QMaxPooling1D extends QPooling {
  static readonly className = 'QMaxPooling1D';
  static readonly options: OptionNames = names<QPoolingArgs>('poolSize', options);

  constructor(args: QPoolingArgs = {}) {
    super(args, 1, 'max');
  }
}

/** Largest value under each window of an image; see `qMaxPooling2D`. */
export class QMaxPooling2D extends QPooling {
  static readonly className = 'QMaxPooling2D';
  static readonly options: OptionNames = names<QPoolingArgs>('poolSize', options);

  constructor(args: QPoolingArgs = {}) {
    super(args, 2, 'max');
  }
}

/** Mean under each window of a sequence; see `qAveragePooling1D`. */
export class QAveragePooling1D extends QPooling {
  static readonly className = 'QAveragePooling1D';
  static readonly options: OptionNames = names<QPoolingArgs>('poolSize', options);

  constructor(args: QPoolingArgs = {}) {
    super(args, 1, 'avg');
  }
}

/** Mean under each window of an image; see `qAveragePooling2D`. */
export class QAveragePooling2D extends QPooling {
  static readonly className = 'QAveragePooling2D';
  static readonly options: OptionNames = names<QPoolingArgs>('poolSize', options);

  constructor(args: QPoolingArgs = {}) {
    super(args, 2, 'avg');
  }
}

/**
 * Largest value of `iq(x)` under each window (hgq2 §5.2): `[batch, length, channels] → [batch, length', channels]`.
 * Padding does not take part. @throws on windows larger than the input.
 */
export function qMaxPooling1D(args: QPoolingArgs = {}): QMaxPooling1D {
  return new QMaxPooling1D(args);
}

/**
 * Largest value of `iq(x)` under each window (hgq2 §5.2): `[batch, H, W, channels] → [batch, H', W', channels]`.
 * Padding does not take part. For sparse images use `maxPooling2DSparse`.
 *
 * @throws on windows larger than the input.
 * @example
 * const y = qMaxPooling2D({ poolSize: 2 }).apply(x);
 */
export function qMaxPooling2D(args: QPoolingArgs = {}): QMaxPooling2D {
  return new QMaxPooling2D(args);
}

/**
 * Mean of `iq(x)` under each window (hgq2 §5.2): `[batch, length, channels] → [batch, length', channels]`. The sum is
 * exact and divided once, by the number of positions under the window; padding does not count.
 *
 * @throws on windows larger than the input.
 */
export function qAveragePooling1D(args: QPoolingArgs = {}): QAveragePooling1D {
  return new QAveragePooling1D(args);
}

/**
 * Mean of `iq(x)` under each window (hgq2 §5.2): `[batch, H, W, channels] → [batch, H', W', channels]`. The sum is exact
 * and divided once, by the number of pixels under the window; padding does not count. For sparse images use
 * `averagePooling2DSparse`.
 *
 * @throws on windows larger than the input.
 */
export function qAveragePooling2D(args: QPoolingArgs = {}): QAveragePooling2D {
  return new QAveragePooling2D(args);
}
