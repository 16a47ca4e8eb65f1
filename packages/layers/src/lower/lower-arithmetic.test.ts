import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import { compareRandomModels } from '../../test/support/compare-random-models.ts';
import { sparseImages } from '../../test/support/default-network.ts';
import { mismatches } from '../../test/support/mismatches.ts';
import { randomArithmeticModel } from '../../test/support/random-arithmetic-model.ts';
import {
  averagePooling2DSparse,
  hardSigmoidConfig,
  inputReduce,
  lower,
  qAdd,
  qConv2DSparse,
  qDense,
  qEinsumDense,
  qMultiply,
  qRelu,
  qSoftmax,
  qSum,
  qUnaryFunctionLUT,
  quantizer,
  setBackend,
  sparseFlatten,
  traceMinMax,
} from '../index.ts';

type Symbolic = tf.SymbolicTensor;
const inputType = 'ap_fixed<8,3,RND,SAT>';

/** Operations of the lowered nodes of a layer. */
function opsOf(model: tf.LayersModel, layer: string): string[] {
  return lower(model, { inputType }).nodes.flatMap((node) => (node.layer === layer ? [node.op] : []));
}

function single(shape: number[], layer: tf.layers.Layer): tf.LayersModel {
  const input = tf.input({ shape, name: 'x' });
  return tf.model({ inputs: input, outputs: layer.apply(input) as Symbolic });
}

describe.each(['cpu', 'wasm'] as const)('lower arithmetic models on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('computes what inference computes, bit for bit, in random models with every kind of layer', () => {
    const seeds = Array.from({ length: 30 }, (_, j) => 1000 * (j + 1) + (backend === 'cpu' ? 0 : 500));
    const { compared, kinds } = compareRandomModels(seeds, randomArithmeticModel);
    expect(compared).toBeGreaterThan(25);
    expect(kinds.size).toBeGreaterThan(13);
  });
});

