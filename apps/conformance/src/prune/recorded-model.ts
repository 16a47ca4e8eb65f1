import { buildKeras2, readKeras2Architecture } from '@sp/layers/keras2';
import type * as tf from '@tensorflow/tfjs';
import { asList, asRow, asTensor, type FixtureTensor, type Row } from '../legacy/fixture.ts';

/** The model of a row with `architecture` and `weights` (lists by layer, in Keras' order). */
export function recordedModel(row: Row, where: string): tf.LayersModel {
  const stored = Object.entries(asRow(row['weights'], `${where}.weights`)).flatMap(([layer, list]) =>
    asList(list, `${where}.weights.${layer}`).map((tensor, j) => {
      const { shape, data } = asTensor(tensor, `${where}.weights.${layer}[${j}]`);
      return [`${layer}//${j}`, { shape, values: data }] as const;
    }),
  );
  const architecture = JSON.stringify(asRow(row['architecture'], `${where}.architecture`));
  return buildKeras2({ model: readKeras2Architecture(architecture, where), weights: new Map(stored), notes: [] });
}

/** Tensors by layer. */
export function tensorsOf(value: unknown, where: string): ReadonlyMap<string, FixtureTensor> {
  return new Map(
    Object.entries(asRow(value, where)).map(([name, tensor]) => [name, asTensor(tensor, `${where}.${name}`)]),
  );
}
