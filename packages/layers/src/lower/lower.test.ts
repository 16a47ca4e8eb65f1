import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultNetwork, sparseImages, trainBriefly } from '../../test/support/default-network.ts';
import { mismatches } from '../../test/support/mismatches.ts';
import {
  inputReduce,
  LowerError,
  layerOutputs,
  lower,
  qConv2DSparse,
  qDense,
  quantizer,
  quantizerConfigScope,
  setBackend,
  traceMinMax,
} from '../index.ts';
import type { LowerNote } from './lowered.ts';

const none = { image: 0, reduce: 0, conv1: 0, pool1: 0, conv2: 0, pool2: 0, flatten: 0, dense1: 0, dense2: 0 };

describe.each(['cpu', 'wasm'] as const)('lower on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it.each([
    ['one format per position', { i0: 4, f0: 8 }],
    ['one format per channel', { i0: 4, f0: 8, heterogeneousAxis: [-1] }],
    ['saturating, unsigned', { i0: 1, f0: 4, k0: false, overflowMode: 'SAT' as const, roundMode: 'RND_CONV' as const }],
  ])('computes what inference computes, bit for bit, in every layer: %s', async (_, iqConf) => {
    const model = defaultNetwork({ iqConf });
    const images = sparseImages(32, 12, 7);
    await trainBriefly(model, images);
    traceMinMax(model, images, { batchSize: 10 });
    const graph = lower(model, { calibration: images });
    expect(mismatches(model, graph, images)).toEqual(none);
    const fresh = sparseImages(24, 12, 99, 0.15);
    expect(mismatches(model, graph, fresh)).toEqual(none);
    const logits = layerOutputs(model, fresh).get('dense2')!.values;
    expect(new Set(logits).size).toBeGreaterThan(20);
  });
});

