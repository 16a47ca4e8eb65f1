import { unzipSync } from 'fflate';
import { LayerError } from '../layer-error.ts';
import { groupNames } from './group-names.ts';
import { type Hdf5Dataset, readHdf5 } from './hdf5.ts';
import { parseTolerantJson } from './tolerant-json.ts';

/** Parsed JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** Output `tensor` of the `node`-th call of a layer. */
export interface KerasTensor {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

/** One layer of a `.keras` file. */
export interface KerasLayer {
  readonly name: string;
  /** Python class, e.g. `QDense`. */
  readonly className: string;
  readonly config: JsonObject;
  /** Input tensors of each call of the layer. */
  readonly calls: readonly (readonly KerasTensor[])[];
  /** Stored arrays by path inside the layer's group, e.g. `vars/0`, `conv/kq/quantizer/vars/1`. */
  readonly arrays: ReadonlyMap<string, Hdf5Dataset>;
}

/** A `.keras` file as plain data. */
export interface KerasFile {
  readonly name: string;
  /** Keras version that wrote the file. */
  readonly kerasVersion: string;
  /** `config.json` as it is. */
  readonly config: JsonObject;
  /** In model order. */
  readonly layers: readonly KerasLayer[];
  readonly inputs: readonly KerasTensor[];
  readonly outputs: readonly KerasTensor[];
}

/**
 * Reads a `.keras` file (Keras 3, functional or sequential) into plain data: the configuration and, by layer, the
 * stored arrays (layout: hgq2 §5.10). Knows nothing of what the layers mean; `importKeras` does.
 *
 * @param bytes content of the file
 * @param what names the file in errors; default `'.keras file'`
 * @throws when it is no `.keras` file, a part is missing or damaged, h5wasm is not installed, or the model is neither
 *   functional nor sequential.
 */
export async function readKeras(bytes: Uint8Array, what = '.keras file'): Promise<KerasFile> {
  const parts = unzip(bytes, what);
  const config = json(parts, 'config.json', what);
  const metadata = json(parts, 'metadata.json', what);
  const weights = await readHdf5(part(parts, 'model.weights.h5', what), `model.weights.h5 of ${what}`);
  const model = object(config['config'], `${what}: config.json has no model config`);
  const entries = array(model['layers'], `${what}: config.json lists no layers`).map((entry) =>
    object(entry, `${what}: config.json has a layer that is not an object`),
  );
  const className = config['class_name'];
  if (className !== 'Functional' && className !== 'Sequential') {
    throw new LayerError(
      `${what}: model class '${String(className)}' cannot be read; only Functional and Sequential can.`,
    );
  }
  const sequential = className === 'Sequential';
  const groups = groupNames(entries.map((entry) => String(entry['class_name'])));
  const byName = new Map([...weights.names].map(([path, name]) => [`${name}:${path.split('/').length}`, path]));
  let previous: KerasTensor | null = null;
  const layers = entries.map((entry, index): KerasLayer => {
    const settings = object(entry['config'], `${what}: layer ${index} has no config`);
    const name = String(settings['name'] ?? entry['name']);
    // Recent files carry the layer's name; in older ones class and order decide.
    const named = byName.get(`${name}:3`)?.split('/')[1];
    const prefix = `layers/${named ?? groups[index]}/`;
    const calls: (readonly KerasTensor[])[] = sequential
      ? [previous == null ? [] : [previous]]
      : callsOf(entry, `${what}: layer '${name}'`);
    previous = { layer: name, node: 0, tensor: 0 };
    return {
      name,
      className: String(entry['class_name']),
      config: settings,
      calls,
      arrays: inside(weights.datasets, prefix),
    };
  });
  const [first, last] = [layers[0], layers[layers.length - 1]];
  return {
    name: String(model['name']),
    kerasVersion: String(metadata['keras_version']),
    config,
    layers,
    inputs: sequential
      ? [{ layer: first.name, node: 0, tensor: 0 }]
      : ends(model['input_layers'], `${what}: input_layers`),
    outputs: sequential
      ? [{ layer: last.name, node: 0, tensor: 0 }]
      : ends(model['output_layers'], `${what}: output_layers`),
  };
}

function unzip(bytes: Uint8Array, what: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (cause) {
    throw new LayerError(
      `${what} is not a zip archive: truncated, or not in the .keras format of Keras 3. Save the model again.`,
      { cause },
    );
  }
}

function part(parts: Record<string, Uint8Array>, name: string, what: string): Uint8Array {
  const bytes = parts[name];
  if (bytes == null)
    throw new LayerError(`${what} has no ${name}: it is not in the .keras format of Keras 3. Save the model again.`);
  return bytes;
}

function json(parts: Record<string, Uint8Array>, name: string, what: string): JsonObject {
  const text = new TextDecoder().decode(part(parts, name, what));
  try {
    return object(parseTolerantJson(text), 'no object');
  } catch (cause) {
    throw new LayerError(`${what}: ${name} is not valid JSON: the file is damaged. Save the model again.`, { cause });
  }
}

function inside(datasets: ReadonlyMap<string, Hdf5Dataset>, prefix: string): Map<string, Hdf5Dataset> {
  const found = [...datasets].filter(([path]) => path.startsWith(prefix));
  return new Map(found.map(([path, dataset]) => [path.slice(prefix.length), dataset]));
}

/** Every call's tensors in the order of the arguments, nested lists flattened. */
function callsOf(entry: JsonObject, where: string): (readonly KerasTensor[])[] {
  return array(entry['inbound_nodes'] ?? [], `${where} has no inbound_nodes`).map((node) => {
    const { args = [], kwargs = {} } = object(node, `${where}: its inbound_nodes are not in the format of Keras 3`);
    if (tensorsIn(kwargs).length > 0) {
      throw new LayerError(`${where} takes tensors as keyword arguments, which cannot be read. Pass them by position.`);
    }
    return tensorsIn(args);
  });
}

function tensorsIn(value: unknown): readonly KerasTensor[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value === null || typeof value !== 'object') return [];
  const { class_name, config } = value as JsonObject;
  if (class_name !== '__keras_tensor__') return Object.values(value).flatMap(tensorsIn);
  return [tensor((config as JsonObject)['keras_history'])];
}

/** `["name", 0, 0]`, a list of such, or a dictionary of such. */
function ends(value: unknown, where: string): readonly KerasTensor[] {
  if (Array.isArray(value) && typeof value[0] === 'string') return [tensor(value)];
  if (value === null || typeof value !== 'object') throw new LayerError(`${where} is missing.`);
  return Object.values(value).flatMap((entry) => ends(entry, where));
}

function tensor(history: unknown): KerasTensor {
  const [layer, node, index] = history as [string, number, number];
  return { layer, node, tensor: index };
}

function object(value: unknown, problem: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new LayerError(`${problem}.`);
  return value as JsonObject;
}

function array(value: unknown, problem: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new LayerError(`${problem}.`);
  return value;
}
