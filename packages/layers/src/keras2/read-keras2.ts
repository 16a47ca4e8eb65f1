import { damagedPart } from '../keras/damaged-part.ts';
import { groupNames } from '../keras/group-names.ts';
import { type Hdf5Dataset, type Hdf5File, readHdf5 } from '../keras/hdf5.ts';
import type { JsonObject } from '../keras/json-object.ts';
import { isArchive, partOf, unzipKeras } from '../keras/keras-archive.ts';
import type { KerasTensor } from '../keras/keras-calls.ts';
import { parseTolerantJson } from '../keras/tolerant-json.ts';
import { LayerError } from '../layer-error.ts';

/** One layer of a Keras-2 model. */
export interface Keras2Layer {
  readonly name: string;
  /** Python class, e.g. `QDense`. */
  readonly className: string;
  readonly config: JsonObject;
  /** Input tensors of each call of the layer. */
  readonly calls: readonly (readonly KerasTensor[])[];
  /** The layers of a nested model. */
  readonly model?: Keras2Model;
}

/** Architecture of a Keras-2 model. */
export interface Keras2Model {
  readonly name: string;
  readonly layers: readonly Keras2Layer[];
  readonly inputs: readonly KerasTensor[];
  readonly outputs: readonly KerasTensor[];
}

/** A Keras-2 model with its weights as plain data. */
export interface Keras2File {
  readonly model: Keras2Model;
  /** Stored arrays by layer and variable: `d1/kernel`, without scopes in front. */
  readonly weights: ReadonlyMap<string, Hdf5Dataset>;
  /** What the file holds that is not used. */
  readonly notes: readonly string[];
}

/**
 * Reads a whole model of Keras 2: an `.h5` file (architecture in the attribute `model_config`, weights by layer in
 * `model_weights`), or a `.keras` archive. The state of an optimizer is left out, with a note.
 *
 * @param what names the file in errors; default `'Keras 2 model'`
 * @throws LayerError when a part is missing or damaged, or the model is neither functional nor sequential
 */
export async function readKeras2(bytes: Uint8Array, what = 'Keras 2 model'): Promise<Keras2File> {
  if (isArchive(bytes)) return readArchive(bytes, what);
  const file = await readHdf5(bytes, what);
  const text = file.texts.get('@model_config');
  if (typeof text !== 'string') {
    throw new LayerError(
      `${what} has no attribute model_config: it holds weights only. Give the architecture as well (readKeras2Json).`,
    );
  }
  return {
    model: readKeras2Architecture(text, what),
    weights: weightsUnder(file, 'model_weights', what),
    notes: notesOn(file),
  };
}

/**
 * The same from an architecture (`model.to_json()`) and a file of weights alone: `model.save_weights('….h5')` or
 * `….weights.h5`.
 *
 * @throws LayerError as `readKeras2`
 */
export async function readKeras2Json(json: string, weights: Uint8Array, what = 'Keras 2 model'): Promise<Keras2File> {
  const model = readKeras2Architecture(json, what);
  const file = await readHdf5(weights, `weights of ${what}`);
  const root = textsOf(file, '', 'layer_names') == null ? 'model_weights' : '';
  const listed = textsOf(file, root, 'layer_names') != null;
  const stored = listed ? weightsUnder(file, root, what) : weightsByClass(file, model, what);
  return { model, weights: stored, notes: notesOn(file) };
}

async function readArchive(bytes: Uint8Array, what: string): Promise<Keras2File> {
  const parts = unzipKeras(bytes, what);
  const text = (name: string): string => new TextDecoder().decode(partOf(parts, name, what));
  if (/"keras_version": *"3\./.test(text('metadata.json'))) {
    throw new LayerError(`${what} was saved by Keras 3. Load it with loadKeras of @sp/layers/keras.`);
  }
  const model = readKeras2Architecture(text('config.json'), what);
  const file = await readHdf5(partOf(parts, 'model.weights.h5', what), `model.weights.h5 of ${what}`);
  return { model, weights: weightsByClass(file, model, what), notes: notesOn(file) };
}

