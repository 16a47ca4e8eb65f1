import { decode, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gridTensor, largestDifference } from '../../test/support/compare.ts';
import { lower, qDense, qGRU, qSimpleRNN, setBackend, totalEbops, traceMinMax } from '../index.ts';

beforeAll(() => setBackend('cpu'));

const dummy = { qType: 'dummy' } as const;
const floats = {
  enableIq: false,
  kqConf: dummy,
  rkqConf: dummy,
  bqConf: dummy,
  sqConf: dummy,
  paqConf: dummy,
};

/** Output and gradients (input, kernel, recurrent kernel, bias) of a weighted sum of a layer's outputs. */
function results(layer: tf.layers.Layer, x: tf.Tensor): tf.Tensor[] {
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const forward = (): tf.Tensor => layer.apply(x, { training: true }) as tf.Tensor;
  const { grads } = tf.variableGrads(() => {
    const y = forward();
    return tf.sum(tf.mul(y, gridTensor(y.shape, 8, 6))) as tf.Scalar;
  }, weights);
  return [forward(), ...weights.map(({ name }) => grads[name])];
}

const sequences = (): tf.Tensor => gridTensor([4, 5, 3], 2, 6);

describe('without quantizers', () => {
  it.each([
    ['qSimpleRNN', {}],
    ['qSimpleRNN', { returnSequences: true, goBackwards: true }],
    ['qGRU', {}],
    ['qGRU', { returnSequences: true, useBias: false }],
    ['qGRU', { goBackwards: true }],
  ] as const)('%s %o is what tfjs computes, gradients included', (kind, options) => {
    tf.tidy(() => {
      const shared = { units: 2, activation: 'tanh', ...options } as const;
      const gates = { recurrentActivation: 'sigmoid' } as const;
      const [ours, theirs] =
        kind === 'qGRU'
          ? [
              qGRU({ ...shared, ...gates, ...floats, resetAfter: false, praqConf: dummy, rhqConf: dummy }),
              tf.layers.gru({ ...shared, ...gates }),
            ]
          : [qSimpleRNN({ ...shared, ...floats }), tf.layers.simpleRNN(shared)];
      const input = (): tf.SymbolicTensor => tf.input({ shape: [5, 3] });
      ours.apply(input());
      theirs.apply(input());
      const weights = theirs.getWeights().map((weight, j) => gridTensor(weight.shape, 30 + j, 6));
      theirs.setWeights(weights);
      ours.setWeights([...weights, ...ours.getWeights().slice(weights.length)]);
      const [got, wanted] = [results(ours, sequences()), results(theirs, sequences())];
      expect(got).toHaveLength(wanted.length);
      for (const [j, tensor] of wanted.entries()) expect(largestDifference(got[j], tensor), `${j}`).toBeLessThan(1e-5);
    });
  });
});

it('a reset behind the recurrent kernel sees its bias', () => {
  tf.tidy(() => {
    const layer = qGRU({ units: 1, ...floats, praqConf: dummy, rhqConf: dummy });
    layer.apply(tf.input({ shape: [2, 1] }));
    // Update gate 0.5, reset gate 0.25, candidate x + 0.25 · (h + 1).
    const bias = tf.tensor([0.5, 0.25, 0, 0, 0, 1], [2, 3]);
    layer.setWeights([tf.tensor([[0, 0, 1]]), tf.tensor([[0, 0, 1]]), bias, ...layer.getWeights().slice(3)]);
    const y = layer.apply(tf.tensor([[[1], [2]]])) as tf.Tensor;
    const first = 0.5 * (1 + 0.25);
    expect(y.dataSync()[0]).toBeCloseTo(0.5 * first + 0.5 * (2 + 0.25 * (first + 1)), 6);
  });
});

