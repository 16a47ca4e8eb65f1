import type * as tf from '@tensorflow/tfjs';
import { type LayerConfig, rebuildModel } from '../rebuild-model.ts';
import { registerRegularizers } from './group-regularizers.ts';

const ours = ['DenseRegularizer', 'Conv2DRegularizer'];

/**
 * A copy of the model without `DenseRegularizer`s and `Conv2DRegularizer`s; other regularisers stay, and so do all weights, exactly (upstream
 * `remove_custom_regularizers`).
 */
export function removeCustomRegularizers(model: tf.LayersModel): Promise<tf.LayersModel> {
  registerRegularizers();
  return rebuildModel(model, ({ config }) => withoutOurs(config));
}

function withoutOurs(config: LayerConfig['config']): LayerConfig['config'] {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const className = (value as { readonly class_name?: unknown } | null)?.class_name;
      return [key, /_regularizer$/.test(key) && ours.includes(String(className)) ? null : value];
    }),
  );
}
