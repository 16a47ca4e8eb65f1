import type { JsonObject } from './json-object.ts';
import type { KerasLayer, KerasModel } from './read-keras.ts';
import { NoCounterpartError } from './refused-classes.ts';

/** Layers that treat every step of a sequence alike anyway, as they work on the last axis or on single numbers. */
const alike = new Set([
  'Activation',
  'Dense',
  'Dropout',
  'ELU',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'LeakyReLU',
  'ReLU',
  'Rescaling',
]);

/** The same model with the layers inside `TimeDistributed` in its place. @throws as `perStep`. */
export function withoutWrappers(model: KerasModel): KerasModel {
  return {
    ...model,
    layers: model.layers.map((layer) => {
      if (layer.model != null) return { ...layer, model: withoutWrappers(layer.model) };
      return layer.className === 'TimeDistributed' ? perStep(layer) : layer;
    }),
  };
}

/**
 * The layer inside a `TimeDistributed`, under the wrapper's name.
 *
 * @throws NoCounterpartError for layers that would see the sequence as another kind of data.
 */
function perStep(wrapper: KerasLayer): KerasLayer {
  const inner = (wrapper.config['layer'] ?? {}) as JsonObject;
  const className = String(inner['class_name']);
  const config = (inner['config'] ?? {}) as JsonObject;
  const lastAxis = className === 'Softmax' || className === 'BatchNormalization';
  if (!alike.has(className) && !(lastAxis && JSON.stringify([config['axis'] ?? -1].flat()) === '[-1]')) {
    throw new NoCounterpartError(
      `Layer '${wrapper.name}' (TimeDistributed): a ${className} for every step cannot be imported. ` +
        'Reshape the steps into an axis that the layer has, or apply it to slices of the data.',
      { layer: wrapper.name },
    );
  }
  const arrays = [...wrapper.arrays].map(([path, array]) => [path.replace(/^layer\//, ''), array] as const);
  return {
    ...wrapper,
    className,
    config: { ...config, name: wrapper.name, trainable: wrapper.config['trainable'] ?? true },
    arrays: new Map(arrays),
  };
}
