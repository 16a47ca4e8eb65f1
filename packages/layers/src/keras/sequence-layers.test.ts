import { existsSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import type { QuantizerOptions } from '../config/quantizer-settings.ts';
import { type QLayer, qGRU, qLinformerAttention, qMultiHeadAttention, qSimpleRNN, setBackend } from '../index.ts';
import { modelState, namedVariables } from '../model/model-state.ts';
import { traceMinMax } from '../model/trace-min-max.ts';
import type { Hdf5Dataset } from './hdf5.ts';
import { importKeras } from './import-keras.ts';
import type { KerasCall, KerasTensor } from './keras-calls.ts';
import { fromKerasPath } from './keras-paths.ts';
import { type KerasFile, readKeras } from './read-keras.ts';

beforeAll(() => setBackend('cpu'));

const kif: QuantizerOptions = {
  ...{ qType: 'kif', place: 'datalane', i0: 6, f0: 4, overflowMode: 'WRAP', heterogeneousAxis: [] },
};
/** `kif` as Keras writes it. */
const conf = {
  class_name: 'QuantizerConfig',
  config: {
    ...{ q_type: 'kif', place: 'datalane', k0: true, i0: 6, f0: 4, round_mode: 'RND', overflow_mode: 'WRAP' },
    ...{ ic: null, ir: null, fc: null, fr: null, i_decay_speed: 0.01, homogeneous_axis: null, heterogeneous_axis: [] },
  },
};
/** What a table's output is under the same settings. */
const table = {
  ...conf,
  config: { ...conf.config, place: 'table', k0: 0, overflow_mode: 'SAT', round_mode: 'RND_CONV' },
};

const base = {
  enable_ebops: true,
  enable_iq: true,
  enable_oq: false,
  beta0: { config: { value: 1e-5 } },
  oq_conf: null,
};

type Variables = Readonly<Record<string, string | readonly string[]>>;

/** Where a file has variables and quantizers: group → our names of the variables, or the quantizer's role. */
function datasets(layer: QLayer, model: tf.LayersModel, places: Variables): Map<string, Hdf5Dataset> {
  const state = modelState(model);
  const arrays = new Map<string, Hdf5Dataset>();
  const put = (path: string, name: string): void => {
    const found = state.get(`layer/${name}`);
    if (found == null && !/ebops$|decay$/.test(name)) throw new Error(`no ${name}`);
    const values = found?.values ?? new Float32Array([3]);
    arrays.set(path, { shape: found?.shape ?? [], values: name.endsWith('/k') ? Uint8Array.from(values) : values });
  };
  for (const [group, entry] of Object.entries(places)) {
    const config = typeof entry === 'string' ? layer.quantizers.get(entry)?.config : null;
    const wraps = config != null && 'overflowMode' in config && config.overflowMode === 'WRAP';
    const names =
      typeof entry !== 'string'
        ? entry
        : (wraps ? ['f', 'k', 'i', 'decay'] : ['i', 'f', 'k']).map((n) => `${entry}/${n}`);
    const path = typeof entry === 'string' ? `${group}/quantizer/vars` : `${group}vars`;
    for (const [index, name] of names.entries()) put(`${path}/${index}`, name);
  }
  return arrays;
}

const at = (layer: string): KerasTensor => ({ layer, node: 0, tensor: 0 });

function fileOf(
  layer: { readonly className: string; readonly config: object; readonly arrays: Map<string, Hdf5Dataset> },
  inputs: Readonly<Record<string, readonly number[]>>,
  { args = [], kwargs = {} }: { args?: readonly unknown[]; kwargs?: KerasCall['kwargs'] },
): KerasFile {
  const isTensor = (value: unknown): value is KerasTensor =>
    typeof value === 'object' && value !== null && 'layer' in value;
  const call: KerasCall = { args, kwargs, inputs: [...args, ...Object.values(kwargs)].flat().filter(isTensor) };
  const common = { module: 'hgq', builtOn: null, model: null };
  return {
    name: 'net',
    kerasVersion: '3.15.1',
    config: {},
    layers: [
      ...Object.entries(inputs).map(([name, shape]) => ({
        ...{ ...common, name, className: 'InputLayer', arrays: new Map(), calls: [] },
        config: { name, batch_shape: [null, ...shape] },
      })),
      { ...common, ...layer, name: 'layer', config: { name: 'layer', ...layer.config }, calls: [call] },
    ],
    inputs: Object.keys(inputs).map(at),
    outputs: [at('layer')],
  };
}

/** Imports what `layer` would be in a file and expects the same variables and numbers. */
function compare(
  layer: QLayer,
  file: { readonly className: string; readonly config: object; readonly places: Variables },
  inputs: Readonly<Record<string, readonly number[]>>,
  call: { args?: readonly unknown[]; kwargs?: KerasCall['kwargs'] },
  order = Object.keys(inputs),
): tf.LayersModel {
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => [name, tf.input({ shape: [...shape], name })]),
  );
  const given = order.map((name) => tensors[name]);
  const outputs = layer.apply(given.length === 1 ? given[0] : given) as tf.SymbolicTensor;
  const model = tf.model({ inputs: Object.values(tensors), outputs });
  for (const [index, { variable }] of layer.weights.map((weight) => ({ variable: weight })).entries()) {
    if (/kernel|bias/.test(variable.originalName))
      variable.write(gridTensor(variable.shape as number[], 40 + index, 6));
  }
  const data = Object.values(inputs).map((shape, index) => gridTensor([6, ...shape], 7 + index, 4));
  traceMinMax(model, data);
  const imported = importKeras(fileOf({ ...file, arrays: datasets(layer, model, file.places) }, inputs, call));
  expect(modelState(imported)).toEqual(modelState(model));
  const run = (each: tf.LayersModel): Float32Array =>
    (each.predict(data.length === 1 ? data[0] : data) as tf.Tensor).dataSync<'float32'>();
  expect(run(imported)).toEqual(run(model));
  return imported;
}

