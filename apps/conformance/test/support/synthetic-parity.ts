import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  collectInputReduces,
  collectQLayers,
  layerOutputs,
  modelState,
  QConv2DSparse,
  type QLayer,
  totalEbops,
  traceMinMax,
} from '@sp/layers';
import { namedVariables } from '@sp/layers/internal';
import { importKeras, readKeras } from '@sp/layers/keras';
import { adam, lossFunction } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { type Arrays, type LayerToWrite, writeKeras } from '../../../../packages/layers/test/support/write-keras.ts';
import type { ParityFile, RecordedArray } from '../../src/parity/parity-file.ts';

/** A layer as Keras serialises it. */
interface SerialisedLayer {
  readonly class_name: string;
  readonly config: { readonly name: string; readonly [key: string]: unknown };
}
type Settings = Record<string, unknown>;

/** The layers of the recorded file are the models for those of others. */
const recorded = readKeras(
  new Uint8Array(
    readFileSync(
      fileURLToPath(new URL('../../../../packages/layers/test/fixtures/parity_readme.keras', import.meta.url)),
    ),
  ),
).then(({ config }) => (config['config'] as { layers: SerialisedLayer[] }).layers);

async function template(className: string): Promise<Settings> {
  const found = (await recorded).find(({ class_name }) => class_name === className);
  if (found == null) throw new Error(`The recorded file has no ${className}.`);
  // Infinity is no JSON; the writer turns the text back.
  return JSON.parse(
    JSON.stringify(found.config, (_, value: unknown): unknown => (value === Infinity ? 'Infinity' : value)),
  ) as Settings;
}

const zeros = (shape: number[], value = 0): Arrays[string] => ({
  shape,
  data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(value),
});
const ones = (shape: number[]): Arrays[string] => ({
  shape,
  data: new Uint8Array(shape.reduce((product, extent) => product * extent, 1)).fill(1),
});

/** Sine values: weights that differ, without a generator of chance. */
const waves = (shape: number[], scale: number): Arrays[string] => {
  const { data } = zeros(shape);
  return { shape, data: Float32Array.from(data, (_, k) => scale * Math.sin(1.7 * k + 0.3)) };
};

/** Settings of a quantizer that differ from the recorded ones, e.g. `{ overflow_mode: 'WRAP' }`. */
function quantizer(config: unknown, change: Settings): Settings {
  const { config: settings, ...rest } = config as { config: Settings };
  return { ...rest, config: { ...settings, ...change } };
}

/** Stored arrays of a fixed-point quantizer; their order follows from type and overflow mode (hgq2 §5.10). */
function quantizerArrays(group: string, conf: Settings, shape: number[]): Arrays {
  const { q_type, overflow_mode, i0, f0, b0, homogeneous_axis } = conf['config'] as {
    readonly q_type: string;
    readonly overflow_mode: string;
    readonly homogeneous_axis: readonly number[] | null;
    readonly i0: number;
    readonly f0?: number;
    readonly b0?: number;
  };
  const bits = shape.map((extent, axis) => (homogeneous_axis?.includes(axis) ? 1 : extent));
  const [i, f, b] = [zeros(bits, i0), zeros(bits, f0), zeros(bits, b0)];
  const k = ones(bits);
  const wraps = overflow_mode === 'WRAP';
  const list =
    q_type === 'kbi' ? (wraps ? [b, k, i, zeros([])] : [b, i, k]) : wraps ? [f, k, i, zeros([], 0.01)] : [i, f, k];
  return Object.fromEntries(list.map((array, index) => [`${group}/quantizer/vars/${index}`, array]));
}

/** Builds a network layer by layer; shapes are followed. */
export interface Network {
  readonly layers: LayerToWrite[];
  shape: number[];
  features: readonly [string, number];
  mask: readonly [string, number];
}

export async function start(shape: number[], settings: Settings, variables: readonly number[]): Promise<Network> {
  const input = { ...(await template('InputLayer')), name: 'images', batch_shape: [null, ...shape] };
  const reduce = { ...(await template('InputReduce')), ...settings, name: 'input_reduce_3' };
  return {
    layers: [
      { className: 'InputLayer', config: input },
      {
        className: 'InputReduce',
        config: reduce,
        inputs: [['images', 0]],
        arrays: Object.fromEntries(variables.map((value, index) => [`vars/${index}`, zeros([], value)])),
      },
    ],
    shape,
    features: ['input_reduce_3', 0],
    mask: ['input_reduce_3', 1],
  };
}

