import { exists, FileError, nodeModules, pathOf } from '@sp/quant/files';
import * as tf from '@tensorflow/tfjs';
import { registerLayers } from '../layers/register-layers.ts';
import { setVariable } from '../model/model-state.ts';
import { stateVariableOf } from '../quantizer/state-variable.ts';
import { checkLayerGraph } from './check-layer-graph.ts';
import { fileHandler } from './file-handler.ts';
import type { Part } from './model-file.ts';
import { hasChecksum, readModel, writeModel } from './model-folder.ts';
import { optimizerArtifacts, optimizerFromArtifacts } from './optimizer-state.ts';

/** Options of `saveModel`. */
export interface SaveModelOptions {
  /** Save this optimizer's state beside the model, for `loadOptimizer`. Default: none. */
  readonly optimizer?: tf.Optimizer;
}

/**
 * Saves a model with all its variables: trainable weights and quantizer state.
 *
 * In a folder, model and optimizer appear together in one step: whenever the process is killed or the disk is full, the folder holds the old pair or
 * the new one. Without `optimizer` the new model has none.
 *
 * @param place a folder (Node: path or `file:` URL of a folder or its `model.json`; created when absent), or a URL of a tfjs handler:
 *   `indexeddb://name`, `localstorage://name`, `downloads://name`, `http(s)://…`; under a URL the optimizer goes to `name-optimizer`.
 * @throws FileError when a file cannot be written or another process is writing the same model; LayerError when the topology holds a number that JSON
 *   cannot.
 * @example
 * await saveModel(model, 'runs/7', { optimizer });
 * const again = await loadModel('runs/7');
 * const adam = await loadOptimizer('runs/7');
 */
export async function saveModel(
  model: tf.LayersModel,
  place: string | URL,
  options: SaveModelOptions = {},
): Promise<void> {
  const optimizer = options.optimizer === undefined ? undefined : await optimizerArtifacts(options.optimizer);
  const target = textOf(place);
  const folder = folderOf(target);
  if (folder === undefined) {
    await model.save(handler(target, 'model', 'save'));
    if (optimizer === undefined) return;
    const { save } = handler(target, 'optimizer', 'save');
    if (save == null) throw new FileError(target, 'cannot be written to', 'name another place');
    await save(optimizer);
    return;
  }
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save({
    async save(given) {
      artifacts = given;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(given) };
    },
  });
  await writeModel(folder, 'model', artifacts!, optimizer);
  await dropSeparateOptimizer(folder);
}

/** Version 1 kept the optimizer in files of its own; there it would belong to a model that is no more. */
async function dropSeparateOptimizer(folder: string): Promise<void> {
  const { fs, path } = nodeModules();
  const separate = await readModel(folder, 'optimizer', 'model').catch(() => undefined);
  if (separate?.format !== 'optimizer') return;
  for (const name of ['optimizer.json', 'optimizer.weights.bin']) await fs.rm(path.join(folder, name), { force: true });
}

/**
 * Loads a model that `saveModel` or tfjs saved. Layers and variables come back bit for bit, quantizer state included;
 * our layers need not be registered before.
 *
 * @param place a folder (Node), its `model.json`, or a URL, as for `saveModel`; URLs of a model file on a web server work as well.
 * @throws FileError when files are missing or damaged, or what they hold cannot be made a model: an unknown layer class, weights that are missing,
 *   layers that form no graph.
 */
export async function loadModel(place: string | URL): Promise<tf.LayersModel> {
  registerLayers();
  const source = textOf(place);
  const artifacts = await loaded(source, 'model');
  checkLayerGraph(artifacts.modelTopology, source);
  const model = await tf.loadLayersModel({ load: async () => artifacts }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(source, `holds no model that can be built: ${why}`, 'save the model again', { cause });
  });
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
export async function loadOptimizer(place: string | URL, optimizer?: tf.Optimizer): Promise<tf.Optimizer> {
  return optimizerFromArtifacts(await loaded(textOf(place), 'optimizer'), optimizer);
}

async function loaded(source: string, part: Part): Promise<tf.io.ModelArtifacts> {
  const folder = folderOf(source);
  if (folder !== undefined && part === 'optimizer') return loadedOptimizer(folder);
  const { load } = folder === undefined ? handler(source, part, 'load') : fileHandler(folder);
  if (load == null) throw new FileError(source, 'cannot be read from', 'name another place');
  return load();
}

async function loadedOptimizer(folder: string): Promise<tf.io.ModelArtifacts> {
  // Version 1 kept it in files of its own; beside a newer model those belong to a model that is no more.
  const separate = await exists(nodeModules().path.join(folder, 'optimizer.json'));
  return separate && !(await hasChecksum(folder))
    ? readModel(folder, 'optimizer', 'model')
    : readModel(folder, 'model', 'optimizer');
}

/** What is neither text nor URL would be made a name like any other: a folder `undefined`. @throws FileError */
function textOf(place: string | URL): string {
  return typeof place === 'string' || typeof (place as URL | undefined | null)?.href === 'string'
    ? String(place)
    : pathOf(place);
}

/** The folder that a place means, or undefined for a URL of another kind. */
function folderOf(place: string): string | undefined {
  if (/^(?!file:)[a-z]+:\/\//i.test(place)) return undefined;
  const path = pathOf(place);
  return /^(.*[\\/])?model\.json$/.test(path) ? path.replace(/[\\/]?model\.json$/, '') || '.' : path;
}

function handler(place: string, part: Part, use: 'save' | 'load'): tf.io.IOHandler {
  const url = part === 'model' ? place : place.replace(/(\.json)?$/, `-${part}$1`);
  const [found] = use === 'save' ? tf.io.getSaveHandlers(url) : tf.io.getLoadHandlers(url);
  if (found == null) {
    throw new FileError(
      place,
      `cannot be ${use === 'save' ? 'saved to' : 'loaded from'} here`,
      "use a folder (Node), 'indexeddb://name' or 'downloads://name'",
    );
  }
  return found;
}
