import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../option-error.ts';

/**
 * Refuses what is no model, and one of another copy of tfjs: it would fail later, on something that says nothing.
 *
 * @param where function named in errors
 * @throws OptionError
 */
export function checkModel(model: unknown, where: string): void {
  if (model instanceof tf.LayersModel) return;
  if (typeof model === 'object' && model !== null && 'trainableWeights' in model && 'layers' in model) {
    throw new OptionError(
      `${where}: the model was made by another copy of TensorFlow.js than the one (${tf.version_core}) that @sp/train works with; a program must load one only: look for two with npm ls @tensorflow/tfjs-layers, and import everything from '@tensorflow/tfjs'`,
    );
  }
  throw new OptionError(`${where}: the model is no tf.LayersModel; make it with tf.model or tf.sequential`);
}
