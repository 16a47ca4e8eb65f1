import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { registerLayers } from '../layers/register-layers.ts';
import { setVariable } from '../model/model-state.ts';
import { stateVariableOf } from '../quantizer/state-variable.ts';
import { fileHandler } from './file-handler.ts';
import { optimizerArtifacts, optimizerFromArtifacts } from './optimizer-state.ts';

/** Options of `saveModel`. */
export interface SaveModelOptions {
  /** Save this optimizer's state beside the model, for `loadOptimizer`. Default: none. */
  readonly optimizer?: tf.Optimizer;
}

/**
 * Saves a model with all its variables: trainable weights and quantizer state.
 *
 * @param target a folder (Node: `model.json` and `weights.bin`, created when absent), or a URL of a tfjs handler:
 *   `indexeddb://name`, `localstorage://name`, `downloads://name`, `http(s)://…`. The optimizer goes to
 *   `optimizer.json` in the same folder, or to `name-optimizer` under a URL.
 * @throws when a file cannot be written or the topology holds a number that JSON cannot.
 * @example
 * await saveModel(model, 'runs/7', { optimizer });
 * const again = await loadModel('runs/7');
 * const adam = await loadOptimizer('runs/7');
 */
export async function saveModel(model: tf.LayersModel, target: string, options: SaveModelOptions = {}): Promise<void> {
  await model.save(handler(target, 'model', 'save'));
  if (options.optimizer == null) return;
  const { save } = handler(target, 'optimizer', 'save');
  if (save == null) throw new LayerError(`'${target}' cannot be written to.`);
  await save(await optimizerArtifacts(options.optimizer));
}

/**
 * Loads a model that `saveModel` or tfjs saved. Layers and variables come back bit for bit, quantizer state included;
 * our layers need not be registered before.
 *
 * @param source a folder (Node) or a URL, as for `saveModel`; URLs of a model file on a web server work as well.
 * @throws when files are missing, truncated or damaged, a layer class is unknown, or weights are missing.
 */
export async function loadModel(source: string): Promise<tf.LayersModel> {
  registerLayers();
  const artifacts = await loaded(source, 'model');
  const model = await tf.loadLayersModel({ load: async () => artifacts });
  restoreGuarded(model, artifacts);
  return model;
}

/** tfjs puts values through the constraints of bit variables, where "no range seen yet" is outside (hgq2 §5.8). */
function restoreGuarded(model: tf.LayersModel, { weightData, weightSpecs }: tf.io.ModelArtifacts): void {
  if (weightData == null || weightSpecs == null) return;
  const stored = tf.io.decodeWeights(weightData, weightSpecs);
  for (const weight of model.weights) {
    const variable = weight.read() as tf.Variable;
    const value = stored[weight.originalName];
    if (value != null && stateVariableOf(variable) != null) setVariable(variable, value.dataSync<'float32'>());
  }
  tf.dispose(stored);
}

/**
 * Loads the optimizer state that `saveModel` wrote beside a model.
 *
 * The state is matched to variables by order: continue with the same model and the same list of variables.
 *
 * @param optimizer receives the state; default: a new optimizer of the saved class and settings.
 * @throws when there is none, or it is of another class than `optimizer`.
 */
export async function loadOptimizer(source: string, optimizer?: tf.Optimizer): Promise<tf.Optimizer> {
  return optimizerFromArtifacts(await loaded(source, 'optimizer'), optimizer);
}

/** The model itself, or what is saved beside it. */
type Part = 'model' | 'optimizer';

async function loaded(source: string, part: Part): Promise<tf.io.ModelArtifacts> {
  const { load } = handler(source, part, 'load');
  if (load == null) throw new LayerError(`'${source}' cannot be read from.`);
  return load();
}

function handler(place: string, part: Part, use: 'save' | 'load'): tf.io.IOHandler {
  const folder = place.replace(/^file:\/\//, '');
  if (!folder.includes('://')) return fileHandler(folder, part);
  const url = part === 'model' ? folder : folder.replace(/(\.json)?$/, `-${part}$1`);
  const [found] = use === 'save' ? tf.io.getSaveHandlers(url) : tf.io.getLoadHandlers(url);
  if (found == null) {
    throw new LayerError(
      `No way to ${use} '${place}' here. Use a folder (Node), 'indexeddb://name' or 'downloads://name'.`,
    );
  }
  return found;
}