const attentionConfig = {
  ...base,
  ...{ num_heads: 2, key_dim: 3, value_dim: 2, use_bias: true, dropout: 0.1, seed: null, output_shape: 4 },
  ...{ attention_axes: [1], use_gate: false, sliding_window: null, parallelization_factor: -1, stable_softmax: true },
  ...{ qkvo_iq_conf: conf, qkvo_kq_conf: conf, qkvo_bq_conf: conf, qkvo_oq_conf: conf, softmax_iq_conf: conf },
  ...{ softmax_exp_iq_conf: conf, softmax_exp_oq_conf: table, softmax_inv_iq_conf: conf, softmax_inv_oq_conf: table },
  ...{ softmax_oq_conf: conf, softmax_allow_heterogeneous_table: false },
};
const attentionArgs = {
  ...{ name: 'layer', numHeads: 2, keyDim: 3, valueDim: 2, outputShape: 4, attentionAxes: [1] },
  ...{ qkvoIqConf: kif, qkvoKqConf: kif, qkvoBqConf: kif, qkvoOqConf: kif, softmaxExpIqConf: kif },
  ...{ softmaxExpOqConf: kif, softmaxInvIqConf: kif, softmaxInvOqConf: kif, softmaxOqConf: kif },
};

/** Places of everything but the input quantizers of query, key and value. */
const attentionPlaces: Variables = {
  ...Object.fromEntries(
    [...['query', 'key', 'value'].map((role) => [role, `${role}_dense`]), ['attention_output', 'output_dense']].flatMap(
      ([role, group]) => [
        [
          `${group}/`,
          ['kernel', ...(role === 'key' ? [] : ['bias']), 'beta', 'ebops'].map((name) => `${role}/${name}`),
        ],
        [`${group}/kq`, `${role}/kq`],
        ...(role === 'key' ? [] : [[`${group}/bq`, `${role}/bq`]]),
        ...(role === 'attention_output' ? [[`${group}/iq`, `${role}/iq`]] : [[`${group}/oq`, `${role}/oq`]]),
      ],
    ),
  ),
  '': ['beta', 'ebops'],
  '_softmax/': ['softmax/beta', 'softmax/ebops'],
  '_softmax/exp_table/iq': 'softmax/expIq',
  '_softmax/exp_table/oq': 'softmax/expOq',
  '_softmax/inv_table/iq': 'softmax/invIq',
  '_softmax/inv_table/oq': 'softmax/invOq',
  '_softmax/oq': 'softmax/oq',
};
const inputQuantizers = Object.fromEntries(['query', 'key', 'value'].map((role) => [`${role}_dense/iq`, `${role}/iq`]));

