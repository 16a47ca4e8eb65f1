import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { buildKeras2 } from '../keras2/index.ts';
import type { Keras2File } from '../keras2/read-keras2.ts';
import { namedVariables, setVariable } from '../model/model-state.ts';
import {
  hConv2D,
  hDense,
  hDenseBatchNorm,
  hLayers,
  hParallelFactors,
  hQuantize,
  hTraceMinMax,
  registerHgq1Layers,
  toProxyModel,
} from './index.ts';
import type { HQuantizerConfig } from './quantizer-config.ts';

beforeAll(() => setBackend('cpu'));

/** Two layers: 3 values in, 2 out. */
function network(paqConf: Partial<HQuantizerConfig> = {}, kqConf: Partial<HQuantizerConfig> = {}): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [3] }),
      hQuantize({ name: 'q', paqConf: { l1: 0, ...paqConf } }),
      hDense({ name: 'd', units: 2, beta: 1, paqConf: { l1: 0 }, kqConf: { l1: 0, ...kqConf } }),
    ],
  });
}

const train = (model: tf.LayersModel): number[] => {
  tf.dispose(model.apply(tf.tensor2d([0.5, -1, 2], [1, 3]), { training: true }) as tf.Tensor);
  return (model.calculateLosses() as tf.Scalar[]).map((loss) => loss.dataSync()[0]);
};

describe('costs of bit widths', () => {
  it.each([
    [{ l1: 2 }, (f: number[]) => 2 * f.reduce((a, b) => a + b)],
    [{ absL1: 2 }, (f: number[]) => 2 * f.reduce((a, b) => a + Math.abs(b), 0)],
    [{ l2: 3 }, (f: number[]) => 3 * f.reduce((a, b) => a + b * b, 0)],
    [{ regularizer: (f: tf.Tensor) => tf.max(f) as tf.Scalar }, (f: number[]) => Math.max(...f)],
  ] as const)('%j are added to the loss', (conf, cost) => {
    const model = network(conf);
    const bits = [3, -1, 2];
    setVariable(namedVariables(model).get('q/activation_bw') as tf.Variable, Float32Array.from(bits));
    expect(train(model)[0]).toBeCloseTo(cost(bits), 5);
  });

  it('that are functions cannot be saved; weights ≥ 0 can', () => {
    expect(() => network({ regularizer: (f) => tf.sum(f) as tf.Scalar }).toJSON()).toThrow(/regularizer is a function/);
    expect(() => network({ absL1: -1 })).toThrow(/absL1 = -1/);
    expect(() => network({ regularizer: 'l1' as never })).toThrow(/expected a function or null/);
    registerHgq1Layers();
    const saved = network({ absL1: 0.5, l2: 0.25 }).toJSON(undefined, false) as never;
    expect(JSON.stringify(saved)).toMatch(/"abs_l1":0.5|"absL1":0.5/);
  });
});

describe('ranges that nobody recorded', () => {
  it('cost nothing, and are asked for where they are needed', () => {
    const model = network({ minmaxRecord: false });
    expect(train(model).every(Number.isFinite)).toBe(true);
    expect(() => hTraceMinMax(model, tf.ones([1, 3]))).toThrow(/has seen no data/);
  });
});

