import { pathOf } from '@sp/quant/files';
import * as tf from '@tensorflow/tfjs';
import { readModel, writeModel } from './model-folder.ts';

/**
 * A tfjs IOHandler over a folder on disk: `<name>.json` and its weights, whose name holds the begin of their digest
 * (`weights.0123456789abcdef.bin`, with `<name>.` in front when the name is not `model`). Node only.
 *
 * One rename decides which model the folder holds. The JSON carries a checksum of itself and one of the weights, so any change is noticed on loading;
 * files of version 1 (`weights.bin`) and of tfjs itself are read as well.
 *
 * `load` throws `FileError` when a file is missing, is no model, or is damaged; `save` throws `FileError` when the folder cannot be written or another
 * process is writing the same model, and `LayerError` when the topology has a number that JSON cannot hold. The old model is unchanged then.
 *
 * @param place a folder: path or `file:` URL; created when absent
 * @param name default `'model'`
 * @example
 * await model.save(fileHandler('runs/7'));
 * const same = await tf.loadLayersModel(fileHandler('runs/7'));
 */
export function fileHandler(place: string | URL, name = 'model'): tf.io.IOHandler {
  const directory = pathOf(place);
  return {
    async save(artifacts) {
      await writeModel(directory, name, artifacts);
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
    load: () => readModel(directory, name, 'model'),
  };
}
