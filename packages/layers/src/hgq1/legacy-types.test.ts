import { graphBuilder } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { namedVariables, setVariable } from '../model/model-state.ts';
import { hDense, hQuantize, hTraceMinMax, legacyTypes, toProxyModel } from './index.ts';
import { container } from './scalar-kif.ts';

beforeAll(() => setBackend('cpu'));

it.each([
  [[0.75, -0.5, 0.25, 1.5], 1, 1, 2],
  [[-2], 1, 1, -1],
  [[2], 0, 2, -1],
  [[1.75], 0, 1, 2],
  [[0, 0], 0, 1, 0],
  [[-0.125, 3], 1, 2, 3],
  [[4, -8], 1, 3, -2],
  [[Math.fround(0.1)], 0, -3, 27],
])('the container of %j is %i, %i, %i (hgq1 §7.3)', (values, k, i, f) => {
  expect(container(values)).toEqual({ k, i, f });
});

describe('legacyTypes', () => {
  /** hgq1.md §7.4. */
  function proxy(aggressive: boolean): ReturnType<typeof toProxyModel> {
    const input = tf.input({ shape: [2], name: 'x' });
    const dense = hDense({ name: 'd', units: 2, activation: 'relu' });
    const y = dense.apply(hQuantize({ name: 'q' }).apply(input)) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: y });
    const set: Readonly<Record<string, readonly number[]>> = {
      'q/activation_bw': [1, 2],
      'd/kernel': [0.8, -0.5, 0.2, 1.4],
      'd/kernel_bw': [2, 1, 2, 1],
      'd/bias': [0.125, -0.25],
      'd/activation_bw': [2, 1],
    };
    const variables = namedVariables(model);
    for (const [name, values] of Object.entries(set))
      setVariable(variables.get(name) as tf.Variable, Float32Array.from(values));
    hTraceMinMax(model, tf.tensor2d([0.3, -0.6, 1.2, 0.9], [2, 2]));
    return toProxyModel(model, { aggressive });
  }

  it('derives the types of hgq1 §7.5', () => {
    const rows = legacyTypes(proxy(true));
    expect(rows.map(({ layer, part, result }) => [layer, part, result])).toEqual([
      ['x', 'input', 'fixed<5,2,TRN,WRAP>'],
      ['q', 'quantizer', 'fixed<4,2,TRN,WRAP>'],
      ['d', 'layer', 'fixed<4,2,TRN,WRAP>'],
      ['d', 'quantizer', 'fixed<4,2,TRN,WRAP>'],
      ['d', 'relu', 'ufixed<3,1,TRN,WRAP>'],
      ['d', 'relu_quantizer', 'ufixed<3,1,TRN,WRAP>'],
    ]);
    expect(rows[2]).toMatchObject({ weight: 'fixed<4,2>', accum: 'fixed<6,2>', bias: 'fixed<6,2>' });
    expect(legacyTypes(proxy(false))[2]).toMatchObject({ accum: 'fixed<8,4>', result: 'fixed<4,2,TRN,SAT>' });
  });

  it('cuts accumulators where it is told to', () => {
    expect(legacyTypes(proxy(true), { accumFpMaxOffset: 1 })[2]).toMatchObject({ accum: 'fixed<5,2>' });
  });

  it('counts inputs of a sum, and refuses what was never quantised (hgq1 §7.10)', () => {
    const graph = graphBuilder('g');
    const input = { shape: [4], format: { k: 0, i: 0, f: 8 }, round: 'RND_CONV', overflow: 'SAT' } as const;
    const x = graph.input('x', input);
    const codes = [-128, 1, 2, 3];
    const y = graph.dense('d', x, { kernel: { shape: [4, 1], codes, f: 4 } });
    const to = { k: 1, i: 2, f: 3 } as const;
    const q = graph.requantize('q', y, { to, round: 'RND_CONV', overflow: 'SAT' });
    const [, , dense] = legacyTypes(graph.build([q]));
    // −8 … 3/16 in sixteenths: 1, 3, 4; four of them by 0, 0, 8.
    expect(dense).toMatchObject({ weight: 'fixed<8,4>', accum: 'fixed<18,6>', result: 'fixed<6,3,RND_CONV,SAT>' });
    const open = graphBuilder('g');
    const z = open.input('x', input);
    const product = open.mul('m', z, z);
    expect(() => legacyTypes(open.build([product]))).toThrow(/not properly quantised/);
  });
});