describe('files of HGQ v1', () => {
  const conf = (over: object): object => ({ init_bw: 2, skip_dims: [0], rnd_strategy: 0, ...over });
  const file = (paq_conf: object, layer: object = {}): Keras2File => {
    const tensor = (name: string) => ({ layer: name, node: 0, tensor: 0 });
    const config = { name: 'q', beta: 0, paq_conf };
    return {
      model: {
        name: 'm',
        layers: [
          { name: 'x', className: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 2] }, calls: [] },
          { name: 'q', className: 'HQuantize', config, calls: [[tensor('x')]], ...layer },
        ],
        inputs: [tensor('x')],
        outputs: [tensor('q')],
      },
      weights: new Map(
        [
          ['activation_bw', [1, 2], [2, 2]],
          ['beta', [], [0]],
          ['bops', [], [0]],
        ].map(([name, shape, values]) => [`q//q/${name}`, { shape, values: Float32Array.from(values as number[]) }]),
      ) as Keras2File['weights'],
      notes: [],
    };
  };
  const built = (paq_conf: object): HQuantizerConfig => hLayers(buildKeras2(file(paq_conf)))[0].paq.config;

  it.each([
    [{ rnd_strategy: 3 }, { rndStrategy: 'floor' }],
    [{ rnd_strategy: 'auto' }, { rndStrategy: 'auto' }],
    [{ skip_dims: 'except_last' }, { skipDims: 'except_last' }],
    [{ bw_clip: false }, { bwClip: null }],
    [{ bw_clip: [-4, 5] }, { bwClip: [-4, 5] }],
    [{ regularizer: null }, { l1: 0, absL1: 0, l2: 0 }],
    [{ regularizer: { class_name: 'HGQ>MonoL1', config: { l1: 0.5 } } }, { l1: 0.5 }],
    [{ regularizer: { class_name: 'L1L2', config: { l1: 0.5, l2: 0.25 } } }, { l1: 0, absL1: 0.5, l2: 0.25 }],
    [
      { exact_q_value: false, trainable: false, dtype: 'float32' },
      { exactQValue: false, trainable: false },
    ],
  ])('with %j', (over, wanted) => {
    expect(built(conf(over))).toMatchObject(wanted);
  });

  it.each([
    [{ rnd_strategy: 7 }, /rnd_strategy from 0 to 3/],
    [{ rnd_strategy: 'nearest' }, /rndStrategy = "nearest"/],
    [{ skip_dims: 'some' }, /skipDims = "some"/],
    [{ skip_dims: [5] }, /skipDims has 5/],
    [{ dtype: 'float16' }, /dtype/],
    [{ regularizer: { class_name: 'Mine', config: {} } }, /MonoL1, L1, L2/],
    [{ bits: 3 }, /bits/],
  ])('with %j are refused', (over, message) => {
    expect(() => built(conf(over))).toThrow(message);
  });

  it('have the hard sigmoid of Keras 2', () => {
    const activated = buildKeras2(
      file(conf({}), {
        className: 'HActivation',
        config: { name: 'q', beta: 0, activation: 'hard_sigmoid', paq_conf: conf({ init_bw: 8 }) },
      }),
    );
    setVariable(namedVariables(activated).get('q/activation_bw') as tf.Variable, Float32Array.from([8, 8]));
    const y = activated.predict(tf.tensor2d([1, -2.5], [1, 2])) as tf.Tensor;
    expect(Array.from(y.dataSync())).toEqual([Math.round(0.7 * 256) / 256, 0]);
  });
});

describe('layers', () => {
  it('say which pixels are computed at once', () => {
    const model = tf.sequential({
      layers: [
        hQuantize({ inputShape: [4, 4, 1] }),
        hConv2D({ name: 'c', filters: 1, kernelSize: 1, parallelFactor: 4 }),
        hConv2D({ name: 'e', filters: 1, kernelSize: 1 }),
        tf.layers.flatten(),
        hDense({ name: 'd', units: 1 }),
      ],
    });
    const wanted = { c: { parallelizationFactor: 4 }, e: { parallelizationFactor: 1 } };
    expect(hParallelFactors(model)).toEqual(wanted);
  });

  it('warn of a shift that they cannot make', () => {
    const model = tf.sequential({
      layers: [hQuantize({ inputShape: [2] }), hDenseBatchNorm({ name: 'b', units: 1, useBias: false })],
    });
    hTraceMinMax(model, tf.tensor2d([1, -1, 0.5, 2], [2, 2]));
    const notes: string[] = [];
    toProxyModel(model, { report: ({ layer, message }) => notes.push(`${layer}: ${message}`) });
    expect(notes.join()).toMatch(/b: its batch normalisation has no bias/);
  });
});