export async function conv(
  net: Network,
  name: string,
  filters: number,
  kernel: readonly [number, number],
  {
    useBias = true,
    kq = {},
    iq = {},
    activation = 'relu',
  }: { useBias?: boolean; kq?: Settings; iq?: Settings; activation?: string } = {},
): Promise<void> {
  const config = await template('QConv2DSparse');
  const inner = config['conv_config'] as Settings;
  const kqConf = quantizer(inner['kq_conf'], kq);
  const iqConf = quantizer(inner['iq_conf'], iq);
  const [height, width, channels] = net.shape;
  const shape = [...kernel, channels, filters];
  const bq = config['bq_conf'] as Settings;
  net.layers.push({
    className: 'QConv2DSparse',
    config: {
      ...config,
      name,
      activation,
      use_bias: useBias,
      bq_conf: useBias ? bq : null,
      conv_config: {
        ...inner,
        name,
        filters,
        kernel_size: kernel,
        kq_conf: kqConf,
        iq_conf: iqConf,
        parallelization_factor: height * width,
      },
    },
    inputs: [net.features, net.mask],
    arrays: {
      ...(useBias ? { 'vars/0': waves([filters], 0.4), ...quantizerArrays('_bq', bq, [filters]) } : {}),
      'conv/vars/0': waves(shape, 0.6),
      'conv/vars/1': zeros([], 1e-5),
      'conv/vars/2': { shape: [], data: new Uint32Array([1]) },
      ...quantizerArrays('conv/iq', iqConf, [1, ...net.shape]),
      ...quantizerArrays('conv/kq', kqConf, shape),
    },
  });
  net.shape = [height, width, filters];
  net.features = [name, 0];
}

export async function pool(
  net: Network,
  className: string,
  name: string,
  size: readonly [number, number],
): Promise<void> {
  const config = await template('AveragePooling2DSparse');
  const inner = config['pool_config'] as Settings;
  net.layers.push({
    className,
    config: { ...config, name, pool_config: { ...inner, name, pool_size: size, strides: size } },
    inputs: [net.features, net.mask],
  });
  const [height, width, channels] = net.shape;
  net.shape = [Math.floor(height / size[0]), Math.floor(width / size[1]), channels];
  net.features = [name, 0];
  net.mask = [name, 1];
}

/** A layer of Keras without variables, on the features; `shape`: of its output, unless unchanged. */
export function stock(
  net: Network,
  className: string,
  name: string,
  settings: Settings = {},
  shape: number[] = net.shape,
): void {
  net.layers.push({ className, config: { name, ...settings }, inputs: [net.features] });
  net.shape = shape;
  net.features = [name, 0];
}

export function removeDilated(net: Network, name: string): void {
  net.layers.push({ className: 'RemoveDilatedPixels', config: { name }, inputs: [net.features, net.mask] });
  net.features = [name, 0];
}

export async function dense(
  net: Network,
  name: string,
  units: number,
  { activation = 'linear', kq = {}, iq = {} }: { activation?: string; kq?: Settings; iq?: Settings } = {},
): Promise<void> {
  const config = await template('QDense');
  const kqConf = quantizer(config['kq_conf'], kq);
  const iqConf = quantizer(config['iq_conf'], iq);
  const shape = [net.shape[0], units];
  net.layers.push({
    className: 'QDense',
    config: { ...config, name, units, activation, kq_conf: kqConf, iq_conf: iqConf },
    inputs: [net.features],
    arrays: {
      'vars/0': waves(shape, 0.3),
      'vars/1': waves([units], 0.2),
      'vars/2': zeros([], 1e-5),
      'vars/3': { shape: [], data: new Uint32Array([1]) },
      ...quantizerArrays('iq', iqConf, [1, ...net.shape]),
      ...quantizerArrays('kq', kqConf, shape),
      ...quantizerArrays('bq', config['bq_conf'] as Settings, [units]),
    },
  });
  net.shape = [units];
  net.features = [name, 0];
}

/** Images with `pixels` bright pixels each, as the file holds them. */
function images(shape: readonly number[], count: number): [number, number][][] {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return Array.from({ length: count }, (_, image) => {
    const pixels = new Map<number, number>();
    for (let k = 0; k < image % 40; k++) {
      pixels.set((image * 31 + k * k * 17 + k * 7) % size, Math.fround(0.2 + ((image * 13 + k * 29) % 97) / 90));
    }
    return [...pixels].sort(([a], [b]) => a - b);
  });
}

