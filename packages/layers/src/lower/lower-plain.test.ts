import { interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import { mismatches } from '../../test/support/mismatches.ts';
import {
  clip,
  elementFunction,
  exponentialLinear,
  inputReduce,
  lower,
  meanOfInputs,
  qAveragePooling2D,
  qBatchNormalization,
  qConv2D,
  qConv2DSparse,
  qDense,
  quantizer,
  rectifier,
  reduceAxes,
  removeDilatedPixels,
  scaleShift,
  setBackend,
  take,
  traceMinMax,
  zeroPad,
} from '../index.ts';

type Symbolic = tf.SymbolicTensor;
const inputType = 'ap_fixed<8,3,RND,SAT>';
const float = { enableIq: false, enableEbops: false } as const;
const iqConf = { i0: 3, f0: 5, overflowMode: 'SAT', heterogeneousAxis: [] } as const;

/** quantizer → layer → quantizer, so that the layer's float values are rounded. */
function between(shape: number[], ...layers: tf.layers.Layer[]): tf.LayersModel {
  const input = tf.input({ shape, name: 'x' });
  const last = quantizer({ name: 'last', config: { i0: 4, f0: 6, overflowMode: 'SAT', heterogeneousAxis: [] } });
  const output = [...layers, last].reduce((x, layer) => layer.apply(x) as Symbolic, input);
  return tf.model({ inputs: input, outputs: output });
}

describe('lower plain layers', () => {
  beforeAll(() => setBackend('cpu'));

  it.each<[string, number[], () => tf.layers.Layer[]]>([
    ['slices', [4, 3], () => [take({ selections: [{ axis: 1, indices: [3, 1] }], dropAxes: [] })]],
    ['a dropped axis', [4, 3], () => [take({ selections: [{ axis: 2, indices: [1] }], dropAxes: [2] })]],
    [
      'zeros around',
      [3, 2],
      () => [
        zeroPad({
          pads: [
            [1, 2],
            [0, 1],
          ],
        }),
      ],
    ],
    ['repetitions', [3], () => [tf.layers.repeatVector({ n: 3 })]],
    [
      'a crop',
      [4, 4, 2],
      () => [
        tf.layers.cropping2D({
          cropping: [
            [1, 0],
            [0, 2],
          ],
        }),
      ],
    ],
    ['upsampling', [2, 2, 2], () => [tf.layers.upSampling2d({ size: [2, 3] })]],
    ['binary constants', [3], () => [scaleShift({ scale: 0.5, offset: 0.25 })]],
    ['other constants', [3], () => [scaleShift({ scale: 0.3, offset: { shape: [3], values: [0.1, 0.2, 0.3] } })]],
    ['a divisor', [3], () => [scaleShift({ divisor: 6 })]],
    ['a mean over axes', [3, 3], () => [reduceAxes({ mode: 'mean', axes: [1, -1], keepDims: true })]],
    ['a maximum over an axis', [3, 3], () => [reduceAxes({ mode: 'max', axes: [1] })]],
    ['one number', [3, 3], () => [reduceAxes({ mode: 'sum', axes: [1, 2] })]],
    ['a leaky rectifier', [5], () => [rectifier({ negativeSlope: 0.3, maxValue: 2 })]],
    ['a rectifier with threshold', [5], () => [rectifier({ negativeSlope: 0.25, threshold: 0.5 })]],
    ['bounds', [5], () => [clip({ min: -0.5, max: 1.25 })]],
    ['elu', [5], () => [exponentialLinear({ alpha: 0.7 })]],
    ['tanh', [5], () => [elementFunction({ activation: 'tanh' })]],
    ['functions of functions', [5], () => ['gelu', 'sigmoid'].map((activation) => elementFunction({ activation }))],
    [
      'a moved function',
      [4, 3],
      () => [
        elementFunction({ activation: 'tanh' }),
        tf.layers.flatten(),
        tf.layers.reshape({ targetShape: [3, 4] }),
        tf.layers.permute({ dims: [2, 1] }),
      ],
    ],
    ['prelu', [5], () => [tf.layers.prelu({ alphaInitializer: tf.initializers.randomNormal({ seed: 3 }) })]],
    [
      'a float normalisation',
      [3, 2],
      () => [
        qBatchNormalization({
          ...float,
          kqConf: { qType: 'dummy' },
          bqConf: { qType: 'dummy' },
          movingMeanInitializer: 'ones',
          epsilon: 0.3,
        }),
      ],
    ],
    [
      'an activation of a dense layer',
      [3],
      () => [
        qDense({
          ...float,
          units: 2,
          activation: 'tanh',
          kqConf: { i0: 0, b0: 3, overflowMode: 'SAT_SYM', heterogeneousAxis: [] },
          kernelInitializer: tf.initializers.randomNormal({ seed: 5 }),
          bqConf: { i0: 0, b0: 3, overflowMode: 'SAT_SYM' },
        }),
      ],
    ],
  ])('%s', (_, shape, layers) => {
    const model = between(shape, ...layers());
    const x = tf.mul(gridTensor([16, ...shape], 3, 5), 3);
    traceMinMax(model, x);
    const graph = lower(model, { inputType });
    expect(Object.entries(mismatches(model, graph, x)).filter(([, count]) => count > 0)).toEqual([]);
  });

  it('joins, compares and adds averages over different windows before they are rounded', () => {
    const input = tf.input({ shape: [6, 6, 1], name: 'x' });
    const mean = (poolSize: number, name: string): Symbolic =>
      qAveragePooling2D({ ...float, poolSize, strides: 6, padding: 'same', name }).apply(input) as Symbolic;
    const [three, five, raw] = [
      mean(3, 'three'),
      mean(5, 'five'),
      tf.layers
        .cropping2D({
          cropping: [
            [0, 5],
            [0, 5],
          ],
        })
        .apply(input) as Symbolic,
    ];
    const outputs = [
      tf.layers.concatenate({}).apply([three, five, raw]),
      tf.layers.maximum({}).apply([three, five]),
      tf.layers.add({}).apply([three, five]),
      meanOfInputs().apply([three, five, raw]),
    ].map((y, j) => quantizer({ name: `q${j}`, config: { ...iqConf, f0: 6 } }).apply(y as Symbolic) as Symbolic);
    const model = tf.model({ inputs: input, outputs });
    const x = gridTensor([32, 6, 6, 1], 3, 5);
    const graph = lower(model, { inputType });
    const { q0, q1, q2, q3 } = mismatches(model, graph, x);
    expect([q0, q1, q2, q3]).toEqual([0, 0, 0, 0]);
  });

  it('masks what a dense convolution spread', () => {
    const input = tf.input({ shape: [5, 5, 1], name: 'x' });
    const [x, mask] = inputReduce({ n: 6, threshold: 0.3, name: 'reduce' }).apply(input) as Symbolic[];
    const sparse = qConv2DSparse({ filters: 2, kernelSize: 3, iqConf, name: 'sparse' }).apply([x, mask]) as Symbolic;
    const conv = qConv2D({ filters: 2, kernelSize: 3, padding: 'same', iqConf, name: 'conv' }).apply(
      sparse,
    ) as Symbolic;
    const output = removeDilatedPixels({ name: 'masked' }).apply([conv, mask]) as Symbolic;
    const model = tf.model({ inputs: input, outputs: output });
    const images = gridTensor([16, 5, 5, 1], 7, 4);
    traceMinMax(model, images);
    expect(mismatches(model, lower(model, { inputType }), images)['masked']).toBe(0);
  });

  it('lowers shared layers once per use, and nested models', () => {
    const shared = qDense({ units: 3, iqConf, name: 'shared' });
    const inner = tf.sequential({
      name: 'inner',
      layers: [qDense({ units: 3, inputShape: [3], iqConf, name: 'a' }), qDense({ units: 2, iqConf, name: 'b' })],
    });
    const input = tf.input({ shape: [3], name: 'x' });
    const twice = shared.apply(shared.apply(input)) as Symbolic;
    const outputs = [inner.apply(twice), inner.apply(input)] as Symbolic[];
    const model = tf.model({ inputs: input, outputs });
    const x = gridTensor([16, 3], 3, 5);
    traceMinMax(model, x);
    const graph = lower(model, { inputType });
    expect(graph.outputs).toEqual(['b.dense', 'b_use2.dense']);
    const float = (model.apply(x, {}) as tf.Tensor[]).map((y) => [...y.dataSync()]);
    const { values } = interpret(graph, x.dataSync<'float32'>(), { taps: 'all' });
    for (const [j, output] of graph.outputs.entries()) {
      const node = graph.nodes.find(({ name }) => name === output)!;
      const codes = [...(values.get(output) as { readonly codes: ArrayLike<number> & Iterable<number> }).codes];
      const scale = node.format.f;
      expect(codes.map((code, k) => Number(code) * 2 ** -scale[k % scale.length])).toEqual(float[j]);
    }
  });

  it('derives the format of an input from the quantizers behind it', () => {
    const input = tf.input({ shape: [2, 3], name: 'x' });
    const flat = tf.layers.flatten().apply(input) as Symbolic;
    const outputs = [
      qDense({ units: 2, iqConf: { i0: 2, f0: 3, roundMode: 'RND', overflowMode: 'SAT' }, name: 'a' }).apply(flat),
      qDense({ units: 2, iqConf: { i0: 1, f0: 5, roundMode: 'TRN', overflowMode: 'SAT' }, name: 'b' }).apply(input),
    ] as Symbolic[];
    const model = tf.model({ inputs: input, outputs });
    traceMinMax(model, gridTensor([4, 2, 3], 3, 5));
    const notes: string[] = [];
    const graph = lower(model, { report: ({ message }) => notes.push(message) });
    expect(notes.join()).toMatch(/derived from the quantizers behind it \('a', 'b'\)/);
    // Far off the grid and out of range: the two roundings must agree with the one of training.
    const x = tf.randomNormal([200, 2, 3], 0, 3, 'float32', 5);
    const { a, b } = mismatches(model, graph, x);
    expect([a, b]).toEqual([0, 0]);
    const alone = tf.model({ inputs: input, outputs: outputs[0] });
    expect(mismatches(alone, lower(alone), x)['a']).toBe(0);
  });

  it('takes calibration data in the order of the inputs', () => {
    const inputs = ['second', 'first'].map((name) => tf.input({ shape: [2], name }));
    const model = tf.model({ inputs, outputs: tf.layers.add({ name: 'sum' }).apply(inputs) as Symbolic });
    const graph = lower(model, { calibration: [tf.tensor([3, 1]), [0.25, -0.5]] });
    const formats = graph.nodes
      .filter(({ op }) => op === 'input')
      .map(({ name, format: { k, i, f } }) => [name, k[0], i[0], f[0]]);
    expect(formats).toEqual([
      ['second', 0, 2, 0],
      ['first', 1, -1, 2],
    ]);
    expect(() => lower(model, { calibration: [tf.tensor([3, 1])] })).toThrow(/1 entries for 2 inputs/);
  });
});
