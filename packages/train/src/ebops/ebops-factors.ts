import { collectQLayers } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';

/** EBOPs factor of each quantised layer, which is no variable of the model. */
export function ebopsFactors(model: tf.LayersModel): ReadonlyMap<string, number> {
  return new Map(collectQLayers(model).map(({ name, ebopsFactor }) => [name, ebopsFactor]));
}

/** Puts back what `ebopsFactors` gave. */
export function restoreEbopsFactors(model: tf.LayersModel, factors: ReadonlyMap<string, number>): void {
  for (const layer of collectQLayers(model)) layer.ebopsFactor = factors.get(layer.name) ?? layer.ebopsFactor;
}
