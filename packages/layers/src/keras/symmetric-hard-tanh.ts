import type { KerasModel } from './read-keras.ts';

/** The same model with `symmetric` in every `HardTanhConfig` that does not say it. */
export function withSymmetry(model: KerasModel, symmetric: boolean): KerasModel {
  return {
    ...model,
    layers: model.layers.map((layer) => ({
      ...layer,
      config: completed(layer.config, symmetric),
      model: layer.model == null ? null : withSymmetry(layer.model, symmetric),
    })),
  };
}

function completed<T>(value: T, symmetric: boolean): T {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((entry) => completed(entry, symmetric)) as T;
  const entries = Object.entries(value).map(([key, entry]) => [key, completed(entry, symmetric)] as const);
  const result = Object.fromEntries(entries);
  if (result['class_name'] !== 'HardTanhConfig') return result as T;
  return { ...result, config: { symmetric, ...(result['config'] as object) } } as T;
}
