import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { averagePool, maxPool, maxPoolMask } from '../ops/pool.ts';
import { tidy } from '../ops/tf.ts';
import { knownOptions } from './known-options.ts';
import type { LayerArgs } from './layer-args.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';
import { featureShape, pair } from './sparse-pair.ts';

/** Arguments of `averagePooling2DSparse` and `maxPooling2DSparse`. */
export interface Pooling2DSparseArgs extends LayerArgs {
  /** Cell size: one number, or rows and columns. */
  readonly poolSize: number | readonly number[];
  /** Only equal to `poolSize`, which is the default. */
  readonly strides?: number | readonly number[] | null;
  /** Only `'valid'`: border rows and columns that do not fill a cell are dropped. */
  readonly padding?: string | null;
}

/** What the two sparse poolings share: `[x, mask]` → `[pooled x, pooled mask]`. */
export abstract class Pooling2DSparse extends tf.layers.Layer {
  readonly poolSize: readonly [number, number];

  constructor(args: Pooling2DSparseArgs) {
    super(knownOptions(args, new.target));
    const where = `Layer '${this.name}'`;
    this.poolSize = pair(args.poolSize, `${where}: poolSize`);
    const strides = pair(args.strides ?? args.poolSize, `${where}: strides`);
    if (strides.some((stride, axis) => stride !== this.poolSize[axis])) {
      throw new LayerError(
        `${where}: strides ${strides.join('×')} differ from poolSize ${this.poolSize.join('×')}; cells must not overlap or leave gaps.`,
        { option: 'strides', value: args.strides },
      );
    }
    if ((args.padding ?? 'valid') !== 'valid') {
      throw new LayerError(`${where}: padding '${args.padding}' is not supported. Use 'valid'.`, {
        option: 'padding',
        value: args.padding,
      });
    }
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const [features, mask] = ownTensors(inputs, this.name);
    return tidy(() => [this.pool(features), maxPoolMask(mask, this.poolSize)]);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const [batch, height, width, channels] = featureShape(inputShape, this.name) as [number, number, number, number];
    const [rows, columns] = [Math.floor(height / this.poolSize[0]), Math.floor(width / this.poolSize[1])];
    if (rows < 1 || columns < 1) {
      throw new LayerError(
        `Layer '${this.name}': a ${this.poolSize.join('×')} cell does not fit into a ${height}×${width} image. Use a smaller one.`,
        { option: 'poolSize', value: this.poolSize },
      );
    }
    return [
      [batch, rows, columns, channels],
      [batch, rows, columns, 1],
    ];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), poolSize: [...this.poolSize], padding: 'valid' };
  }

  protected abstract pool(features: tf.Tensor): tf.Tensor;
}

/** Mean over cells; see `averagePooling2DSparse`. */
export class AveragePooling2DSparse extends Pooling2DSparse {
  static readonly className = 'AveragePooling2DSparse';

  protected override pool(features: tf.Tensor): tf.Tensor {
    return averagePool(features, this.poolSize);
  }
}

/** Maximum over cells; see `maxPooling2DSparse`. */
export class MaxPooling2DSparse extends Pooling2DSparse {
  static readonly className = 'MaxPooling2DSparse';

  protected override pool(features: tf.Tensor): tf.Tensor {
    return maxPool(features, this.poolSize);
  }
}

/**
 * Mean over cells of `poolSize`, empty pixels counting as 0 (sparsepixels §1.4). `[x, mask]` of shapes
 * `[batch, H, W, C]`, `[batch, H, W, 1]` → the same pair at `⌊H/ph⌋ × ⌊W/pw⌋`. The sum is exact and divided once.
 *
 * @throws on strides other than the cell size, padding other than 'valid', cells larger than the image.
 */
export function averagePooling2DSparse(args: Pooling2DSparseArgs): AveragePooling2DSparse {
  return new AveragePooling2DSparse(args);
}

/** Largest value of each cell, empty pixels counting as 0; otherwise as `averagePooling2DSparse`. */
export function maxPooling2DSparse(args: Pooling2DSparseArgs): MaxPooling2DSparse {
  return new MaxPooling2DSparse(args);
}
