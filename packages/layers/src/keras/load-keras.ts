import { readFileWhole } from '@sp/quant/files';
import type * as tf from '@tensorflow/tfjs';
import { importKeras } from './import-keras.ts';
import { readKeras } from './read-keras.ts';

/**
 * Loads a `.keras` file of an HGQ2 or sparsepixels model into a live model with the same layer names.
 *
 * @param source path (Node), or the content of the file
 * @throws when the file is missing, damaged or no `.keras` file, h5wasm is not installed, or a layer or option cannot
 *   be imported (the layer is named).
 * @example
 * import { loadKeras } from '@sp/layers/keras';
 * const model = await loadKeras('trained.keras');
 */
export async function loadKeras(source: string | Uint8Array): Promise<tf.LayersModel> {
  if (typeof source !== 'string') return importKeras(await readKeras(source));
  return importKeras(await readKeras(await readFileWhole(source, '.keras file'), `'${source}'`));
}