describe('a recurrent layer', () => {
  const network = (options: Partial<Parameters<typeof qGRU>[0]>): tf.LayersModel => {
    const input = tf.input({ shape: [3, 2], name: 'x' });
    const layer = qGRU({ units: 2, name: 'gru', ...options });
    const outputs = [layer.apply(input)].flat() as tf.SymbolicTensor[];
    return tf.model({ inputs: input, outputs });
  };

  it('gives its state too, in the graph as well', () => {
    const model = network({ returnState: true, returnSequences: true });
    const x = gridTensor([6, 3, 2], 4, 3);
    traceMinMax(model, x);
    const [all, last] = model.predict(x) as tf.Tensor[];
    expect([all.shape, last.shape]).toEqual([
      [6, 3, 2],
      [6, 2],
    ]);
    expect(largestDifference(tf.reshape(tf.slice(all, [0, 2, 0], [6, 1, 2]), [6, 2]), last)).toBe(0);
    expect(lower(model, { inputType: 'ap_fixed<8,2>' }).outputs).toEqual(['gru.sequence', 'gru.t2_state']);
    const twice = network({ returnState: true });
    traceMinMax(twice, x);
    expect(lower(twice, { inputType: 'ap_fixed<8,2>' }).outputs).toEqual(['gru.t2_state', 'gru.last']);
  });

  it('trains with stock fit without leaks and becomes cheaper', async () => {
    const input = tf.input({ shape: [4, 2] });
    const hidden = qSimpleRNN({ units: 4, beta0: 1e-6 }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({
      inputs: input,
      outputs: qDense({ units: 1, beta0: 1e-6 }).apply(hidden) as tf.SymbolicTensor,
    });
    const x = gridTensor([64, 4, 2], 1, 3);
    const y = tf.tidy(() => tf.sum(x, [1, 2]).reshape([64, 1]));
    model.compile({ optimizer: tf.train.adam(0.03), loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    const [tensors, cost] = [tf.memory().numTensors, totalEbops(model)];
    const { history } = await model.fit(x, y, { epochs: 12, verbose: 0 });
    expect(tf.memory().numTensors).toBe(tensors);
    const loss = history['loss'] as number[];
    expect(loss.at(-1)).toBeLessThan(0.5 * loss[0]);
    expect(totalEbops(model)).toBeLessThan(cost);
  });

  it.each([
    [() => qGRU({ units: 0 }), /units = 0; expected a whole number ≥ 1/],
    [() => qGRU({ units: 2 }).apply(tf.input({ shape: [null, 2] })), /with a fixed number of steps/],
    [() => qGRU({ units: 2 }).apply(tf.input({ shape: [2] })), /expected \[batch, steps, features\]/],
    [
      () => qSimpleRNN({ units: 2 }).apply([tf.input({ shape: [3, 2] }), tf.input({ shape: [2] })]),
      /a start state is not supported/,
    ],
    [() => qSimpleRNN({ units: 2, stateful: true } as never), /'stateful' is not supported: every sequence starts/],
    [() => qSimpleRNN({ units: 2, unroll: true } as never), /'unroll' is not supported: sequences are always/],
  ])('refuses what it cannot do: %#', (make, said) => {
    expect(make).toThrow(said);
  });

  it.each([
    [{ activation: 'tanh' }, /activation 'tanh' works on sums of \d+ bits; .*paqConf is a hard tanh/],
    [{ recurrentActivation: 'sigmoid' }, /recurrentActivation 'sigmoid' .*praqConf is a hard sigmoid/],
    [{ recurrentActivation: 'softmax' }, /has no exact integer form/],
  ])('with %o does not lower, and says what would', (options, said) => {
    const model = network({
      ...options,
      iqConf: { f0: 12 },
      kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
    });
    traceMinMax(model, gridTensor([6, 3, 2], 4, 12));
    expect(() => lower(model, { inputType: 'ap_fixed<14,2>' })).toThrow(said);
  });

  it('with functions lowers with a precision', () => {
    const model = network({ activation: 'tanh', recurrentActivation: 'sigmoid' });
    const x = gridTensor([6, 3, 2], 4, 3);
    traceMinMax(model, x);
    const graph = lower(model, { inputType: 'ap_fixed<8,2>', precision: 'ap_fixed<12,3,RND,SAT>' });
    const { outputs } = interpret(graph, x.dataSync());
    const node = graph.nodes.find(({ name }) => name === graph.outputs[0]) as (typeof graph.nodes)[number];
    const values = decode(node, outputs[graph.outputs[0]]);
    const float = (model.predict(x) as tf.Tensor).dataSync();
    for (const [j, value] of float.entries()) expect(Math.abs(value - values[j])).toBeLessThan(0.05);
  });

  it('whose state is a function of a rounded sum needs a quantizer for it', () => {
    const input = tf.input({ shape: [3, 2], name: 'x' });
    const model = tf.model({
      inputs: input,
      outputs: qSimpleRNN({ units: 2, name: 'rnn', activation: 'tanh' }).apply(input) as tf.SymbolicTensor,
    });
    traceMinMax(model, gridTensor([6, 3, 2], 4, 3));
    expect(() => lower(model, { inputType: 'ap_fixed<8,2>' })).toThrow(/Layer 'rnn': its activation 'tanh'.*enableSq/);
  });
});