describe('attention of a file', () => {
  const className = 'QMultiHeadAttention';

  it('comes in with EBOPs, causal mask and tensors by name', () => {
    const layer = qMultiHeadAttention({ ...attentionArgs, useCausalMask: true });
    const kwargs = { key: at('k'), value: at('v'), use_causal_mask: true };
    const inputs = { q: [3, 2], k: [4, 3], v: [4, 2] };
    const places = { ...attentionPlaces, ...inputQuantizers };
    compare(layer, { className, config: attentionConfig, places }, inputs, { args: [at('q')], kwargs }, [
      'q',
      'v',
      'k',
    ]);
  });

  it.each(['kv', 'qkv'] as const)('with fused %s has one quantizer in the first of its groups', (fuse) => {
    const layer = qMultiHeadAttention({ ...attentionArgs, fuse });
    const places = {
      ...attentionPlaces,
      'key_dense/iq': 'value/iq',
      ...(fuse === 'kv' ? { 'query_dense/iq': 'query/iq' } : {}),
    };
    const file = { className, config: { ...attentionConfig, fuse }, places };
    const imported = compare(layer, file, { x: [3, 2] }, { args: [[at('x')], at('x')] });
    expect(imported.layers[1].inboundNodes[0].inputTensors).toHaveLength(1);
  });

  it.each([true, false])('to projected positions, shared: %o', (shared) => {
    const layer = qLinformerAttention({ ...attentionArgs, linKvProjDim: 2, shareKvProj: shared, linEnableOq: !shared });
    const roles = shared ? ['lin_k_proj'] : ['lin_k_proj', 'lin_v_proj'];
    const linear = roles.flatMap((role) => [
      [`_${role}/`, ['kernel', 'beta', 'ebops'].map((name) => `${role}/${name}`)],
      ...['iq', 'kq', ...(shared ? [] : ['oq'])].map((name) => [`_${role}/${name}`, `${role}/${name}`]),
    ]);
    const places = { ...attentionPlaces, ...inputQuantizers, ...Object.fromEntries(linear) };
    const config = { ...attentionConfig, fuse: 'none', lin_kv_proj_dim: [2], share_kv_proj: shared };
    compare(layer, { className: 'QLinformerAttention', config, places }, { x: [3, 2] }, { args: [at('x')] });
  });

  it.each([
    [{ use_gate: true }, {}, /use_gate = true; expected false: the reference leaves the gate out/],
    [{ sliding_window: 2 }, {}, /sliding_window = 2; expected null/],
    [{ future_option: 2 }, {}, /future_option = 2 is not supported/],
    [{}, { return_attention_scores: true }, /called with return_attention_scores, which is not supported/],
    [{}, { attention_mask: at('x') }, /called with a tensor as attention_mask/],
  ])('is refused with %o, called with %o', (config, kwargs, said) => {
    const file = fileOf(
      { className, config: { ...attentionConfig, ...config }, arrays: new Map() },
      { x: [3, 2] },
      { args: [at('x'), at('x')], kwargs },
    );
    expect(() => importKeras(file)).toThrow(said);
  });
});

