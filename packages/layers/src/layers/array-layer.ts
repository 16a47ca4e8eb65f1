import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { knownOptions } from './known-options.ts';
import type { LayerArgs } from './layer-args.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';

/**
 * Base of the plain layers without weights that tfjs-layers lacks. The shape of the result is that of the operation on
 * zeros, so the two cannot disagree.
 */
export abstract class ArrayLayer extends tf.layers.Layer {
  constructor(args: LayerArgs) {
    super(knownOptions(args, new.target));
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x] = ownTensors(inputs, this.name);
    return tf.tidy(() => this.compute(x));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [, ...extents] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    if (extents.some((extent) => extent == null)) {
      throw new LayerError(
        `Layer '${this.name}': input shape [null, ${extents.join(', ')}] is not fixed. Give all sizes but the batch.`,
      );
    }
    const [batch, ...rest] = tf.tidy(() => [...this.compute(tf.zeros([1, ...(extents as number[])])).shape]);
    if (batch !== 1) throw new LayerError(`Layer '${this.name}': it changes the batch axis. Work on the others only.`);
    return [null, ...rest];
  }

  /** The operation on one tensor, batch axis first. Called in a tidy. */
  protected abstract compute(x: tf.Tensor): tf.Tensor;

  /** @throws unless `axis` is one of the axes behind the batch; returns it counted from the front. */
  protected axisOf(axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(counted) && counted > 0 && counted < rank) return counted;
    throw new LayerError(`Layer '${this.name}': axis = ${axis} of data of rank ${rank}; expected 1 … ${rank - 1}.`, {
      option: 'axis',
      value: axis,
    });
  }
}
