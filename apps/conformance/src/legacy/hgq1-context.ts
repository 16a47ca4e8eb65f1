import * as tf from '@tensorflow/tfjs';
import type { FixtureTensor, Row } from './fixture.ts';

/** What the checks of one model share. */
export interface Hgq1Context {
  readonly row: Row;
  readonly group: string;
  readonly where: string;
  readonly inputs: readonly FixtureTensor[];
  /** See `stepOf`. */
  readonly step: number;
}

/** Inference of the model. */
export function predict(
  model: tf.LayersModel,
  inputs: readonly FixtureTensor[],
  factor: number,
): readonly Float32Array[] {
  return tf.tidy(() => {
    const given = inputs.map(({ shape, data }) =>
      tf.tensor(
        data.map((x) => x * factor),
        [...shape],
      ),
    );
    const result = model.apply(given.length === 1 ? given[0] : given, {});
    return [result as tf.Tensor | tf.Tensor[]]
      .flat()
      .map((y) => y.dataSync<'float32'>().slice()) as unknown as tf.TensorContainer;
  }) as unknown as readonly Float32Array[];
}
