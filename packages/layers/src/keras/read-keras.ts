import { LayerError } from '../layer-error.ts';
import { damagedPart } from './damaged-part.ts';
import { groupNames } from './group-names.ts';
import { type Hdf5Dataset, type Hdf5File, readHdf5 } from './hdf5.ts';
import type { JsonObject } from './json-object.ts';
import { partOf, unzipKeras } from './keras-archive.ts';
import { callsOf, ends, type KerasCall, type KerasTensor } from './keras-calls.ts';
import { parseTolerantJson } from './tolerant-json.ts';

/** One layer, functional operation or nested model of a `.keras` file. */
export interface KerasLayer {
  readonly name: string;
  /** Python class, e.g. `QDense`. */
  readonly className: string;
  /** Python module of the class, e.g. `keras.layers`; functional operations come from `keras.src.ops.…`. */
  readonly module: string;
  readonly config: JsonObject;
  /** Shape of the data the layer was built on, batch first, where the file says it. */
  readonly builtOn: readonly (number | null)[] | null;
  readonly calls: readonly KerasCall[];
  /** Stored arrays by path inside the layer's group, e.g. `vars/0`, `conv/kq/quantizer/vars/1`. */
  readonly arrays: ReadonlyMap<string, Hdf5Dataset>;
  /** The layers of a nested model. */
  readonly model: KerasModel | null;
}

/** A functional or sequential model as plain data. */
export interface KerasModel {
  readonly name: string;
  /** In model order. */
  readonly layers: readonly KerasLayer[];
  readonly inputs: readonly KerasTensor[];
  readonly outputs: readonly KerasTensor[];
}

/** A `.keras` file as plain data. */
export interface KerasFile extends KerasModel {
  /** Keras version that wrote the file, as far as it is known. */
  readonly kerasVersion: string;
  /** `config.json` as it is. */
  readonly config: JsonObject;
}

/**
 * Reads a `.keras` file (Keras 3, functional or sequential) into plain data: the configuration and, by layer, the
 * stored arrays (layout: hgq2 §5.10). Knows nothing of what the layers mean; `importKeras` does.
 *
 * @param bytes content of the file, or of the JSON text of `model.to_json()`
 * @param what names the file in errors; default `'.keras file'`
 * @param weights content of a `.weights.h5` file, taken in place of the weights in the file
 * @throws when it is no `.keras` file, a part is missing or damaged, h5wasm is not installed, or the model is neither
 *   functional nor sequential.
 */
export async function readKeras(
  bytes: Uint8Array,
  what = '.keras file',
  weights?: { readonly bytes: Uint8Array; readonly what: string },
): Promise<KerasFile> {
  const isJson = bytes[0] === '{'.charCodeAt(0);
  const parts = isJson ? { 'config.json': bytes } : unzipKeras(bytes, what);
  const config = json(parts, 'config.json', what);
  const metadata = isJson ? {} : json(parts, 'metadata.json', what);
  if (/^2\./.test(String({ ...config, ...metadata }['keras_version']))) {
    throw new LayerError(`${what} was saved by Keras 2. Load it with loadKeras2 of @sp/layers/keras2.`);
  }
  if (isJson && weights == null) {
    throw new LayerError(`${what} holds an architecture without weights. Give a .weights.h5 file too: { weights }.`);
  }
  const stored =
    weights == null
      ? await readHdf5(partOf(parts, 'model.weights.h5', what), `model.weights.h5 of ${what}`)
      : await readHdf5(weights.bytes, weights.what);
  const { keras_version: version } = { ...config, ...metadata };
  return { ...damagedPart(what, () => readModel(config, stored, '', what)), kerasVersion: String(version), config };
}

