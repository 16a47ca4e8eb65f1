import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { averagePool, maxPool, maxPoolMask } from '../ops/pool.ts';
import { tidy } from '../ops/tf.ts';
import { type PaddedAxis, windowAxis } from '../ops/window-axis.ts';
import { averageWindows, maximumWindows } from '../ops/window-pool.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, type Names, names, type OptionNames } from './option-list.ts';
import { PairOutputLayer } from './output-layers.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';
import { featureShape, pair } from './sparse-pair.ts';

/** Arguments of `averagePooling2DSparse` and `maxPooling2DSparse`. */
export interface Pooling2DSparseArgs extends LayerArgs {
  /** Cell size: one number, or rows and columns. */
  readonly poolSize: number | readonly number[];
  /** Distance of the cells: one number, or rows and columns. Default `poolSize`. Firmware keeps lists only for that. */
  readonly strides?: number | readonly number[] | null;
  /** `'valid'` (default) drops border rows and columns that do not fill a cell; `'same'` takes what there is of them. */
  readonly padding?: string | null;
}

const options: Names<Pooling2DSparseArgs> = { ...base, poolSize: 0, strides: 0, padding: 0 };

/** What the two sparse poolings share: `[x, mask]` → `[pooled x, pooled mask]`. */
export abstract class Pooling2DSparse extends PairOutputLayer {
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: 'valid' | 'same';

  constructor(args: Pooling2DSparseArgs) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.poolSize = pair(args.poolSize, where, 'poolSize');
    this.strides = pair(args.strides ?? args.poolSize, where, 'strides');
    const padding = args.padding ?? 'valid';
    if (padding !== 'valid' && padding !== 'same') {
      throw new LayerError(`${where}: padding '${padding}'; expected 'valid' or 'same'.`, {
        option: 'padding',
        value: padding,
      });
    }
    this.padding = padding;
  }

  /** The windows on an image of this size. */
  windowsOn(height: number, width: number): { readonly rows: PaddedAxis; readonly columns: PaddedAxis } {
    const { poolSize, strides, padding } = this;
    const [rows, columns] = [height, width].map((input, axis) =>
      windowAxis(
        { input, taps: poolSize[axis], stride: strides[axis], dilation: 1, padding },
        `Layer '${this.name}': poolSize ${poolSize.join('×')}`,
      ),
    );
    return { rows, columns };
  }

  /** Whether the windows on an image of this size are whole cells side by side, which a list of pixels can follow. */
  isCellular(height: number, width: number): boolean {
    const { rows, columns } = this.windowsOn(height, width);
    return [rows, columns].every(
      ({ stride, taps, padBefore, padAfter }) => stride === taps && padBefore === 0 && padAfter === 0,
    );
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const [features, mask] = ownTensors(inputs, this.name);
    const [, height, width] = features.shape as number[];
    return tidy(() => {
      if (this.isCellular(height, width)) return [this.pool(features), maxPoolMask(mask, this.poolSize)];
      const { rows, columns } = this.windowsOn(height, width);
      return [this.poolWindows(features, rows, columns), maximumWindows(mask, rows, columns)];
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const [batch, height, width, channels] = featureShape(inputShape, this.name) as [number, number, number, number];
    const { rows, columns } = this.windowsOn(height, width);
    return [
      [batch, rows.output, columns.output, channels],
      [batch, rows.output, columns.output, 1],
    ];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), poolSize: [...this.poolSize], strides: [...this.strides], padding: this.padding };
  }

  protected abstract pool(features: tf.Tensor): tf.Tensor;

  protected abstract poolWindows(features: tf.Tensor, rows: PaddedAxis, columns: PaddedAxis): tf.Tensor;
}

/** Mean over cells; see `averagePooling2DSparse`. */
export class AveragePooling2DSparse extends Pooling2DSparse {
  static readonly className = 'AveragePooling2DSparse';
  static readonly options: OptionNames = names<Pooling2DSparseArgs>('poolSize', options);

  protected override pool(features: tf.Tensor): tf.Tensor {
    return averagePool(features, this.poolSize);
  }

  protected override poolWindows(features: tf.Tensor, rows: PaddedAxis, columns: PaddedAxis): tf.Tensor {
    return averageWindows(features, rows, columns);
  }
}

/** Maximum over cells; see `maxPooling2DSparse`. */
export class MaxPooling2DSparse extends Pooling2DSparse {
  static readonly className = 'MaxPooling2DSparse';
  static readonly options: OptionNames = names<Pooling2DSparseArgs>('poolSize', options);

  protected override pool(features: tf.Tensor): tf.Tensor {
    return maxPool(features, this.poolSize);
  }

  protected override poolWindows(features: tf.Tensor, rows: PaddedAxis, columns: PaddedAxis): tf.Tensor {
    return maximumWindows(features, rows, columns);
  }
}

/**
 * Mean over cells of `poolSize`, empty pixels counting as 0 (sparsepixels §1.4). `[x, mask]` of shapes
 * `[batch, H, W, C]`, `[batch, H, W, 1]` → the same pair at `⌊H/ph⌋ × ⌊W/pw⌋`. The sum is exact and divided once.
 *
 * Other strides and 'same' padding work on whole images (in 'same' cells over the border the mean is that of the pixels
 * there are): firmware then leaves the list for a dense image.
 *
 * @throws on cells larger than the image with 'valid' padding.
 */
export function averagePooling2DSparse(args: Pooling2DSparseArgs): AveragePooling2DSparse {
  return new AveragePooling2DSparse(args);
}

/** Largest value of each cell, empty pixels counting as 0; otherwise as `averagePooling2DSparse`. */
export function maxPooling2DSparse(args: Pooling2DSparseArgs): MaxPooling2DSparse {
  return new MaxPooling2DSparse(args);
}
