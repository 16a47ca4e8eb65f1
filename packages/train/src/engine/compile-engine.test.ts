import { inputReduce, qConv2DSparse, qDense, quantizer, setBackend, sparseFlatten } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { adam } from '../fit/adam.ts';
import { compileEngine } from './compile-engine.ts';

/** A model of one reduction, what `make` adds, and one dense layer. */
function network(make: (pair: tf.SymbolicTensor[]) => tf.SymbolicTensor, before?: object): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 1] });
  const image =
    before == null ? input : (quantizer({ name: 'pixels', config: before }).apply(input) as tf.SymbolicTensor);
  const pair = inputReduce({ n: 4 }).apply(image) as tf.SymbolicTensor[];
  const flat = sparseFlatten().apply(make(pair));
  return tf.model({ inputs: input, outputs: qDense({ units: 2 }).apply(flat) as tf.SymbolicTensor });
}

const loss = { kind: 'softmaxCrossEntropy' } as const;

describe('compileEngine', () => {
  beforeAll(() => setBackend('wasm'));

  it('names what it does not know', () => {
    const conv = (args: object) =>
      network(
        (pair) => qConv2DSparse({ filters: 1, kernelSize: 3, name: 'conv', ...args }).apply(pair) as tf.SymbolicTensor,
      );
    expect(compileEngine(conv({ activation: 'tanh' }), { loss })).toBe("layer 'conv' has the activation tanh");
    expect(compileEngine(conv({ kqConf: { qType: 'float' } }), { loss })).toBe("quantizer 'conv/kq' is a minifloat");
    expect(compileEngine(conv({ iqConf: { scaler: 2 } }), { loss })).toMatch(/'conv\/iq' scales its data/);
    expect(
      compileEngine(
        network(([x]) => x, {}),
        { loss },
      ),
    ).toBe("quantizer 'pixels' before inputReduce is trained");
    const branch = network(([x]) => {
      const layer = (name: string) => qDense({ units: 1, name }).apply(x) as tf.SymbolicTensor;
      return tf.layers.add().apply([layer('one'), layer('two')]) as tf.SymbolicTensor;
    });
    expect(compileEngine(branch, { loss })).toMatch(/2 layers take the output of/);
    expect(compileEngine(smallSparseModel(), { loss: { kind: 'sigmoidCrossEntropy' } })).toMatch(/needs one output/);
  });

  it('gives the same numbers when lists do not fit into memory', () => {
    const data = upperOrLower(40, 5);
    const order = Int32Array.from({ length: 40 }, (_, j) => j);
    const losses = [2 ** 28, 1].map((listMemory) => {
      const engine = compileEngine(smallSparseModel(), { loss, listMemory });
      if (typeof engine === 'string') throw new Error(engine);
      const optimizer = adam();
      return Array.from({ length: 8 }, (_, step) => {
        const from = (step % 4) * 10;
        const result = engine.differentiate(data, order, from, from + 10);
        engine.update(optimizer, 1e-2, () => 1);
        return result.loss;
      });
    });
    expect(losses[1]).toEqual(losses[0]);
    expect(new Set(losses[0]).size).toBe(8);
  });

  it('makes lists anew after the threshold of a fixed reduction was changed', () => {
    const input = tf.input({ shape: [6, 6, 1] });
    const reduce = inputReduce({ n: 4, threshold: 0.2, learnN: false, learnThreshold: false });
    const flat = sparseFlatten().apply(reduce.apply(input) as tf.SymbolicTensor[]);
    const model = tf.model({ inputs: input, outputs: qDense({ units: 2 }).apply(flat) as tf.SymbolicTensor });
    const engine = compileEngine(model, { loss });
    if (typeof engine === 'string') throw new Error(engine);
    const data = upperOrLower(8, 1);
    const order = Int32Array.from({ length: 8 }, (_, j) => j);
    const before = engine.differentiate(data, order, 0, 8).lossTask;
    tf.tidy(() => reduce.variables.threshold.assign(new Float32Array([5])));
    engine.load();
    const after = engine.differentiate(data, order, 0, 8).lossTask;
    expect(after).not.toBe(before);
    // Nothing exceeds the threshold, and the bias is 0: both classes are as likely.
    expect(after).toBeCloseTo(Math.log(2), 6);
  });
});
