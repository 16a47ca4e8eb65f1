import { decode, type GraphNode, interpret } from '@sp/quant';
import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LowerError, lower } from '../../src/index.ts';
import { importKeras } from '../../src/keras/index.ts';
import type { JsonObject } from '../../src/keras/json-object.ts';
import type { KerasTensor } from '../../src/keras/keras-calls.ts';
import type { KerasFile, KerasLayer } from '../../src/keras/read-keras.ts';
import type { LowerNote } from '../../src/lower/lowered.ts';

/** A tensor as plain data, row-major. */
export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** One layer as Keras describes it, called with the tensors of other layers. */
export interface DescribedLayer {
  readonly className: string;
  readonly config?: JsonObject;
  readonly module?: string;
  /** Names of layers, `name:1` for a second output. Default: all inputs of the file. */
  readonly inputs?: readonly string[];
  /** Stored arrays by path in the layer's group. */
  readonly arrays?: Readonly<Record<string, Plain>>;
  /** Those of them that are unsigned bytes. */
  readonly bytes?: readonly string[];
  readonly name?: string;
}

/** Numbers on a grid of 1/16 between −2 and 2, seeded: sums of their products are exact in float32. */
export function grid(shape: readonly number[], seed: number, step = 16): Plain {
  const random = seededRandom(seed);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Array.from({ length: size }, () => Math.floor(random() * 4 * step - 2 * step) / step) };
}

/** A file with inputs `x0`, `x1`, … of some shapes (without batch) and layers, the last of which is the output. */
export function fileOf(shapes: readonly (readonly number[])[], layers: readonly DescribedLayer[]): KerasFile {
  const names = shapes.map((_, j) => `x${j}`);
  const tensor = (text: string): KerasTensor => {
    const [layer, index = '0'] = text.split(':');
    return { layer, node: 0, tensor: Number(index) };
  };
  const inputs = shapes.map(
    (shape, j): KerasLayer => ({
      name: names[j],
      className: 'InputLayer',
      module: 'keras.layers',
      config: {
        name: names[j],
        batch_shape: [null, ...shape],
        dtype: 'float32',
        sparse: false,
        ragged: false,
        optional: false,
      },
      builtOn: null,
      calls: [{ args: [], kwargs: {}, inputs: [] }],
      arrays: new Map(),
      model: null,
    }),
  );
  const described = layers.map((layer, j): KerasLayer => {
    const name = layer.name ?? (j === layers.length - 1 ? 'layer' : `layer${j}`);
    const from = (layer.inputs ?? (j === 0 ? names : [layers[j - 1].name ?? `layer${j - 1}`])).map(tensor);
    return {
      name,
      className: layer.className,
      module: layer.module ?? 'keras.layers',
      config: { name, trainable: true, dtype: policy, ...layer.config },
      builtOn: null,
      calls: [{ args: from.length === 1 ? from : [from], kwargs: {}, inputs: from }],
      arrays: new Map(
        Object.entries(layer.arrays ?? {}).map(([path, { shape, data }]) => [
          path,
          { shape, values: layer.bytes?.includes(path) ? Uint8Array.from(data) : Float32Array.from(data) },
        ]),
      ),
      model: null,
    };
  });
  const last = described[described.length - 1];
  return {
    name: 'net',
    kerasVersion: '3.15.1',
    config: {},
    layers: [...inputs, ...described],
    inputs: names.map(tensor),
    outputs: [tensor(last.name)],
  };
}

const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };

/** What the imported file gives for some inputs (batch first). */
export function inferred(file: KerasFile, x: readonly Plain[]): Plain {
  const model = importKeras(file);
  return tf.tidy(() => {
    const inputs = x.map(({ shape, data }) => tf.tensor([...data], [...shape]));
    const y = model.predict(inputs.length === 1 ? inputs[0] : inputs) as tf.Tensor;
    const result = { shape: [...y.shape], data: [...y.dataSync()] };
    model.dispose();
    return result;
  });
}

/**
 * What the lowered file gives, with types so wide that they lose nothing that counts; null where a function of a float
 * would need a table of more entries than there are, or a softmax was dropped.
 */
export function interpreted(file: KerasFile, x: readonly Plain[]): Plain | null {
  const model = importKeras(file);
  const notes: string[] = [];
  try {
    const calibration = Object.fromEntries(model.inputNames.map((name, j) => [name, Float32Array.from(x[j].data)]));
    const report = ({ message }: LowerNote): void => void notes.push(message);
    const graph = lower(model, { calibration, precision: 'ap_fixed<44,12,AP_RND,AP_SAT>', report });
    if (notes.some((note) => note.includes('dropped'))) return null;
    const { outputs } = interpret(graph, calibration);
    const node = graph.nodes.find(({ name }) => name === graph.outputs[0]) as GraphNode;
    return { shape: [x[0].shape[0], ...node.shape], data: [...decode(node, outputs[node.name])] };
  } catch (error) {
    if (error instanceof LowerError && /address bits|softmax has no/.test(error.message)) return null;
    throw error;
  } finally {
    model.dispose();
  }
}

/** A tensor from a function of the indices. */
export function tabulate(shape: readonly number[], at: (...index: number[]) => number): Plain {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const data = Array.from({ length: size }, (_, flat) => {
    const index: number[] = [];
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]);
      rest = Math.floor(rest / shape[axis]);
    }
    return at(...index);
  });
  return { shape, data };
}

/** The element at an index; 0 outside. */
export function element({ shape, data }: Plain, ...index: number[]): number {
  let flat = 0;
  for (const [axis, extent] of shape.entries()) {
    if (index[axis] < 0 || index[axis] >= extent) return 0;
    flat = flat * extent + index[axis];
  }
  return data[flat];
}

/** A tensor with its axes in another order. */
export function transposed(x: Plain, order: readonly number[]): Plain {
  return tabulate(
    order.map((axis) => x.shape[axis]),
    (...index) => {
      const source: number[] = [];
      for (const [to, from] of order.entries()) source[from] = index[to];
      return element(x, ...source);
    },
  );
}

/** The largest difference, relative to values beyond 1; infinite where shapes differ. */
export function distance(a: Plain, b: Plain): number {
  if (a.shape.join() !== b.shape.join() || a.data.length !== b.data.length) return Number.POSITIVE_INFINITY;
  return a.data.reduce((most, value, j) => {
    const gap = Math.abs(value - b.data[j]) / Math.max(1, Math.abs(b.data[j]));
    return Math.max(most, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap);
  }, 0);
}
