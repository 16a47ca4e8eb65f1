import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { axisSum } from '../ops/axis-sum.ts';
import { ArrayLayer } from './array-layer.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';

/** How the elements along axes become one. */
export type ReduceMode = 'sum' | 'mean' | 'max' | 'min';

/** Arguments of `reduceAxes`. */
export interface ReduceAxesArgs extends LayerArgs {
  readonly mode: ReduceMode;
  /** Axes with the batch counted as 0; negative ones from the end. */
  readonly axes: readonly number[];
  /** Keep the axes with length 1. Default false. */
  readonly keepDims?: boolean | null;
}

/** Sum, mean or extremum over axes; see `reduceAxes`. */
export class ReduceAxes extends ArrayLayer {
  static readonly className = 'ReduceAxes';
  static readonly options: OptionNames = names<ReduceAxesArgs>('mode', { ...base, mode: 0, axes: 0, keepDims: 0 });
  readonly mode: ReduceMode;
  readonly axes: readonly number[];
  readonly keepDims: boolean;

  constructor(args: ReduceAxesArgs) {
    super(args);
    this.mode = args.mode;
    this.axes = [...args.axes];
    this.keepDims = args.keepDims ?? false;
    if (!['sum', 'mean', 'max', 'min'].includes(this.mode)) {
      throw new LayerError(`Layer '${this.name}': mode = '${this.mode}'; expected sum, mean, max or min.`, {
        option: 'mode',
        value: this.mode,
      });
    }
  }

  /** The axes counted from the front, for data of `rank` with the batch. */
  reduced(rank: number): readonly number[] {
    return this.axes.map((axis) => this.axisOf(axis, rank));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), mode: this.mode, axes: [...this.axes], keepDims: this.keepDims };
  }

  protected override compute(x: tf.Tensor): tf.Tensor {
    const axes = [...this.reduced(x.rank)];
    switch (this.mode) {
      case 'sum':
        return axisSum(x, axes, this.keepDims);
      case 'mean': {
        // The quotient is rounded once; a product with 1 / n would be rounded twice.
        const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
        return tf.div(axisSum(x, axes, this.keepDims), count);
      }
      case 'max':
        return tf.max(x, axes, this.keepDims);
      case 'min':
        return tf.min(x, axes, this.keepDims);
      default:
        throw new LayerError(`Layer '${this.name}': unknown mode '${String(this.mode satisfies never)}'.`);
    }
  }
}

/** Sum, mean, maximum or minimum over axes. */
export function reduceAxes(args: ReduceAxesArgs): ReduceAxes {
  return new ReduceAxes(args);
}
