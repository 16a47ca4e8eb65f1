import type * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Arrays, type LayerToWrite, writeKeras } from '../../test/support/write-keras.ts';
import { setBackend } from '../backend/set-backend.ts';
import { modelState } from '../model/model-state.ts';
import { collectQLayers } from '../model/walk.ts';
import { loadKeras } from './load-keras.ts';

beforeAll(() => setBackend('cpu'));

const reals = (shape: number[], first: number): Arrays[string] => {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => first + i / 8) };
};
const bytes = (shape: number[], value: number): Arrays[string] => ({
  shape,
  data: new Uint8Array(shape[0] ?? 1).fill(value),
});
const ebops: Arrays[string] = { shape: [], data: new Uint32Array([7]) };

const common = {
  scaler: null,
  qnoise_factor: null,
  affine: null,
  k0: true,
  i0: 2,
  round_mode: 'RND',
  ic: null,
  ir: null,
  i_decay_speed: 'Infinity',
  homogeneous_axis: [],
  heterogeneous_axis: null,
  bw_mapper: null,
  trainable: true,
  is_weight: true,
};
const kbi = (overflow: string, place: string): object => ({
  class_name: 'QuantizerConfig',
  config: { ...common, q_type: 'kbi', place, b0: 5, bc: null, br: null, overflow_mode: overflow },
});
const kif = (overflow: string, place: string): object => ({
  class_name: 'QuantizerConfig',
  config: { ...common, q_type: 'kif', place, f0: 3, fc: null, fr: null, overflow_mode: overflow },
});

/** A QDense 2 → 1 without EBOPs and input quantizer, with kernel quantizer arrays `kernel` and bias quantizer `bias`. */
function dense(
  name: string,
  kq: object,
  bq: object,
  kernel: Arrays[string][],
  bias: Arrays[string][],
  first = 0,
): LayerToWrite {
  const stored = (role: string, list: Arrays[string][]): [string, Arrays[string]][] =>
    list.map((array, index) => [`${role}/quantizer/vars/${index}`, array]);
  return {
    className: 'QDense',
    config: {
      name,
      units: 1,
      activation: 'linear',
      use_bias: true,
      enable_ebops: false,
      ebops_factor: 1,
      beta0: { class_name: 'Constant', config: { value: 1e-5 } },
      enable_iq: false,
      enable_oq: false,
      iq_conf: null,
      oq_conf: null,
      kq_conf: kq,
      bq_conf: bq,
      parallelization_factor: 1,
    },
    inputs: [['x', 0]],
    arrays: {
      'vars/0': reals([name === 'second' ? 1 : 2, 1], first),
      'vars/1': reals([1], first + 1),
      ...Object.fromEntries([...stored('kq', kernel), ...stored('bq', bias)]),
    },
  };
}

const input: LayerToWrite = { className: 'InputLayer', config: { name: 'x', batch_shape: [null, 2] } };
const state = (model: tf.LayersModel): Record<string, number[]> =>
  Object.fromEntries([...modelState(model)].map(([name, { values }]) => [name, Array.from(values)]));

describe('the order of a quantizer’s stored arrays', () => {
  const [k, width, i, decay] = [bytes([2, 1], 1), reals([2, 1], 5), reals([2, 1], 2), reals([], 0.5)];
  const [k1, width1, i1] = [bytes([1], 0), reals([1], 4), reals([1], 1)];

  it.each([
    ['KBI, WRAP', kbi('WRAP', 'weight'), kbi('WRAP', 'bias'), [width, k, i, decay], [width1, k1, i1, decay], 'b'],
    ['KBI, SAT', kbi('SAT', 'weight'), kbi('SAT_SYM', 'bias'), [width, i, k], [width1, i1, k1], 'b'],
    ['KIF, WRAP', kif('WRAP', 'weight'), kif('WRAP', 'bias'), [width, k, i, decay], [width1, k1, i1, decay], 'f'],
    ['KIF, SAT_SYM', kif('SAT_SYM', 'weight'), kif('SAT', 'bias'), [i, width, k], [i1, width1, k1], 'f'],
    ['KBI, frozen', kbi('SAT', 'weight'), kbi('SAT', 'bias'), [k, width, i], [k1, width1, i1], 'b'],
    ['KIF, frozen', kif('SAT', 'weight'), kif('SAT', 'bias'), [k, i, width], [k1, i1, width1], 'f'],
  ] as const)('%s', async (_, kq, bq, kernel, bias, name) => {
    const model = await loadKeras(await writeKeras([input, dense('first', kq, bq, [...kernel], [...bias])]));
    expect(state(model)).toMatchObject({
      [`first/kq/${name}`]: [5, 5.125],
      'first/kq/i': [2, 2.125],
      'first/kq/k': [1, 1],
      [`first/bq/${name}`]: [4],
      'first/bq/i': [1],
      'first/bq/k': [0],
    });
  });

  it('takes the decay speed from the config, where it may be infinite', async () => {
    const file = await writeKeras([
      input,
      dense('d', kbi('WRAP', 'weight'), kif('SAT', 'bias'), [width, k, i, decay], [i1, width1, k1]),
    ]);
    const [layer] = collectQLayers(await loadKeras(file));
    expect(layer.quantizers.get('kq')?.config).toMatchObject({
      iDecaySpeed: Number.POSITIVE_INFINITY,
      overflowMode: 'WRAP',
    });
  });

  it('says where arrays are missing or superfluous', async () => {
    const [kq, bq] = [kbi('SAT', 'weight'), kif('SAT', 'bias')];
    const short = await writeKeras([input, dense('d', kq, bq, [width, i], [i1, width1, k1])]);
    await expect(loadKeras(short)).rejects.toThrow(
      /Layer 'd' \(QDense\): the file holds 2 arrays at kq\/quantizer\/vars; expected 3/,
    );
    const layer = dense('d', kq, bq, [width, i, k], [i1, width1, k1]);
    const long = await writeKeras([input, { ...layer, arrays: { ...layer.arrays, 'vars/2': ebops } }]);
    await expect(loadKeras(long)).rejects.toThrow(/holds 3 arrays at vars; expected 2 \(kernel, bias\)/);
  });
});

describe('which group belongs to a layer', () => {
  const [kq, bq] = [kbi('SAT', 'weight'), kbi('SAT', 'bias')];
  const arrays = (rows: number): Arrays[string][] => [reals([rows, 1], 5), reals([rows, 1], 2), bytes([rows, 1], 1)];
  const biasArrays = [reals([1], 4), reals([1], 1), bytes([1], 1)];
  const first = dense('first', kq, bq, arrays(2), biasArrays, 10);
  const second: LayerToWrite = { ...dense('second', kq, bq, arrays(1), biasArrays, 20), inputs: [['first', 0]] };
  const expected = { 'first/kernel': [10, 10.125], 'first/bias': [11], 'second/kernel': [20], 'second/bias': [21] };

  it.each([
    ['functional, named', { sequential: false, named: true }],
    ['functional, by order of classes', { sequential: false, named: false }],
    ['sequential, named', { sequential: true, named: true }],
    ['sequential, by order of classes', { sequential: true, named: false }],
  ])('%s', async (_, options) => {
    const model = await loadKeras(await writeKeras([input, first, second], options));
    expect(state(model)).toMatchObject(expected);
    expect(model.outputs[0].shape).toEqual([null, 1]);
  });
});