function notesOn({ datasets }: Hdf5File): readonly string[] {
  return [...datasets.keys()].some((path) => /^optimizer(_weights)?\//.test(path))
    ? ['The state of the optimizer is left out: compile the model again to train on.']
    : [];
}

/**
 * Reads an architecture alone (`model.to_json()`).
 *
 * @throws LayerError as `readKeras2`
 */
export function readKeras2Architecture(text: string, what = 'Keras 2 model'): Keras2Model {
  let parsed: unknown;
  try {
    parsed = parseTolerantJson(text);
  } catch (cause) {
    throw new LayerError(`${what}: its architecture is not valid JSON. Save the model again.`, { cause });
  }
  return damagedPart(what, () => modelOf(object(parsed, `${what}: its architecture is no object`), what));
}

function modelOf(entry: JsonObject, what: string): Keras2Model {
  const className = String(entry['class_name']);
  if (!['Functional', 'Model', 'Sequential'].includes(className)) {
    throw new LayerError(`${what}: model class '${className}' cannot be read; only Functional and Sequential can.`);
  }
  const config = object(entry['config'], `${what}: the model has no config`);
  const entries = array(config['layers'], `${what}: the model has no layers`);
  const sequential = className === 'Sequential';
  let previous: KerasTensor | null = null;
  const layers = entries.flatMap((value, index): Keras2Layer[] => {
    const layer = object(value, `${what}: layer ${index} is no object`);
    const settings = object(layer['config'], `${what}: layer ${index} has no config`);
    const name = String(layer['name'] ?? settings['name']);
    const inner =
      layer['class_name'] === 'Sequential' || layer['class_name'] === 'Functional' || layer['class_name'] === 'Model';
    const made: Keras2Layer[] = [];
    const shape = settings['batch_input_shape'];
    if (sequential && previous == null && layer['class_name'] !== 'InputLayer' && shape != null) {
      const input = `${name}_input`;
      made.push({ name: input, className: 'InputLayer', config: { name: input, batch_input_shape: shape }, calls: [] });
      previous = { layer: input, node: 0, tensor: 0 };
    }
    made.push({
      name,
      className: String(layer['class_name']),
      config: settings,
      calls: sequential ? (previous == null ? [] : [[previous]]) : callsOf(layer, `${what}: layer '${name}'`),
      ...(inner ? { model: modelOf(layer, `${what}, model '${name}'`) } : {}),
    });
    previous = { layer: name, node: 0, tensor: 0 };
    return made;
  });
  if (layers.length === 0) throw new LayerError(`${what}: the model has no layers.`);
  const first = layers[0];
  const single = (layer: string): readonly KerasTensor[] => [{ layer, node: 0, tensor: 0 }];
  return {
    name: String(config['name']),
    layers,
    inputs: sequential ? single(first.name) : ends(config['input_layers'], `${what}: input_layers`),
    outputs: sequential
      ? single(layers[layers.length - 1].name)
      : ends(config['output_layers'], `${what}: output_layers`),
  };
}

/** `[[["layer", 0, 0, {}], …], …]`: one list of tensors per call. */
function callsOf(layer: JsonObject, where: string): (readonly KerasTensor[])[] {
  return array(layer['inbound_nodes'] ?? [], `${where}: inbound_nodes`).map((node) => {
    if (!Array.isArray(node)) throw new LayerError(`${where}: its inbound_nodes are not in the format of Keras 2.`);
    const list = (typeof node[0] === 'string' ? [node] : node) as unknown[][];
    return list.map((tensor) => {
      const extra = tensor[3];
      if (extra != null && typeof extra === 'object' && Object.keys(extra).length > 0) {
        throw new LayerError(`${where}: it is called with ${Object.keys(extra).join(', ')}, which cannot be read.`);
      }
      return tensorOf(tensor, where);
    });
  });
}

function ends(value: unknown, where: string): readonly KerasTensor[] {
  if (!Array.isArray(value)) throw new LayerError(`${where} is missing.`);
  return typeof value[0] === 'string'
    ? [tensorOf(value, where)]
    : value.map((entry) => tensorOf(entry as unknown[], where));
}

function tensorOf([layer, node, tensor]: readonly unknown[], where: string): KerasTensor {
  if (typeof layer !== 'string' || typeof node !== 'number' || typeof tensor !== 'number') {
    throw new LayerError(`${where}: ${JSON.stringify([layer, node, tensor])} is no tensor.`);
  }
  return { layer, node, tensor };
}

/** Attributes over 64 kB are cut into `name0`, `name1`, …. */
function textsOf(file: Hdf5File, group: string, name: string): readonly string[] | null {
  const whole = file.texts.get(`${group}@${name}`);
  if (whole != null) return [whole].flat();
  const parts: string[] = [];
  for (let k = 0; file.texts.has(`${group}@${name}${k}`); k++)
    parts.push(...[file.texts.get(`${group}@${name}${k}`) as string[]].flat());
  return parts.length === 0 ? null : parts;
}

/** Weights by layer. A name is `scope/…/layer/kernel:0`, or in nested models and wrappers something of the like. */
function weightsUnder(file: Hdf5File, root: string, what: string): ReadonlyMap<string, Hdf5Dataset> {
  const weights = new Map<string, Hdf5Dataset>();
  const inside = (path: string): string => (root === '' ? path : `${root}/${path}`);
  const layers = textsOf(file, root, 'layer_names');
  if (layers == null)
    throw new LayerError(`${what}: there is no list of layers in ${root === '' ? 'its root' : root}.`);
  for (const layer of layers) {
    const group = inside(layer);
    for (const name of textsOf(file, group, 'weight_names') ?? []) {
      const dataset = file.datasets.get(`${group}/${name}`);
      if (dataset == null) throw new LayerError(`${what}: the array '${group}/${name}' is missing.`);
      weights.set(`${layer}//${name.replace(/:\d+$/, '')}`, dataset);
    }
  }
  return weights;
}

/**
 * Archives and newer files of weights alone: `layers/<group>/vars/<number>`, groups named for the class of the layer
 * (`h_dense`, `h_dense_1`, … in model order), numbers in the order of creation.
 */
function weightsByClass(file: Hdf5File, model: Keras2Model, what: string): ReadonlyMap<string, Hdf5Dataset> {
  const weights = new Map<string, Hdf5Dataset>();
  const visit = ({ layers }: Keras2Model, prefix: string, owner: string | null): void => {
    const groups = groupNames(layers.map(({ className }) => className.replace(/^.*>/, '')));
    for (const [index, layer] of layers.entries()) {
      for (const root of ['layers', '_layer_checkpoint_dependencies']) {
        const group = `${prefix}${root}/${groups[index]}/`;
        if (layer.model != null) visit(layer.model, group, owner ?? layer.name);
        for (const [path, dataset] of layer.model == null ? file.datasets : []) {
          const number = path.startsWith(group) ? /^vars\/(\d+)$/.exec(path.slice(group.length))?.[1] : undefined;
          if (number != null) {
            weights.set(owner == null ? `${layer.name}//${number}` : `${owner}//${layer.name}/${number}`, dataset);
          }
        }
      }
    }
  };
  visit(model, '', null);
  if (weights.size === 0) throw new LayerError(`${what}: there are no weights of its layers in the file.`);
  return weights;
}

function object(value: unknown, problem: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new LayerError(`${problem}.`);
  return value as JsonObject;
}

function array(value: unknown, problem: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new LayerError(`${problem}.`);
  return value;
}
