import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { ArrayLayer } from './array-layer.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';

/** A constant tensor, flat in row-major order; it broadcasts to the data, batch axis included. */
export interface ConstantTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Arguments of `scaleShift`. */
export interface ScaleShiftArgs extends LayerArgs {
  /** Factor. Default none. */
  readonly scale?: number | ConstantTensor | null;
  /** Divides after the factor. Default none. */
  readonly divisor?: number | ConstantTensor | null;
  /** Added last. Default none. */
  readonly offset?: number | ConstantTensor | null;
}

/** Constants on every element; see `scaleShift`. */
export class ScaleShift extends ArrayLayer {
  static readonly className = 'ScaleShift';
  static readonly options: OptionNames = names<ScaleShiftArgs>('scale', { ...base, scale: 0, divisor: 0, offset: 0 });
  readonly scale: ConstantTensor | null;
  readonly divisor: ConstantTensor | null;
  readonly offset: ConstantTensor | null;

  constructor(args: ScaleShiftArgs) {
    super(args);
    this.scale = constant(args.scale);
    this.divisor = constant(args.divisor);
    this.offset = constant(args.offset);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const plain = (value: ConstantTensor | null) =>
      value == null ? null : { shape: [...value.shape], values: [...value.values] };
    return {
      ...super.getConfig(),
      scale: plain(this.scale),
      divisor: plain(this.divisor),
      offset: plain(this.offset),
    };
  }

  protected override compute(x: tf.Tensor): tf.Tensor {
    const apply = (y: tf.Tensor, given: ConstantTensor | null, op: typeof tf.add): tf.Tensor => {
      if (given == null) return y;
      const { shape, values } = given;
      if (shape.length > x.rank || (shape.length === x.rank && shape[0] !== 1)) {
        throw new LayerError(
          `Layer '${this.name}': a constant of shape [${shape}] does not broadcast to data of shape [null, ${x.shape.slice(1)}].`,
        );
      }
      return op(y, tf.tensor([...values], [...shape], 'float32'));
    };
    return apply(apply(apply(x, this.scale, tf.mul), this.divisor, tf.div), this.offset, tf.add);
  }
}

function constant(value: number | ConstantTensor | null | undefined): ConstantTensor | null {
  return typeof value === 'number' ? { shape: [], values: [value] } : (value ?? null);
}

/**
 * `x · scale / divisor + offset` with constants that are not trained, each step rounded to float32.
 *
 * @example
 * scaleShift({ scale: 1 / 128, offset: -1 }) // bytes to −1 … 1
 */
export function scaleShift(args: ScaleShiftArgs): ScaleShift {
  return new ScaleShift(args);
}
