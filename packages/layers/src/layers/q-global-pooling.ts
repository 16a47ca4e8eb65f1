import type * as tf from '@tensorflow/tfjs';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { poolCost } from '../ebops/pool-cost.ts';
import { reshape } from '../ops/tf.ts';
import { singleAxis, windowAxis } from '../ops/window-axis.ts';
import { averageWindows, maximumWindows } from '../ops/window-pool.ts';
import { sizeOf } from '../quantizer/broadcast.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { fixedSizes } from './conv-settings.ts';
import { channelsLast, type DataFormat, dataFormatOf, formatShape, lastShape } from './data-format.ts';
import { type Names, names, type OptionNames } from './option-list.ts';
import { QLayer, type QLayerArgs, qLayerOptions, type Shape } from './q-layer.ts';
import type { PoolMode } from './q-pooling.ts';

/** Arguments of the quantised global pooling layers. */
export interface QGlobalPoolingArgs extends QLayerArgs {
  /** Keep the pooled axes with length 1. Default false. */
  readonly keepdims?: boolean | null;
  /** `'channelsLast'` (default) or `'channelsFirst'`: `[batch, channels, …spatial]`. */
  readonly dataFormat?: string | null;
}

const options: Names<QGlobalPoolingArgs> = { ...qLayerOptions, keepdims: 0, dataFormat: 0 };

/** One value per channel of the whole quantised input, of rank 1 or 2. */
export abstract class QGlobalPooling extends QLayer {
  readonly rank: 1 | 2;
  readonly mode: PoolMode;
  readonly keepdims: boolean;
  readonly dataFormat: DataFormat;
  private operandShape: readonly number[] = [];

  constructor(args: QGlobalPoolingArgs, rank: 1 | 2, mode: PoolMode) {
    super(args);
    this.rank = rank;
    this.mode = mode;
    this.keepdims = args.keepdims ?? false;
    this.dataFormat = dataFormatOf(args.dataFormat, `Layer '${this.name}'`);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = lastShape(inputShape as Shape, this.dataFormat) as Shape;
    const channels = fixedSizes(shape, this.rank, `Layer '${this.name}'`)[this.rank];
    return this.withKeptAxes(shape[0], channels);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), keepdims: this.keepdims, dataFormat: this.dataFormat };
  }

  protected override buildInner([input]: Shape[]): void {
    const shape = lastShape(input, this.dataFormat) as Shape;
    const sizes = fixedSizes(shape, this.rank, `Layer '${this.name}'`);
    this.operandShape = formatShape([1, ...sizes], this.dataFormat) as number[];
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const x = channelsLast(this.quantisedInput(input, context), this.dataFormat);
    const channels = x.shape[x.rank - 1];
    const positions = sizeOf(x.shape.slice(1, -1));
    const column = windowAxis({ input: positions, taps: positions, stride: 1, dilation: 1, padding: 'valid' }, '');
    const line = reshape(x, [x.shape[0], 1, positions, channels]);
    const y =
      this.mode === 'avg' ? averageWindows(line, singleAxis, column) : maximumWindows(line, singleAxis, column, true);
    return reshape(y, this.withKeptAxes(x.shape[0], channels) as number[]);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return {};
  }

  protected override costOperands(): readonly CostOperand[] {
    return this.iq == null ? [] : [{ quantizer: this.iq, shape: this.operandShape }];
  }

  protected override costFunction(): CostFunction {
    return poolCost(1, 1);
  }

  private withKeptAxes(batch: number | null, channels: number): Shape {
    const kept = this.keepdims ? new Array<number>(this.rank).fill(1) : [];
    return formatShape([batch, ...kept, channels], this.dataFormat);
  }
}

/** Largest value of each channel of a sequence; see `qGlobalMaxPooling1D`. */
export class QGlobalMaxPooling1D extends QGlobalPooling {
  static readonly className = 'QGlobalMaxPooling1D';
  static readonly options: OptionNames = names<QGlobalPoolingArgs>('keepdims', options);

  constructor(args: QGlobalPoolingArgs = {}) {
    super(args, 1, 'max');
  }
}

/** Largest value of each channel of an image; see `qGlobalMaxPooling2D`. */
export class QGlobalMaxPooling2D extends QGlobalPooling {
  static readonly className = 'QGlobalMaxPooling2D';
  static readonly options: OptionNames = names<QGlobalPoolingArgs>('keepdims', options);

  constructor(args: QGlobalPoolingArgs = {}) {
    super(args, 2, 'max');
  }
}

/** Mean of each channel of a sequence; see `qGlobalAveragePooling1D`. */
export class QGlobalAveragePooling1D extends QGlobalPooling {
  static readonly className = 'QGlobalAveragePooling1D';
  static readonly options: OptionNames = names<QGlobalPoolingArgs>('keepdims', options);

  constructor(args: QGlobalPoolingArgs = {}) {
    super(args, 1, 'avg');
  }
}

/** Mean of each channel of an image; see `qGlobalAveragePooling2D`. */
export class QGlobalAveragePooling2D extends QGlobalPooling {
  static readonly className = 'QGlobalAveragePooling2D';
  static readonly options: OptionNames = names<QGlobalPoolingArgs>('keepdims', options);

  constructor(args: QGlobalPoolingArgs = {}) {
    super(args, 2, 'avg');
  }
}

/**
 * Largest value of `iq(x)` per channel (hgq2 §5.2): `[batch, length, channels] → [batch, channels]`. Positions that have
 * the same largest value share the gradient.
 */
export function qGlobalMaxPooling1D(args: QGlobalPoolingArgs = {}): QGlobalMaxPooling1D {
  return new QGlobalMaxPooling1D(args);
}

/**
 * Largest value of `iq(x)` per channel (hgq2 §5.2): `[batch, H, W, channels] → [batch, channels]`. Positions that have
 * the same largest value share the gradient.
 */
export function qGlobalMaxPooling2D(args: QGlobalPoolingArgs = {}): QGlobalMaxPooling2D {
  return new QGlobalMaxPooling2D(args);
}

/**
 * Mean of `iq(x)` per channel (hgq2 §5.2): `[batch, length, channels] → [batch, channels]`; the exact sum, divided once.
 */
export function qGlobalAveragePooling1D(args: QGlobalPoolingArgs = {}): QGlobalAveragePooling1D {
  return new QGlobalAveragePooling1D(args);
}

/**
 * Mean of `iq(x)` per channel (hgq2 §5.2): `[batch, H, W, channels] → [batch, channels]`; the exact sum, divided once.
 */
export function qGlobalAveragePooling2D(args: QGlobalPoolingArgs = {}): QGlobalAveragePooling2D {
  return new QGlobalAveragePooling2D(args);
}
