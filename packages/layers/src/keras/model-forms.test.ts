import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { element, fileOf, grid, type Plain, tabulate } from '../../test/support/keras-file.ts';
import { writeKeras } from '../../test/support/write-keras.ts';
import { setBackend } from '../backend/set-backend.ts';
import { lower } from '../lower/lower.ts';
import { importKeras } from './import-keras.ts';
import { loadKeras } from './load-keras.ts';
import type { KerasFile, KerasLayer, KerasModel } from './read-keras.ts';

beforeAll(() => setBackend('cpu'));

const weights = { activation: 'linear', use_bias: true, kernel_regularizer: null };

function dense(
  name: string,
  from: number,
  to: number,
  seed: number,
): { layer: KerasLayer; kernel: Plain; bias: Plain } {
  const [kernel, bias] = [grid([from, to], seed), grid([to], seed + 1)];
  const file = fileOf(
    [[from]],
    [{ className: 'Dense', name, config: { ...weights, units: to }, arrays: { 'vars/0': kernel, 'vars/1': bias } }],
  );
  return { layer: file.layers[1], kernel, bias };
}

const tensor = (layer: string, node = 0): { layer: string; node: number; tensor: number } => ({
  layer,
  node,
  tensor: 0,
});
const called = (layer: KerasLayer, ...from: ReturnType<typeof tensor>[][]): KerasLayer => ({
  ...layer,
  calls: from.map((inputs) => ({ args: inputs.length === 1 ? inputs : [inputs], kwargs: {}, inputs })),
});

function product(x: Plain, { kernel, bias }: { kernel: Plain; bias: Plain }): Plain {
  const [batch, from] = x.shape;
  return tabulate([batch, kernel.shape[1]], (n, f) => {
    let sum = bias.data[f];
    for (let c = 0; c < from; c++) sum += element(x, n, c) * element(kernel, c, f);
    return sum;
  });
}

function predictions(file: KerasFile, x: readonly Plain[]): number[][] {
  const model = importKeras(file);
  const y = [model.predict(x.map(({ shape, data }) => tf.tensor([...data], [...shape])))].flat() as tf.Tensor[];
  return y.map((output) => [...output.dataSync()]);
}

describe('forms of models', () => {
  it('a nested model that is called twice, with layers called as those around it', () => {
    const inner = dense('head', 3, 3, 1);
    const outer = dense('head', 3, 2, 5);
    const base = fileOf([[3]], [{ className: 'Identity', name: 'unused' }]);
    const nested: KerasModel = {
      name: 'block',
      layers: [base.layers[0], called(inner.layer, [tensor('x0')])],
      inputs: [tensor('x0')],
      outputs: [tensor('head')],
    };
    const block: KerasLayer = {
      ...base.layers[1],
      name: 'block',
      className: 'Functional',
      config: { name: 'block' },
      model: nested,
    };
    const file: KerasFile = {
      ...base,
      layers: [
        base.layers[0],
        called(block, [tensor('x0')], [tensor('block')]),
        called(outer.layer, [tensor('block', 1)]),
      ],
      outputs: [tensor('head'), tensor('block')],
    };
    const x = grid([4, 3], 9);
    const once = product(x, inner);
    const expected = [product(product(once, inner), outer), once];
    expect(predictions(file, [x])).toEqual(expected.map(({ data }) => data));
    const graph = lower(importKeras(file), { inputType: 'ap_fixed<10,4>', precision: 'ap_fixed<44,12>' });
    expect(graph.outputs).toHaveLength(2);
    expect(new Set(graph.nodes.map(({ name }) => name)).size).toBe(graph.nodes.length);
  });

  it('inputs and outputs in the order of the model, not of the layers', () => {
    const [a, b] = [dense('a', 3, 2, 1), dense('b', 4, 2, 5)];
    const base = fileOf([[3], [4]], [{ className: 'Identity' }]);
    const file: KerasFile = {
      ...base,
      layers: [base.layers[0], base.layers[1], called(a.layer, [tensor('x0')]), called(b.layer, [tensor('x1')])],
      inputs: [tensor('x1'), tensor('x0')],
      outputs: [tensor('b'), tensor('a')],
    };
    const [x0, x1] = [grid([5, 3], 2), grid([5, 4], 3)];
    expect(predictions(file, [x1, x0])).toEqual([product(x1, b).data, product(x0, a).data]);
    const graph = lower(importKeras(file), { inputType: 'ap_fixed<10,4>', precision: 'ap_fixed<44,12>' });
    expect(graph.outputs.map((name) => name.split('.')[0])).toEqual(['b', 'a']);
  });

  it.each([true, false])('a Sequential model, with an InputLayer: %s', async (withInput) => {
    const [first, second] = [dense('first', 3, 4, 1), dense('second', 4, 2, 5)];
    const arrays = ({ kernel, bias }: typeof first) => ({
      'vars/0': { shape: [...kernel.shape], data: Float32Array.from(kernel.data) },
      'vars/1': { shape: [...bias.shape], data: Float32Array.from(bias.data) },
    });
    const layers = [
      { className: 'Dense', config: { name: 'first', ...weights, units: 4 }, arrays: arrays(first) },
      { className: 'Dense', config: { name: 'second', ...weights, units: 2 }, arrays: arrays(second) },
    ];
    const input = { className: 'InputLayer', config: { name: 'x', batch_shape: [null, 3] } };
    const options = { sequential: true, ...(withInput ? {} : { buildShape: [null, 3] }) };
    const model = await loadKeras(await writeKeras(withInput ? [input, ...layers] : layers, options));
    const x = grid([4, 3], 9);
    const y = model.predict(tf.tensor2d([...x.data], [4, 3])) as tf.Tensor;
    expect([...y.dataSync()]).toEqual(product(product(x, first), second).data);
    if (!withInput) {
      await expect(loadKeras(await writeKeras(layers, { sequential: true }))).rejects.toThrow(
        /Sequential model 'net' does not say what shape.*Start it with keras.Input/,
      );
    }
  });
});