describe('lower', () => {
  beforeAll(() => setBackend('cpu'));

  it('keeps sums of features on the same active pixels a list', () => {
    const input = tf.input({ shape: [8, 8, 1], name: 'image' });
    const iqConf = { i0: 3, f0: 4, heterogeneousAxis: [-1] };
    const [x, mask] = inputReduce({ n: 9, threshold: 0.3, name: 'reduce' }).apply(input) as Symbolic[];
    const conv = (source: Symbolic, name: string): Symbolic =>
      qConv2DSparse({ filters: 2, kernelSize: 3, iqConf, name }).apply([source, mask]) as Symbolic;
    const first = conv(x, 'conv1');
    const sum = qAdd({ iqConfs: iqConf, name: 'sum' }).apply([first, conv(first, 'conv2')]) as Symbolic;
    const limited = qRelu({ maxValue: 1.5, name: 'relu' }).apply(sum) as Symbolic;
    const tableIq = { ...iqConf, overflowMode: 'SAT', i0: 1 } as const;
    const odd = qUnaryFunctionLUT({ activation: 'tanh', iqConf: tableIq, name: 'tanh' }).apply(limited) as Symbolic;
    const pool = averagePooling2DSparse({ poolSize: 2, name: 'pool' }).apply([odd, mask]) as Symbolic[];
    const flat = sparseFlatten({ name: 'flat' }).apply(pool) as Symbolic;
    const even = qUnaryFunctionLUT({ activation: 'exp', iqConf: tableIq, name: 'exp' }).apply(odd) as Symbolic;
    const output = qDense({ units: 3, name: 'dense' }).apply(flat) as Symbolic;
    const model = tf.model({ inputs: input, outputs: [output, even] });
    const images = sparseImages(16, 8, 5, 0.2);
    traceMinMax(model, images);
    const graph = lower(model, { calibration: images });
    expect(Object.values(mismatches(model, graph, images)).every((count) => count === 0)).toBe(true);
    const lists = graph.nodes.filter((node) => node.slots != null).map((node) => node.layer);
    expect([...new Set(lists)]).toEqual(['reduce', 'conv1', 'conv2', 'sum', 'relu', 'tanh', 'pool']);
    // exp(0) is not 0: empty pixels get a value, so the result is an image.
    expect(graph.nodes.filter((node) => node.layer === 'exp').map(({ op }) => op)).toEqual([
      'sparseFlatten',
      'reshape',
      'requantize',
      'lut',
    ]);
  });

  it('makes a matrix product of an einsum where it is one', () => {
    const model = (equation: string, outputShape: (number | null)[]): tf.LayersModel => {
      const made = single([3, 4], qEinsumDense({ equation, outputShape, biasAxes: 'd', name: 'e' }));
      traceMinMax(made, gridTensor([4, 3, 4], 1, 4));
      return made;
    };
    expect(opsOf(model('abc,cd->abd', [null, 2]), 'e')).toEqual(['requantize', 'dense', 'constant', 'add']);
    expect(opsOf(model('abc,bd->adc', [2, null]), 'e')).toEqual([
      'requantize',
      'transpose',
      'dense',
      'transpose',
      'constant',
      'add',
    ]);
    expect(opsOf(model('abc,bcd->abd', [null, 2]), 'e')).toEqual([
      'requantize',
      'constant',
      'einsum',
      'constant',
      'add',
    ]);
  });

  it('composes softmax of tables and exact steps', () => {
    const model = single([5], qSoftmax({ name: 'p', expIqConf: { f0: 3, heterogeneousAxis: [] } }));
    traceMinMax(model, gridTensor([8, 5], 3, 3));
    const steps = ['maxOver', 'sub', 'requantize', 'lut', 'sumOver', 'requantize', 'lut', 'mul'];
    expect(opsOf(model, 'p')).toEqual(steps);
    const table = lower(model, { inputType }).nodes.find((node) => node.name === 'p.exp');
    expect(table).toMatchObject({ op: 'lut', expression: 'exp(-1 x)' });
  });

  it('multiplies the exponentials by a mask', () => {
    const [scores, mask] = [tf.input({ shape: [4], name: 'x' }), tf.input({ shape: [4], name: 'm' })];
    const layer = qSoftmax({ name: 'p', expIqConf: { f0: 3 } });
    const model = tf.model({ inputs: [scores, mask], outputs: layer.apply([scores, mask]) as Symbolic });
    const data = [gridTensor([8, 4], 3, 3), tf.cast(tf.greater(gridTensor([8, 4], 4, 3), 0), 'float32')];
    traceMinMax(model, data);
    expect(opsOf(model, 'p').filter((op) => op === 'mul')).toHaveLength(2);
  });

  it('turns scalers into formats and affine maps into exact steps', () => {
    const config = { i0: 1, f0: 2, overflowMode: 'SAT', heterogeneousAxis: [] } as const;
    const scaled = single([3], quantizer({ name: 'q', config: { ...config, scaler: 4, affine: [0.75, -1.5] } }));
    const graph = lower(scaled, { inputType });
    expect(graph.nodes[1]).toMatchObject({ op: 'requantize', to: { i: [3], f: [0] } });
    expect(graph.nodes[2]).toMatchObject({
      op: 'scaleOffset',
      scale: { codes: [3], f: 2 },
      offset: { codes: [-3], f: 1 },
    });
    expect(mismatches(scaled, graph, tf.mul(gridTensor([9, 3], 2, 4), 4))).toEqual({ x: 0, q: 0 });
    const first = single([3], quantizer({ name: 'q', config: hardSigmoidConfig({ heterogeneousAxis: [] }) }));
    const open = lower(first);
    expect(open.nodes.map(({ op }) => op)).toEqual(['input', 'scaleOffset']);
    expect(mismatches(first, open, tf.mul(gridTensor([9, 3], 2, 9), 4))).toMatchObject({ q: 0 });
  });

  it('divides averages once, also behind a scaler', () => {
    const input = tf.input({ shape: [3, 3, 1], name: 'image' });
    const pair = inputReduce({ n: 9, threshold: 0.1, name: 'reduce' }).apply(input) as Symbolic[];
    const [pooled] = averagePooling2DSparse({ poolSize: 3, name: 'pool' }).apply(pair) as Symbolic[];
    // Steps of 1, and an average of 1/2 − 2^-23/9, which float32 would round to the tie.
    const config = { i0: 4, f0: -3, overflowMode: 'SAT', heterogeneousAxis: [], scaler: 0.125 } as const;
    const model = tf.model({ inputs: input, outputs: quantizer({ name: 'q', config }).apply(pooled) as Symbolic });
    const image = tf.tensor4d([4, 0.5 - 2 ** -23, 0, 0, 0, 0, 0, 0, 0], [1, 3, 3, 1]);
    expect(Array.from((model.predict(image) as tf.Tensor).dataSync())).toEqual([0]);
    expect(mismatches(model, lower(model, { calibration: image }), image)).toMatchObject({ q: 0 });
  });

  it('takes the merges, rearrangements and rectifiers of tfjs', () => {
    const input = tf.input({ shape: [4, 3, 2], name: 'x' });
    const config = { i0: 2, f0: 3, overflowMode: 'SAT', heterogeneousAxis: [-1] } as const;
    const [a, b] = ['a', 'b'].map((name) => quantizer({ name, config }).apply(input) as Symbolic);
    const leaky = tf.layers.leakyReLU({ alpha: 0.125, name: 'leaky' }).apply(a) as Symbolic;
    const pair = [leaky, b];
    const outputs = [
      tf.layers.add({ name: 'add' }).apply(pair),
      tf.layers.multiply({ name: 'multiply' }).apply(pair),
      tf.layers.maximum({ name: 'maximum' }).apply(pair),
      tf.layers.minimum({ name: 'minimum' }).apply(pair),
      tf.layers.average({ name: 'average' }).apply(pair),
      tf.layers.concatenate({ axis: -1, name: 'last' }).apply(pair),
      tf.layers.concatenate({ axis: 2, name: 'middle' }).apply(pair),
      tf.layers.permute({ dims: [3, 1, 2], name: 'permute' }).apply(leaky),
      tf.layers
        .zeroPadding2d({
          padding: [
            [1, 0],
            [2, 1],
          ],
          name: 'pad',
        })
        .apply(leaky),
      tf.layers.reLU({ maxValue: 0.75, name: 'relu' }).apply(leaky),
    ] as Symbolic[];
    const model = tf.model({ inputs: input, outputs });
    const counts = mismatches(model, lower(model, { inputType }), gridTensor([6, 4, 3, 2], 4, 5));
    expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual([]);
    expect(Object.keys(counts)).toHaveLength(14);
    expect(() => lower(single([2], tf.layers.leakyReLU({ name: 'l' })), { inputType })).toThrow(
      /Layer 'l': its input rectify\(x\).*no quantizer rounds.*precision/,
    );
  });

  it('joins the channels of lists on the same active pixels', () => {
    const input = tf.input({ shape: [6, 6, 2], name: 'x' });
    const [x, mask] = inputReduce({ n: 5, threshold: 0.2, name: 'reduce' }).apply(input) as Symbolic[];
    const iqConf = { i0: 3, f0: 4, heterogeneousAxis: [-1] };
    const conv = qConv2DSparse({ filters: 3, kernelSize: 3, iqConf, name: 'conv' }).apply([x, mask]) as Symbolic;
    const joined = tf.layers.concatenate({ name: 'join' }).apply([x, conv]) as Symbolic;
    const last = qConv2DSparse({ filters: 1, kernelSize: 1, iqConf, name: 'last' }).apply([joined, mask]) as Symbolic;
    const model = tf.model({ inputs: input, outputs: last });
    const images = gridTensor([6, 6, 6, 2], 4, 4);
    traceMinMax(model, images);
    const graph = lower(model, { inputType });
    expect(graph.nodes.find(({ layer }) => layer === 'join')?.slots).toBe(5);
    expect(mismatches(model, graph, images)).toEqual({ x: 0, reduce: 0, conv: 0, join: 0, last: 0 });
  });

  it('refuses what has no exact form, naming layer and remedy', () => {
    const wide = { i0: 12, f0: 12, overflowMode: 'SAT' } as const;
    const refused = (shape: number[], layer: tf.layers.Layer) => () => lower(single(shape, layer), { inputType });
    expect(refused([2], qUnaryFunctionLUT({ name: 'l', activation: 'exp', iqConf: wide }))).toThrow(
      /Layer 'l': its table would need 25 address bits.*fewer bits/,
    );
    expect(refused([2], qUnaryFunctionLUT({ name: 'l', activation: 'exp', enableIq: false, enableOq: false }))).toThrow(
      /Layer 'l': its input exp\(x\).*no quantizer rounds/,
    );
    const odd = { i0: 2, f0: 2, overflowMode: 'SAT' } as const;
    expect(refused([2], quantizer({ name: 'q', config: { ...odd, scaler: 3 } }))).toThrow(/Layer 'q'.*scaler 3.*Use 4/);
    expect(refused([2], quantizer({ name: 'q', config: { ...odd, affine: [0.1, 0] } }))).toThrow(
      /Layer 'q'.*no short binary form.*Use 0\.10009765625 for 0\.1/,
    );
    expect(refused([2], quantizer({ name: 'q', config: { qType: 'dummy' } }))).toThrow(/Layer 'q'.*dummy/);
    const sat = { name: 's', iqConf: odd } as const;
    const all = single([2, 2], qSum({ ...sat, axes: [1, 2] }));
    expect(mismatches(all, lower(all, { inputType }), gridTensor([6, 2, 2], 4, 5))).toEqual({ x: 0, s: 0 });
    expect(refused([2], qUnaryFunctionLUT({ name: 'l', activation: 'exp', iqConf: {} }))).toThrow(/traceMinMax/);
  });

  it('warns when float32 may round a product', () => {
    const input = tf.input({ shape: [2], name: 'x' });
    const config = { i0: 6, f0: 8, overflowMode: 'SAT' } as const;
    const [a, b] = ['a', 'b'].map((name) => quantizer({ name, config }).apply(input) as Symbolic);
    const product = qMultiply({ iqConfs: config, name: 'p' }).apply([a, b]) as Symbolic;
    const notes: string[] = [];
    lower(tf.model({ inputs: input, outputs: product }), {
      inputType: 'ap_fixed<16,7>',
      report: (n) => notes.push(n.message),
    });
    expect(notes.join()).toMatch(/need 29 bits/);
  });
});
