import { pathOf, readFileWhole } from '@sp/quant/files';
import type * as tf from '@tensorflow/tfjs';
import { type BuildKeras2Options, buildKeras2 } from './build-keras2.ts';
import { readKeras2, readKeras2Json } from './read-keras2.ts';

/** What `loadKeras2` may be told. */
export interface LoadKeras2Options extends BuildKeras2Options {
  /** The architecture (text of `model.to_json()`), where the file holds weights alone. */
  readonly architecture?: string;
}

/**
 * Loads a Keras-2 model with layers of Keras, QKeras or HGQ v1: a whole model (`.h5` or `.keras`), or weights with the
 * architecture beside them (`.h5` or `.weights.h5`).
 *
 * @param source path or `file:` URL (Node), or the content of the file
 * @throws LayerError naming the layer and the remedy
 * @example
 * const model = await loadKeras2('model.h5', { note: console.warn });
 * const later = await loadKeras2('epoch-20.weights.h5', { architecture: await readFile('model.json', 'utf8') });
 */
export async function loadKeras2(
  source: string | URL | Uint8Array,
  options: LoadKeras2Options = {},
): Promise<tf.LayersModel> {
  const { architecture, ...build } = options;
  const kind = 'Keras 2 model';
  const bytes = source instanceof Uint8Array ? source : await readFileWhole(source, kind);
  const what = source instanceof Uint8Array ? kind : `'${pathOf(source)}'`;
  const file = architecture == null ? await readKeras2(bytes, what) : await readKeras2Json(architecture, bytes, what);
  for (const message of file.notes) build.note?.(message);
  return buildKeras2(file, build);
}
