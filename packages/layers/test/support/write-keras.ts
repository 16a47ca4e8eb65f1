import { strToU8, zipSync } from 'fflate';
import { File, Group, ready } from 'h5wasm';
import { groupNames } from '../../src/keras/group-names.ts';

/** Stored arrays by path inside the layer's group, e.g. `kq/quantizer/vars/0`. */
export type Arrays = Readonly<Record<string, { shape: number[]; data: Float32Array | Uint8Array | Uint32Array }>>;

/** One layer of a file to write; configs as Keras writes them, less what the reader ignores. */
export interface LayerToWrite {
  readonly className: string;
  readonly config: { readonly name: string; readonly [key: string]: unknown };
  /** `[layer, output]` pairs; absent in a sequential model. */
  readonly inputs?: readonly (readonly [string, number])[];
  readonly arrays?: Arrays;
}

/** Writes a `.keras` file by the rules of hgq2 §5.10. `named`: with the layer names that recent Keras adds. */
export async function writeKeras(
  layers: readonly LayerToWrite[],
  {
    sequential = false,
    named = true,
    buildShape,
  }: { sequential?: boolean; named?: boolean; buildShape?: readonly (number | null)[] } = {},
): Promise<Uint8Array> {
  const last = layers[layers.length - 1].config.name;
  const history = (layer: string, output: number): unknown => ({
    class_name: '__keras_tensor__',
    config: { shape: [null], dtype: 'float32', keras_history: [layer, 0, output] },
  });
  const entries = layers.map(({ className, config, inputs = [] }) => ({
    module: 'somewhere',
    class_name: className,
    config: { trainable: true, dtype: 'float32', ...config },
    registered_name: className,
    ...(sequential
      ? {}
      : {
          name: config.name,
          inbound_nodes:
            inputs.length === 0 ? [] : [{ args: callArguments(inputs.map(([l, o]) => history(l, o))), kwargs: {} }],
        }),
  }));
  const inputs = layers.filter(({ className }) => className === 'InputLayer').map(({ config }) => [config.name, 0, 0]);
  const ends = sequential
    ? { ...(buildShape == null ? {} : { build_input_shape: buildShape }) }
    : { input_layers: inputs.length === 1 ? inputs[0] : inputs, output_layers: [[last, 0, 0]] };
  const config = {
    module: 'keras',
    class_name: sequential ? 'Sequential' : 'Functional',
    config: { name: 'net', trainable: true, layers: entries, ...ends },
  };
  return zipSync({
    'metadata.json': strToU8(JSON.stringify({ keras_version: '3.15.1', date_saved: '2026-01-01@00:00:00' })),
    'config.json': strToU8(JSON.stringify(config).replaceAll('"Infinity"', 'Infinity')),
    'model.weights.h5': await weightsFile(layers, named),
  });
}

/** One tensor by itself, several as one list. */
function callArguments(tensors: readonly unknown[]): readonly unknown[] {
  return tensors.length === 1 ? tensors : [tensors];
}

async function weightsFile(layers: readonly LayerToWrite[], named: boolean): Promise<Uint8Array> {
  const { FS } = await ready;
  const path = `/${globalThis.crypto.randomUUID()}.h5`;
  const file = new File(path, 'w');
  const groups = groupNames(layers.map(({ className }) => className));
  for (const [index, { config, arrays = {} }] of layers.entries()) {
    const group = `layers/${groups[index]}`;
    const vars = groupAt(file, `${group}/vars`);
    if (named) vars.create_attribute('name', config.name);
    for (const [name, { shape, data }] of Object.entries(arrays)) {
      const dtype = data instanceof Float32Array ? '<f' : data instanceof Uint8Array ? '<B' : '<I';
      const [parent, leaf] = [name.slice(0, name.lastIndexOf('/')), name.slice(name.lastIndexOf('/') + 1)];
      groupAt(file, `${group}/${parent}`).create_dataset({ name: leaf, data, shape, dtype });
    }
  }
  file.flush();
  file.close();
  const bytes = FS.readFile(path);
  FS.unlink(path);
  return bytes;
}

/** The group at `path`, made with its parents where absent. */
function groupAt(file: File, path: string): Group {
  return path.split('/').reduce<Group>((parent, name) => {
    const found = parent.keys().includes(name) ? parent.get(name) : parent.create_group(name);
    if (!(found instanceof Group)) throw new Error(`${path} is no group.`);
    return found;
  }, file);
}
