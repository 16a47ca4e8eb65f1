import * as tf from '@tensorflow/tfjs';
import { knownOptions } from './known-options.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';

/** Sum of all inputs, divided by their number; see `meanOfInputs`. */
export class MeanOfInputs extends tf.layers.Layer {
  static readonly className = 'MeanOfInputs';
  static readonly options: OptionNames = names<LayerArgs>('name', base);

  constructor(args: LayerArgs = {}) {
    super(knownOptions(args, new.target));
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const tensors = [inputs].flat();
    return tf.tidy(() =>
      tf.div(
        tensors.reduce((sum, x) => tf.add(sum, x)),
        tensors.length,
      ),
    );
  }

  override computeOutputShape(inputShape: (number | null)[] | (number | null)[][]): (number | null)[] {
    const shapes = inputShape as (number | null)[][];
    return shapes[0].map((extent, axis) => {
      const others = shapes.map((shape) => shape[axis]);
      return others.find((other) => other !== 1) === undefined ? extent : (others.find((other) => other !== 1) ?? null);
    });
  }
}

/** Mean of inputs of one rank. Divides once, where `tf.layers.average` multiplies by a rounded reciprocal. */
export function meanOfInputs(args: LayerArgs = {}): MeanOfInputs {
  return new MeanOfInputs(args);
}
