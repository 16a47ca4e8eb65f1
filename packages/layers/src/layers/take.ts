import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { ArrayLayer } from './array-layer.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';

/** Slices along one axis, in this order; an index may come several times. */
export interface Selection {
  /** Axis with the batch counted as 0. */
  readonly axis: number;
  readonly indices: readonly number[];
}

/** Arguments of `take`. */
export interface TakeArgs extends LayerArgs {
  /** What is taken, one axis after the other. */
  readonly selections: readonly Selection[];
  /** Axes of length 1 that the result does not have. Default none. */
  readonly dropAxes?: readonly number[] | null;
}

/** Chosen slices of a tensor; see `take`. */
export class Take extends ArrayLayer {
  static readonly className = 'Take';
  static readonly options: OptionNames = names<TakeArgs>('selections', { ...base, selections: 0, dropAxes: 0 });
  readonly selections: readonly Selection[];
  readonly dropAxes: readonly number[];

  constructor(args: TakeArgs) {
    super(args);
    this.selections = args.selections.map(({ axis, indices }) => ({ axis, indices: [...indices] }));
    this.dropAxes = [...(args.dropAxes ?? [])];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const selections = this.selections.map(({ axis, indices }) => ({ axis, indices: [...indices] }));
    return { ...super.getConfig(), selections, dropAxes: [...this.dropAxes] };
  }

  protected override compute(x: tf.Tensor): tf.Tensor {
    const taken = this.selections.reduce((rest, { axis, indices }) => {
      const at = this.axisOf(axis, rest.rank);
      const size = rest.shape[at];
      const wrong = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
      if (wrong != null || indices.length === 0) {
        throw new LayerError(
          `Layer '${this.name}': indices [${indices}] along axis ${axis} of length ${size}; expected one or more of 0 … ${size - 1}.`,
          { option: 'selections', value: indices },
        );
      }
      return tf.gather(rest, tf.tensor1d([...indices], 'int32'), at);
    }, x);
    return this.dropAxes.length === 0 ? taken : tf.squeeze(taken, [...this.dropAxes]);
  }
}

/**
 * Slices along one or more axes: crops, strides, repetitions (upsampling to the nearest), any order. Lowers to wires.
 *
 * @throws when an index is outside of its axis.
 * @example
 * take({ selections: [{ axis: 1, indices: [0, 0, 1, 1] }] }) // every row twice
 */
export function take(args: TakeArgs): Take {
  return new Take(args);
}