/** Reads one model, the whole one or a nested one, whose weights lie below `prefix`. */
function readModel(entry: JsonObject, weights: Hdf5File, prefix: string, what: string): KerasModel {
  const className = String(entry['class_name']);
  if (className !== 'Functional' && className !== 'Sequential') {
    throw new LayerError(
      `${what}: model class '${className}' cannot be read. Save a Functional or a Sequential model: ` +
        'a subclass of Model does not say in its file how its layers are connected.',
    );
  }
  const model = object(entry['config'], `${what}: config.json has no model config`);
  const sequential = className === 'Sequential';
  const entries = array(model['layers'], `${what}: config.json lists no layers`).map((each) =>
    object(each, `${what}: config.json has a layer that is not an object`),
  );
  const isLayer = entries.map((each) => !isOperation(String(each['module'])));
  const groups = groupNames(entries.map((each) => String(each['class_name'])).filter((_, j) => isLayer[j]));
  const groupOf = entries.map((_, j) => (isLayer[j] ? groups[isLayer.slice(0, j).filter(Boolean).length] : ''));
  const named = groupsByName(weights, `${prefix}layers/`);
  let previous: readonly KerasTensor[] = [];
  const layers = entries.map((each, index): KerasLayer => {
    const settings = object(each['config'], `${what}: layer ${index} has no config`);
    const name = String(settings['name'] ?? each['name']);
    // Recent files carry the layer's name; in older ones class and order decide.
    const inside = `${prefix}layers/${(isLayer[index] ? named.get(name) : null) ?? groupOf[index]}/`;
    const where = `${what}: layer '${name}'`;
    const calls: readonly KerasCall[] = sequential
      ? [{ args: [previous], kwargs: {}, inputs: previous }]
      : callsOf(each, where);
    previous = [{ layer: name, node: 0, tensor: 0 }];
    const kind = String(each['class_name']);
    const nested = kind === 'Functional' || kind === 'Sequential';
    return {
      name,
      className: kind,
      module: String(each['module'] ?? ''),
      config: settings,
      builtOn: builtOn(each),
      calls,
      arrays: nested ? new Map() : below(weights.datasets, inside),
      model: nested ? readModel(each, weights, inside, where) : null,
    };
  });
  if (layers.length === 0) throw new LayerError(`${what} has no layers. Build the model before saving it.`);
  const name = String(model['name']);
  if (!sequential) {
    return {
      name,
      layers,
      inputs: ends(model['input_layers'], `${what}: input_layers`),
      outputs: ends(model['output_layers'], `${what}: output_layers`),
    };
  }
  return withInput({ name, layers, inputs: [], outputs: previous }, model, what);
}

/** A Sequential model saved without its InputLayer gets one of the shape that it was built on. */
function withInput(model: KerasModel, config: JsonObject, what: string): KerasModel {
  const [first, ...rest] = model.layers;
  if (first.className === 'InputLayer') {
    return {
      ...model,
      layers: [{ ...first, calls: [{ args: [], kwargs: {}, inputs: [] }] }, ...rest],
      inputs: [{ layer: first.name, node: 0, tensor: 0 }],
    };
  }
  const shape = config['build_input_shape'] ?? first.model?.layers[0]?.config['batch_shape'] ?? first.builtOn;
  if (!Array.isArray(shape)) {
    throw new LayerError(
      `${what}: the Sequential model '${model.name}' does not say what shape its input has. ` +
        'Start it with keras.Input(shape) and save it again.',
    );
  }
  const name = `${model.name}_input`;
  const input: KerasTensor = { layer: name, node: 0, tensor: 0 };
  const entry: KerasLayer = {
    name,
    className: 'InputLayer',
    module: 'keras.layers',
    config: { name, batch_shape: shape },
    builtOn: null,
    calls: [{ args: [], kwargs: {}, inputs: [] }],
    arrays: new Map(),
    model: null,
  };
  const called = { ...first, calls: [{ args: [[input]], kwargs: {}, inputs: [input] }] };
  return { ...model, layers: [entry, called, ...rest], inputs: [input] };
}

/** Whether a Python module is one of functional operations. */
export function isOperation(module: string): boolean {
  return /^keras\.(src\.)?ops(\.|$)/.test(module);
}

function builtOn(entry: JsonObject): readonly (number | null)[] | null {
  const shape = (entry['build_config'] as JsonObject | null | undefined)?.['input_shape'];
  return Array.isArray(shape) ? shape : null;
}

/** Groups directly below `prefix` by the name of the layer that they hold. */
function groupsByName({ names }: Hdf5File, prefix: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, name] of names) {
    if (!path.startsWith(prefix)) continue;
    const [group, leaf, ...more] = path.slice(prefix.length).split('/');
    if (leaf === 'vars' && more.length === 0) found.set(name, group);
  }
  return found;
}

function json(parts: Record<string, Uint8Array>, name: string, what: string): JsonObject {
  const text = new TextDecoder().decode(partOf(parts, name, what));
  try {
    return object(parseTolerantJson(text), 'no object');
  } catch (cause) {
    throw new LayerError(`${what}: ${name} is not valid JSON: the file is damaged. Save the model again.`, { cause });
  }
}

function below(datasets: ReadonlyMap<string, Hdf5Dataset>, prefix: string): Map<string, Hdf5Dataset> {
  const found = [...datasets].filter(([path]) => path.startsWith(prefix));
  return new Map(found.map(([path, dataset]) => [path.slice(prefix.length), dataset]));
}

function object(value: unknown, problem: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new LayerError(`${problem}.`);
  return value as JsonObject;
}

function array(value: unknown, problem: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new LayerError(`${problem}.`);
  return value;
}