/** The `.keras` file of a network and the record of its training, computed by this repository. */
export async function record(
  net: Network,
  { batch, steps, images: count }: { batch: number; steps: number; images: number },
): Promise<{ keras: Uint8Array; parity: ParityFile }> {
  const initial = importKeras(await readKeras(await writeKeras(net.layers)));
  const shape = initial.inputs[0].shape.slice(1) as number[];
  const classes = initial.outputs[0].shape.at(-1) as number;
  const x = images(shape, count);
  const y = x.map((_, image) => (image * 7) % classes);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const tensor = (from: number, length: number): tf.Tensor => {
    const values = new Float32Array(length * size);
    for (let image = 0; image < length; image++) {
      for (const [index, value] of x[from + image]) values[image * size + index] = value;
    }
    return tf.tensor(values, [length, ...shape]);
  };
  const before = recordVariables(initial);
  const optimizer = adam({ beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
  const loss = lossFunction('crossEntropy');
  const history: ParityFile['history'][number][] = [];
  let step0: ParityFile['step0'] | null = null;
  for (let step = 0; step < steps; step++) {
    const labels = tf.tensor1d(y.slice(step * batch, (step + 1) * batch), 'int32');
    let output: RecordedArray = { shape: [], data: [] };
    let task = 0;
    const weights = initial.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { value, grads } = tf.variableGrads(() => {
      const predictions = initial.apply(tensor(step * batch, batch), { training: true }) as tf.Tensor;
      const taskLoss = loss(labels, predictions);
      output = { shape: predictions.shape, data: Array.from(predictions.dataSync()) };
      task = taskLoss.dataSync()[0];
      return initial.calculateLosses().reduce<tf.Scalar>((sum, term) => tf.add(sum, term), taskLoss);
    }, weights);
    const total = value.dataSync()[0];
    if (step === 0) {
      const names = new Map(weights.map((variable) => [variable.name, variable]));
      step0 = {
        output,
        task_loss: task,
        losses: [
          ...collectQLayers(initial).flatMap(({ lossTerms }) => lossTerms.map((term) => term.value)),
          ...collectInputReduces(initial).flatMap((layer) => layer.calculateLosses().map((term) => term.dataSync()[0])),
        ],
        total,
        grads: Object.fromEntries(
          [...kerasNames(initial)].flatMap(([path, variable]) => {
            const gradient = names.has(variable.name) ? grads[variable.name] : null;
            return gradient == null ? [] : [[path, { shape: variable.shape, data: Array.from(gradient.dataSync()) }]];
          }),
        ),
        ebops: Object.fromEntries(collectQLayers(initial).map((layer) => [ebopsPath(layer), layer.ebops])),
      };
    }
    const ebops = totalEbops(initial);
    const parameters = initial.trainableWeights.map((weight) => {
      const variable = weight.read() as tf.Variable;
      return {
        variable,
        name: weight.originalName,
        values: variable.dataSync<'float32'>().slice(),
        gradient: grads[variable.name]?.dataSync<'float32'>().slice() ?? new Float32Array(variable.size),
        rate: 1,
      };
    });
    optimizer.step(parameters, 0.003);
    for (const { variable, values } of parameters) variable.assign(tf.tensor(values, variable.shape, 'float32'));
    const [{ nMaxPixels, threshold }] = collectInputReduces(initial);
    history.push({ task, total, ebops, n: nMaxPixels, threshold });
  }
  const after = recordVariables(initial);
  traceMinMax(initial, tensor(0, count));
  const first = initial.predict(tensor(0, batch)) as tf.Tensor;
  const outputs = layerOutputs(initial, tensor(0, 4), { allOutputs: true });
  const activations = Object.fromEntries(
    [...outputs]
      .filter(([name]) => name !== 'images')
      .map(([name, { shape: s, values }]) => [
        name.includes(':') ? name : `${name}:0`,
        { shape: s, data: Array.from(values) },
      ]),
  );
  const parity: ParityFile = {
    name: 'other',
    optimizer: { adam: { lr: 0.003, beta1: 0.9, beta2: 0.999, eps: 1e-7 } },
    batch,
    steps,
    before,
    x,
    y,
    step0: step0 as ParityFile['step0'],
    history,
    after,
    traced: {
      vars: recordVariables(initial),
      ebops: collectQLayers(initial)
        .filter((layer) => !ebopsPath(layer).includes('/'))
        .reduce((sum, { ebops }) => sum + ebops, 0),
      predict_first_batch: { shape: first.shape, data: Array.from(first.dataSync()) },
      activations_first4: activations,
    },
  };
  return { keras: await writeKeras(stored(net, initial)), parity };
}

/** Where Keras keeps EBOPs: inside the convolution that a sparse one wraps. */
function ebopsPath(layer: QLayer): string {
  return layer instanceof QConv2DSparse ? `${layer.name}/${layer.name}` : layer.name;
}

/** Our name of a variable as a path of Keras. Numbers of quantizers are arbitrary. */
function kerasPath(name: string, sparse: ReadonlySet<string>, number: number): string {
  const [layer, ...rest] = name.split('/');
  const own = rest.at(-1) as string;
  const wrapped = sparse.has(layer);
  if (rest.length === 1) {
    if (wrapped) return own === 'bias' ? `${layer}/sparse_bias` : `${layer}/${layer}/${own}`;
    return name;
  }
  const inner = wrapped && rest[0] !== 'bq' ? `${layer}/${layer}` : layer;
  return `${inner}/${layer}_${rest[0]}/fixed_point_quantizer_${number}/${own}`;
}

function kerasNames(model: tf.LayersModel): Map<string, tf.Variable> {
  const sparse = new Set(
    collectQLayers(model)
      .filter((layer) => layer instanceof QConv2DSparse)
      .map(({ name }) => name),
  );
  const own = [...namedVariables(model)].filter(([name]) => !name.endsWith('/traced'));
  return new Map(own.map(([name, variable], index) => [kerasPath(name, sparse, index), variable]));
}

function recordVariables(model: tf.LayersModel): Record<string, RecordedArray> {
  const own = [...kerasNames(model)].map(([path, variable]): [string, RecordedArray] => [
    path,
    { shape: variable.shape, data: Array.from(variable.dataSync()) },
  ]);
  const ebops = collectQLayers(model).map((layer): [string, RecordedArray] => [
    `${ebopsPath(layer)}/ebops`,
    { shape: [], data: [layer.ebops] },
  ]);
  return Object.fromEntries([...own, ...ebops]);
}

/** The layers with the values that the model has now. */
function stored(net: Network, model: tf.LayersModel): LayerToWrite[] {
  const state = modelState(model);
  const ebops = new Map(collectQLayers(model).map((layer) => [layer.name, layer.ebops]));
  return net.layers.map((layer) => {
    const { name } = layer.config;
    const arrays = Object.entries(layer.arrays ?? {}).map(([path, array]): [string, Arrays[string]] => {
      if (array.data instanceof Uint32Array)
        return [path, { shape: [], data: new Uint32Array([ebops.get(name) ?? 0]) }];
      const found = state.get(`${name}/${ownName(layer, path)}`)?.values;
      if (found == null) return [path, array];
      return [path, { shape: array.shape, data: array.data instanceof Uint8Array ? Uint8Array.from(found) : found }];
    });
    return { ...layer, arrays: Object.fromEntries(arrays) };
  });
}

/** Our name of the variable that the file keeps at `path`. */
function ownName({ className, config, arrays = {} }: LayerToWrite, path: string): string {
  const parts = path.split('/');
  const index = Number(parts.at(-1));
  const role = /(?:^|\/)_?([ikb]q)\/quantizer/.exec(path)?.[1];
  if (role != null) {
    const group = path.slice(0, path.lastIndexOf('/'));
    const bytes = [0, 1, 2].find((place) => arrays[`${group}/${place}`]?.data instanceof Uint8Array);
    const conf = (config[`${role}_conf`] ??
      (config['conv_config'] as Settings | undefined)?.[`${role}_conf`]) as Settings;
    const kbi = (conf['config'] as Settings)['q_type'] === 'kbi';
    const order = bytes === 1 ? [kbi ? 'b' : 'f', 'k', 'i'] : kbi ? ['b', 'i', 'k'] : ['i', 'f', 'k'];
    return `${role}/${order[index] ?? 'i_decay_speed'}`;
  }
  if (className === 'InputReduce') {
    const learned = ['threshold', 'n_frac'].filter((_, k) => config[['learn_threshold', 'learn_n'][k]] === true);
    return [...learned, ...['threshold', 'n_frac'].filter((own) => !learned.includes(own))][index];
  }
  if (className === 'QConv2DSparse') return parts[0] === 'vars' ? 'bias' : ['kernel', 'beta'][index];
  return ['kernel', 'bias', 'beta'][index];
}
