import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Arrays, type LayerToWrite, writeKeras } from '../../test/support/write-keras.ts';
import { setBackend } from '../backend/set-backend.ts';
import { qAdd, qAveragePow2, qMaximum, qMinimum, qMultiply, qSubtract } from '../layers/merge-layers.ts';
import { qBatchNormalization } from '../layers/q-batch-normalization.ts';
import { qConv1D } from '../layers/q-conv1d.ts';
import { qConv2D } from '../layers/q-conv2d.ts';
import { qConv2DSparse } from '../layers/q-conv2d-sparse.ts';
import { qDot, qEinsum } from '../layers/q-einsum.ts';
import { qEinsumDense } from '../layers/q-einsum-dense.ts';
import { qGlobalAveragePooling2D, qGlobalMaxPooling1D } from '../layers/q-global-pooling.ts';
import { qAveragePooling1D, qMaxPooling2D } from '../layers/q-pooling.ts';
import { qSoftmax } from '../layers/q-softmax.ts';
import { qMeanPow2, qSum } from '../layers/q-sum.ts';
import { qUnaryFunctionLUT } from '../layers/q-unary-function-lut.ts';
import { quantizer } from '../layers/quantizer-layer.ts';
import { modelState } from '../model/model-state.ts';
import { traceMinMax } from '../model/trace-min-max.ts';
import { loadKeras } from './load-keras.ts';

beforeAll(() => setBackend('cpu'));

/** Our settings of a KIF WRAP quantizer with one format, and the same as Keras writes it. */
const kif = { qType: 'kif', place: 'datalane', i0: 7, f0: 5, heterogeneousAxis: [] } as const;
const kifConf = {
  class_name: 'QuantizerConfig',
  config: {
    q_type: 'kif',
    place: 'datalane',
    scaler: null,
    qnoise_factor: null,
    affine: null,
    k0: true,
    i0: 7,
    f0: 5,
    round_mode: 'RND',
    overflow_mode: 'WRAP',
    ic: { class_name: 'MinMax', config: { min_value: -23, max_value: 23 } },
    ir: { class_name: 'MonoL1', config: { l1: 1e-8 } },
    fc: { class_name: 'MinMax', config: { min_value: -24, max_value: 24 } },
    fr: { class_name: 'MonoL1', config: { l1: 1e-8 } },
    i_decay_speed: 0.01,
    homogeneous_axis: null,
    heterogeneous_axis: [],
    bw_mapper: null,
    trainable: true,
    is_weight: false,
  },
};
/** Tables are unsigned and saturate; the softmax sets that itself. */
const table = { ...kif, place: 'table', k0: false, overflowMode: 'SAT', roundMode: 'RND_CONV' } as const;
const tableConf = {
  ...kifConf,
  config: { ...kifConf.config, place: 'table', k0: false, overflow_mode: 'SAT', round_mode: 'RND_CONV' },
};

const wrap = ['f', 'k', 'i', 'i_decay_speed'];
const sat = ['i', 'f', 'k'];
/** Where a quantizer's variables are: path in the file → our name. */
const stored = (group: string, role: string, names = wrap): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [`${group}/quantizer/vars/${index}`, `${role}/${name}`]));
const own = (...names: string[]): Record<string, string> =>
  Object.fromEntries([...names, 'beta', 'ebops'].map((name, index) => [`vars/${index}`, name]));

const base = {
  enable_ebops: true,
  ebops_factor: 1,
  beta0: { class_name: 'Constant', config: { value: 1e-5 } },
  enable_iq: true,
  enable_oq: false,
  oq_conf: null,
};
const single = { ...base, iq_conf: kifConf };
const several = { ...base, iq_confs: [kifConf, kifConf] };
const args = { name: 'layer', iqConf: kif };
const mergeArgs = { name: 'layer', iqConfs: kif };
const twoIqs = { ...stored('iq/quantizers/quantizer', 'iq'), ...stored('iq/quantizers/quantizer_1', 'iq_1') };