describe('recurrences of a file', () => {
  const config = {
    ...base,
    ...{ units: 2, activation: 'linear', use_bias: true, dropout: 0.2, recurrent_dropout: 0, unroll: false },
    ...{
      return_sequences: true,
      return_state: false,
      go_backwards: true,
      stateful: false,
      zero_output_for_mask: false,
    },
    ...{ iq_conf: conf, kq_conf: conf, rkq_conf: conf, bq_conf: conf, sq_conf: conf, paq_conf: conf },
    parallelization_factor: 3,
  };
  const args = {
    ...{ name: 'layer', units: 2, returnSequences: true, goBackwards: true, parallelizationFactor: 3 },
    ...{ iqConf: kif, kqConf: kif, rkqConf: kif, bqConf: kif, sqConf: kif, paqConf: kif },
  };
  const places = {
    'cell/': ['kernel', 'recurrent_kernel', 'bias'],
    '': ['beta', 'ebops'],
    ...Object.fromEntries(['iq', 'kq', 'rkq', 'bq', 'sq', 'paq'].map((role) => [`cell/${role}`, role])),
  };

  it('come in with a quantised state, and as they were called', () => {
    const file = { className: 'QSimpleRNN', config, places };
    compare(qSimpleRNN({ ...args, enableSq: true }), file, { x: [3, 2] }, { args: [at('x')], kwargs: { mask: null } });
  });

  it('come in with the reset in front', () => {
    const gates = { recurrent_activation: 'linear', reset_after: false, praq_conf: conf, rhq_conf: conf };
    const file = {
      className: 'QGRU',
      config: { ...config, ...gates },
      places: { ...places, 'cell/praq': 'praq', 'cell/rhq': 'rhq' },
    };
    const layer = qGRU({ ...args, resetAfter: false, praqConf: kif, rhqConf: kif });
    compare(layer, file, { x: [3, 2] }, { args: [at('x')] });
  });

  it.each([
    [{ stateful: true }, {}, /stateful = true; expected false: firmware starts every sequence with zeros/],
    [{ enable_oq: true }, {}, /enable_oq = true; expected false, the reference fails with it/],
    [{}, { initial_state: at('x') }, /called with a tensor as initial_state/],
    [{}, { mask: at('x') }, /called with a tensor as mask/],
  ])('are refused with %o, called with %o', (more, kwargs, said) => {
    const file = fileOf(
      { className: 'QSimpleRNN', config: { ...config, ...more }, arrays: new Map() },
      { x: [3, 2] },
      { args: [at('x')], kwargs },
    );
    expect(() => importKeras(file)).toThrow(said);
  });
});

describe('paths of Keras', () => {
  it.each([
    ['l/query/query_iq/fixed_point_quantizer_kif_110/f', 'l/query/iq/f'],
    ['l/attention_output/bias', 'l/attention_output/bias'],
    ['l/q_softmax_3/q_softmax_3_exp_table/q_softmax_3_exp_table_oq/fixed_point_quantizer_kbi_1/b', 'l/softmax/expOq/b'],
    ['l/q_softmax/q_softmax_exp_table/beta', null],
    ['l/query/beta', 'l/query/beta'],
    ['l/q_einsum_dense_9/kernel', 'l/lin_k_proj/kernel'],
    ['l/q_einsum_dense_10/q_einsum_dense_10_kq/fixed_point_quantizer_kbi_2/i', 'l/lin_v_proj/kq/i'],
    ['l/simple_rnn_cell/recurrent_kernel', 'l/recurrent_kernel'],
    ['l/simple_rnn_cell/kq/fixed_point_quantizer_kbi_120/b', 'l/kq/b'],
    ['l/qgru_cell/qgru_cell_praq/fixed_point_quantizer_kif_129/i', 'l/praq/i'],
  ])('%s is %s', (path, name) => {
    expect(fromKerasPath(path, ['l/q_einsum_dense_9/kernel', 'l/q_einsum_dense_10/kernel'])).toBe(name);
  });

  const golden = new URL('../../../../../shared/golden/keras_zoo/', import.meta.url);
  it.each(['QMultiHeadAttention', 'QSimpleRNN', 'QGRU'])(
    'that %s recorded gradients for are variables',
    async (name) => {
      if (!existsSync(golden)) return console.warn('skipped: ../shared/golden/keras_zoo is not here');
      const paths = Object.keys(JSON.parse(readFileSync(new URL('zoo.json', golden), 'utf8'))[name].grads);
      const model = importKeras(await readKeras(readFileSync(new URL(`${name}.keras`, golden))));
      const variables = namedVariables(model);
      const names = paths.map((path) => fromKerasPath(path, paths) ?? '');
      expect(names.filter((each) => !variables.has(each))).toEqual([]);
      expect(new Set(names).size).toBe(paths.length);
    },
  );
});
