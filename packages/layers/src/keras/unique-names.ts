import { isTensor } from './keras-calls.ts';
import type { KerasModel } from './read-keras.ts';

/**
 * The same model with every layer, those of nested models included, under a name of its own: Keras asks for different
 * names within one model only. A name that is taken gets the nested model's name in front.
 */
export function withUniqueNames(model: KerasModel, taken: Set<string> = new Set(), scope = ''): KerasModel {
  const renamed = new Map<string, string>();
  for (const { name, model: nested } of model.layers) {
    let unique = name;
    for (let n = 1; taken.has(unique); n++) unique = n === 1 && scope !== '' ? `${scope}_${name}` : `${name}_${n}`;
    renamed.set(name, unique);
    // A nested model is no layer of the result: its layers are.
    if (nested == null) taken.add(unique);
  }
  const rename = <T>(value: T): T => {
    if (isTensor(value)) return { ...value, layer: renamed.get(value.layer) ?? value.layer };
    return Array.isArray(value) ? (value.map(rename) as T) : value;
  };
  return {
    ...model,
    inputs: rename(model.inputs),
    outputs: rename(model.outputs),
    layers: model.layers.map((layer) => {
      const name = renamed.get(layer.name) as string;
      return {
        ...layer,
        name,
        config: name === layer.name ? layer.config : { ...layer.config, name },
        calls: layer.calls.map(({ args, kwargs, inputs }) => ({
          args: rename(args),
          kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, rename(value)])),
          inputs: rename(inputs),
        })),
        model: layer.model == null ? null : withUniqueNames(layer.model, taken, name),
      };
    }),
  };
}