interface ZooCase {
  readonly className: string;
  /** Shapes of the inputs without batch. */
  readonly inputs: readonly number[][];
  readonly layer: () => tf.layers.Layer;
  readonly config: object;
  readonly arrays: Record<string, string>;
}

const conv = { groups: 1, data_format: 'channels_last', activation: 'relu', use_bias: true, parallelization_factor: 3 };
const weightConfs = { kq_conf: kifConf, bq_conf: kifConf };
const weightArrays = { ...stored('iq', 'iq'), ...stored('kq', 'kq'), ...stored('bq', 'bq') };
const weightArgs = { ...args, kqConf: kif, bqConf: kif };

const zoo: readonly ZooCase[] = [
  {
    className: 'QConv1D',
    inputs: [[7, 2]],
    layer: () =>
      qConv1D({
        ...weightArgs,
        filters: 4,
        kernelSize: 3,
        padding: 'causal',
        dilationRate: 2,
        groups: 2,
        activation: 'relu',
      }),
    config: {
      ...{ ...single, ...conv, ...weightConfs, groups: 2 },
      ...{
        filters: 4,
        kernel_size: [3],
        strides: [1],
        padding: 'causal',
        dilation_rate: [2],
        kernel_regularizer: null,
      },
    },
    arrays: { ...own('kernel', 'bias'), ...weightArrays },
  },
  {
    className: 'QConv2D',
    inputs: [[6, 5, 2]],
    layer: () => qConv2D({ ...weightArgs, filters: 3, kernelSize: [2, 3], strides: [2, 1], activation: 'relu' }),
    config: {
      ...{ ...single, ...conv, ...weightConfs },
      ...{ filters: 3, kernel_size: [2, 3], strides: [2, 1], padding: 'valid', dilation_rate: [1, 1] },
    },
    arrays: { ...own('kernel', 'bias'), ...weightArrays },
  },
  {
    className: 'QEinsumDense',
    inputs: [[3, 4]],
    layer: () => qEinsumDense({ ...weightArgs, equation: 'abc,cd->abd', outputShape: [null, 2], biasAxes: 'd' }),
    config: {
      ...single,
      ...weightConfs,
      equation: 'abc,cd->abd',
      output_shape: [null, 2],
      bias_axes: 'd',
      parallelization_factor: 1,
    },
    arrays: { ...own('kernel', 'bias'), ...weightArrays },
  },
  {
    className: 'QBatchNormalization',
    inputs: [[3, 2]],
    layer: () => qBatchNormalization({ ...weightArgs, epsilon: 0.01 }),
    config: {
      ...single,
      ...weightConfs,
      axis: -1,
      momentum: 0.9,
      epsilon: 0.01,
      center: true,
      scale: true,
      synchronized: false,
    },
    arrays: { ...own('bn_gamma', 'bn_beta', 'moving_mean', 'moving_variance'), ...weightArrays },
  },
  {
    className: 'QMaxPooling2D',
    inputs: [[5, 4, 2]],
    layer: () => qMaxPooling2D({ ...args, poolSize: [2, 3], strides: 1, padding: 'same' }),
    config: {
      ...single,
      pool_size: [2, 3],
      strides: [1, 1],
      padding: 'same',
      data_format: 'channels_last',
      parallelization_factor: -1,
    },
    arrays: { ...own(), ...stored('iq', 'iq') },
  },
  {
    className: 'QAveragePooling1D',
    inputs: [[6, 2]],
    layer: () => qAveragePooling1D({ ...args, poolSize: 3 }),
    config: {
      ...single,
      pool_size: [3],
      strides: [3],
      padding: 'valid',
      data_format: 'channels_last',
      parallelization_factor: 2,
    },
    arrays: { ...own(), ...stored('iq', 'iq') },
  },
  {
    className: 'QGlobalAveragePooling2D',
    inputs: [[3, 4, 2]],
    layer: () => qGlobalAveragePooling2D({ ...args, keepdims: true }),
    config: { ...single, data_format: 'channels_last', keepdims: true },
    arrays: { ...own(), ...stored('iq', 'iq') },
  },
  {
    className: 'QGlobalMaxPooling1D',
    inputs: [[5, 2]],
    layer: () => qGlobalMaxPooling1D(args),
    config: { ...single, data_format: 'channels_last', keepdims: false },
    arrays: { ...own(), ...stored('iq', 'iq') },
  },
  ...(
    [
      ['QAdd', qAdd],
      ['QAveragePow2', qAveragePow2],
      ['QSubtract', qSubtract],
      ['QMultiply', qMultiply],
      ['QMaximum', qMaximum],
      ['QMinimum', qMinimum],
    ] as const
  ).map(([className, make]) => ({
    className,
    inputs: [
      [3, 2],
      [3, 2],
    ],
    layer: () => make(mergeArgs),
    config: several,
    arrays: { ...own(), ...twoIqs },
  })),
  {
    className: 'QDot',
    inputs: [[4], [4]],
    layer: () => qDot({ ...mergeArgs, axes: -1 }),
    config: { ...several, axes: -1, normalize: false },
    arrays: { ...own(), ...twoIqs },
  },
  {
    className: 'QEinsum',
    inputs: [
      [2, 3],
      [3, 4],
    ],
    layer: () => qEinsum({ ...mergeArgs, equation: 'bij,bjk->bik' }),
    config: { ...several, equation: 'bij,bjk->bik' },
    arrays: { ...own(), ...twoIqs },
  },
  {
    className: 'QSum',
    inputs: [[3, 4]],
    layer: () => qSum({ ...args, axes: [1], scale: 0.25, keepDims: true }),
    config: { ...single, axes: [1], scale: 0.25, keepdims: true },
    arrays: { ...own(), ...stored('iq', 'iq') },
  },
  {
    className: 'QMeanPow2',
    inputs: [[3, 4]],
    layer: () => qMeanPow2({ ...args, axes: -1 }),
    config: { ...single, axes: -1, keepdims: false },
    arrays: { ...own(), ...stored('iq', 'iq') },
  },
  {
    className: 'QUnaryFunctionLUT',
    inputs: [[5]],
    layer: () => qUnaryFunctionLUT({ ...args, activation: 'hardSigmoid', oqConf: table }),
    config: {
      ...{ ...single, enable_oq: true, oq_conf: tableConf, activation: 'hard_sigmoid' },
      ...{ allow_heterogeneous_input: true, allow_heterogeneous_table: false, override_oq_k0_to_0: true },
    },
    arrays: { ...own(), ...stored('iq', 'iq'), ...stored('oq', 'oq', sat) },
  },
  {
    className: 'QSoftmax',
    inputs: [[4]],
    layer: () =>
      qSoftmax({
        name: 'layer',
        enableIq: true,
        iqConf: kif,
        expIqConf: kif,
        expOqConf: table,
        invIqConf: kif,
        invOqConf: table,
      }),
    config: {
      ...{ ...single, axis: [-1], stable: true, input_scaler: 1, parallelization_factor: -1 },
      ...{ exp_iq_conf: kifConf, exp_oq_conf: tableConf, inv_iq_conf: kifConf, inv_oq_conf: tableConf },
      allow_heterogeneous_table: false,
    },
    arrays: {
      ...{ ...own(), ...stored('iq', 'iq') },
      ...{ ...stored('exp_table/iq', 'expIq'), ...stored('exp_table/oq', 'expOq', sat) },
      ...{ ...stored('inv_table/iq', 'invIq'), ...stored('inv_table/oq', 'invOq', sat) },
    },
  },
  {
    className: 'Quantizer',
    inputs: [[3]],
    layer: () => quantizer({ name: 'layer', config: kif }),
    config: { config: kifConf },
    arrays: Object.fromEntries(wrap.map((name, index) => [`quantizer/vars/${index}`, `iq/${name}`])),
  },
  {
    className: 'QConv2DSparse',
    inputs: [
      [5, 4, 2],
      [5, 4, 1],
    ],
    layer: () =>
      qConv2DSparse({ ...weightArgs, filters: 2, kernelSize: [1, 3], useBias: false, enableOq: true, oqConf: kif }),
    config: {
      conv_config: {
        name: 'layer',
        ...{
          ...single,
          ...conv,
          enable_oq: true,
          oq_conf: kifConf,
          activation: 'linear',
          use_bias: false,
          kq_conf: kifConf,
        },
        ...{ bq_conf: null, filters: 2, kernel_size: [1, 3], strides: [1, 1], padding: 'same', dilation_rate: [1, 1] },
      },
      use_bias: false,
      bq_conf: null,
      activation: { class_name: 'function', config: 'linear', module: 'builtins', registered_name: 'function' },
    },
    arrays: {
      ...{ 'conv/vars/0': 'kernel', 'conv/vars/1': 'beta', 'conv/vars/2': 'ebops' },
      ...{ ...stored('conv/iq', 'iq'), ...stored('conv/oq', 'oq'), ...stored('conv/kq', 'kq') },
    },
  },
];

