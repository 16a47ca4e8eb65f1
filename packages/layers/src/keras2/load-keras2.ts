import type * as tf from '@tensorflow/tfjs';
import { type BuildKeras2Options, buildKeras2 } from './build-keras2.ts';
import { readKeras2, readKeras2Json } from './read-keras2.ts';

/** What `loadKeras2` may be told. */
export interface LoadKeras2Options extends BuildKeras2Options {
  /** The architecture (`model.to_json()`), where `bytes` are weights alone. */
  readonly architecture?: string;
  /** Called for parts of the file that are not used. */
  readonly note?: (message: string) => void;
}

/**
 * Loads a Keras-2 model with layers of Keras, QKeras or HGQ v1: a whole-model `.h5`, or a `.json` with its weights.
 *
 * @throws LayerError naming the layer and the remedy
 * @example
 * const model = await loadKeras2(await readFile('model.h5'));
 */
export async function loadKeras2(bytes: Uint8Array, options: LoadKeras2Options = {}): Promise<tf.LayersModel> {
  const { architecture, note, ...build } = options;
  const file = architecture == null ? await readKeras2(bytes) : await readKeras2Json(architecture, bytes);
  for (const message of file.notes) note?.(message);
  return buildKeras2(file, build);
}