describe('lower', () => {
  beforeAll(() => setBackend('cpu'));

  it('refuses an untraced WRAP quantizer, naming layer and remedy', async () => {
    const model = defaultNetwork();
    const images = sparseImages(16, 12, 3);
    expect(() => lower(model, { calibration: images })).toThrow(/Layer 'conv1'.*not traced.*traceMinMax/);
    traceMinMax(model, images);
    expect(() => lower(model, { calibration: images })).not.toThrow();
    await trainBriefly(model, images, 1);
    expect(() => lower(model, { calibration: images })).toThrow(/Layer 'conv1'/);
  });

  it('takes the input format from the option, from data, or refuses', () => {
    const model = defaultNetwork();
    const images = sparseImages(16, 12, 3);
    traceMinMax(model, images);
    const notes: LowerNote[] = [];
    const derived = lower(model, { calibration: images, report: (note) => notes.push(note) });
    expect(derived.nodes[0].format).toEqual({ shape: [1, 1, 1], k: [0], i: [1], f: [4] });
    expect(notes.map((note) => note.message).join()).toContain('ap_ufixed<5,1>');
    const declared = lower(model, { inputType: 'ap_ufixed<8,1,RND,SAT>' });
    expect(declared.nodes[0]).toMatchObject({ round: 'RND', overflow: 'SAT', format: { k: [0], i: [1], f: [7] } });
    expect(() => lower(model)).toThrow(/model input 'image'.*inputType/);
  });

  it('lets a quantizer behind the input define its format', () => {
    const input = tf.input({ shape: [4, 4, 1], name: 'image' });
    const config = { i0: 0, f0: 3, k0: false, overflowMode: 'SAT' as const, heterogeneousAxis: [] };
    const q = quantizer({ config, name: 'q' }).apply(input);
    const [x, mask] = inputReduce({ n: 3, threshold: 0.3, name: 'reduce' }).apply(q) as tf.SymbolicTensor[];
    const y = qConv2DSparse({ filters: 1, kernelSize: 3, name: 'conv' }).apply([x, mask]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: y });
    const images = tf.randomUniform([8, 4, 4, 1], -0.5, 1.5, 'float32', 5);
    traceMinMax(model, images);
    const graph = lower(model);
    expect(graph.nodes[0]).toMatchObject({ op: 'input', round: 'RND', overflow: 'SAT' });
    expect(mismatches(model, graph, images)).toEqual({ q: 0, reduce: 0, conv: 0 });
  });

  it('puts the threshold on the input grid', () => {
    const input = tf.input({ shape: [3, 3, 1], name: 'image' });
    const [x, mask] = inputReduce({ n: 9, threshold: 0.41, name: 'reduce' }).apply(input) as tf.SymbolicTensor[];
    const y = qConv2DSparse({ filters: 1, kernelSize: 1, name: 'conv' }).apply([x, mask]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: y });
    traceMinMax(model, tf.ones([1, 3, 3, 1]));
    const reduce = lower(model, { inputType: 'ap_ufixed<8,1>' }).nodes.find((node) => node.op === 'reduce');
    expect(reduce).toMatchObject({ threshold: 52, slots: 9 });
  });

  it('refuses what has no format or no exact form', () => {
    const images = sparseImages(4, 12, 1);
    const dummy = quantizerConfigScope({ defaultQType: 'dummy', place: 'weight' }, () => defaultNetwork());
    traceMinMax(dummy, images);
    expect(() => lower(dummy, { calibration: images })).toThrow(/Layer 'conv1'.*dummy/);

    const input = tf.input({ shape: [4] });
    const hidden = tf.layers
      .dense({ units: 2, name: 'plain' })
      .apply(qDense({ units: 3 }).apply(input)) as tf.SymbolicTensor;
    const stock = tf.model({ inputs: input, outputs: hidden });
    traceMinMax(stock, tf.ones([2, 4]));
    expect(() => lower(stock, { inputType: 'ap_fixed<8,4>' })).toThrow(
      /Layer 'plain': its weights are floats.*precision: 'ap_fixed<16,6>'/,
    );
  });

  it('refuses sparse layers without a sparse list, and lists of lists', () => {
    const input = tf.input({ shape: [4, 4, 1] });
    const reduced = inputReduce({ n: 8, name: 'reduce' }).apply(input) as tf.SymbolicTensor[];
    const shifted = { i0: 1, f0: 2, affine: [1, 0.5], heterogeneousAxis: [-1] } as const;
    const conv = qConv2DSparse({ filters: 1, kernelSize: 3, iqConf: shifted, name: 'conv' }).apply(reduced);
    const twice = inputReduce({ n: 4, name: 'again' }).apply(reduced[0]) as tf.SymbolicTensor[];
    for (const [output, message] of [
      [conv, /Layer 'conv': the affine map of its input quantizer 'conv\/iq' has an offset.*Use the offset 0/],
      [twice[0], /Layer 'again': its input is a sparse list already.*Keep one inputReduce/],
    ] as const) {
      const model = tf.model({ inputs: input, outputs: output as tf.SymbolicTensor });
      traceMinMax(model, tf.ones([2, 4, 4, 1]));
      const lowering = (): unknown => lower(model, { inputType: 'ap_ufixed<8,1>' });
      expect(lowering).toThrow(LowerError);
      expect(lowering).toThrow(message);
    }
  });

  it('drops a softmax that ends the model, makes tables of it, or refuses it', () => {
    const input = tf.input({ shape: [4] });
    const out = qDense({ units: 3, activation: 'softmax', name: 'last' }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: out });
    traceMinMax(model, tf.ones([2, 4]));
    const inputType = 'ap_fixed<8,4>';
    const notes: string[] = [];
    const graph = lower(model, { inputType, report: ({ message }) => notes.push(message) });
    expect(graph.outputs).toEqual(['last.dense']);
    expect(notes.join()).toMatch(/softmax dropped/);
    expect(lower(model, { inputType, softmax: 'table' }).outputs).toEqual(['last.softmax']);
    expect(() => lower(model, { inputType, softmax: 'refuse' })).toThrow(/Layer 'last': softmax/);
    const inside = tf.model({
      inputs: input,
      outputs: qDense({ units: 1, name: 'y' }).apply(out) as tf.SymbolicTensor,
    });
    traceMinMax(inside, tf.ones([2, 4]));
    expect(() => lower(inside, { inputType })).toThrow(/Layer 'last': softmax.*'table'/);
  });
});