describe('importing', () => {
  it.each(zoo.map((entry) => [entry.className, entry] as const))('%s', async (className, entry) => {
    const inputs = entry.inputs.map((shape) => tf.input({ shape }));
    const outputs = entry.layer().apply(inputs.length === 1 ? inputs[0] : inputs) as tf.SymbolicTensor;
    const original = tf.model({ inputs, outputs });
    const data = entry.inputs.map((shape, index) => tf.randomNormal([6, ...shape], 0, 1, 'float32', 11 + index));
    for (const weight of original.weights) {
      // Weights of all kinds off their initial values; the seed by length is enough to tell them apart.
      if (/kernel|bias|gamma|bn_beta|moving/.test(weight.originalName)) {
        weight.write(tf.randomUniform(weight.shape as number[], 0.1, 1, 'float32', weight.originalName.length));
      }
    }
    traceMinMax(original, data.length === 1 ? data[0] : data);
    const state = modelState(original);

    const names: LayerToWrite[] = entry.inputs.map((shape, index) => ({
      className: 'InputLayer',
      config: { name: index === 0 ? 'x' : `x${index}`, batch_shape: [null, ...shape] },
    }));
    const layer: LayerToWrite = {
      className,
      config: { name: 'layer', ...entry.config },
      inputs: names.map(({ config }) => [config.name, 0] as const),
      arrays: Object.fromEntries(
        Object.entries(entry.arrays).map(([path, name]): [string, Arrays[string]] => {
          const stored = state.get(`layer/${name}`);
          if (/ebops$/.test(name)) return [path, { shape: [], data: new Uint32Array([7]) }];
          if (/i_decay_speed$/.test(name)) return [path, { shape: [], data: new Float32Array([0.01]) }];
          if (stored == null) throw new Error(`${name} is not a variable of ${className}`);
          const values = name.endsWith('/k') ? Uint8Array.from(stored.values) : stored.values;
          // Keras drops the leading axes of size 1 of a bias.
          const shape = /^(bias|bq)/.test(name)
            ? stored.shape.slice(stored.shape.findIndex((size) => size > 1))
            : stored.shape;
          return [path, { shape: [...shape], data: values }];
        }),
      ),
    };
    const imported = await loadKeras(await writeKeras([...names, layer]));

    expect(modelState(imported)).toEqual(state);
    const results = [original, imported].map((model) =>
      Array.from((model.apply(data.length === 1 ? data[0] : data, {}) as tf.Tensor).dataSync()),
    );
    expect(results[1]).toEqual(results[0]);
    expect(new Set(results[0]).size).toBeGreaterThan(1);
  });
});
