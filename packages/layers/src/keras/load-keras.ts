import { pathOf, readFileWhole } from '@sp/quant/files';
import type * as tf from '@tensorflow/tfjs';
import { type ImportOptions, importKeras } from './import-keras.ts';
import { readKeras } from './read-keras.ts';

/** Options of `loadKeras`. */
export interface LoadKerasOptions extends ImportOptions {
  /** A `.weights.h5` file of `model.save_weights` to take the weights from: path (Node) or content. */
  readonly weights?: string | URL | Uint8Array;
}

/**
 * Loads a `.keras` file of a Keras 3, HGQ2 or sparsepixels model into a live model with the same layer names.
 *
 * @param source path or `file:` URL (Node), or the content of the file; with `weights` also the JSON text of `model.to_json()`
 * @throws LayerError when the file is missing, damaged or no `.keras` file, h5wasm is not installed, or a layer or
 *   option cannot be imported (the layer is named).
 * @example
 * import { loadKeras } from '@sp/layers/keras';
 * const model = await loadKeras('trained.keras');
 * const later = await loadKeras('trained.keras', { weights: 'epoch-20.weights.h5' });
 */
export async function loadKeras(
  source: string | URL | Uint8Array,
  { weights, ...options }: LoadKerasOptions = {},
): Promise<tf.LayersModel> {
  const file = await contentOf(source, '.keras file');
  const stored = weights == null ? undefined : await contentOf(weights, '.weights.h5 file');
  return importKeras(await readKeras(file.bytes, file.what, stored), options);
}

async function contentOf(
  source: string | URL | Uint8Array,
  kind: string,
): Promise<{ bytes: Uint8Array; what: string }> {
  if (source instanceof Uint8Array) return { bytes: source, what: kind };
  return { bytes: await readFileWhole(source, kind), what: `'${pathOf(source)}'` };
}
