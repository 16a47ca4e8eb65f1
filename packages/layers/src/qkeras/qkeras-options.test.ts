import { interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { toProxyModel } from '../hgq1/index.ts';
import { buildKeras2 } from '../keras2/index.ts';
import type { Keras2File } from '../keras2/read-keras2.ts';
import { parseQuantizer, qkerasActivation, qkerasQuantize } from './index.ts';

beforeAll(() => setBackend('cpu'));

const context = { training: false, random: () => 0.5, internalSigmoid: 'hard' } as const;
const input = 'quantized_bits(10,3,alpha=1)';
const grid = Float32Array.from({ length: 1024 }, (_, j) => (j - 512) / 64);

/** What a model of one activation computes, and what its graph does. */
function both(activation: string): { readonly model: number[]; readonly graph: number[] } {
  const model = tf.sequential({
    layers: [qkerasActivation({ activation: input, inputShape: [1024] }), qkerasActivation({ activation })],
  });
  const graph = toProxyModel(model, { aggressive: false });
  const node = graph.nodes.at(-1);
  const codes = Array.from(interpret(graph, grid).outputs[graph.outputs[0]].codes, Number);
  const y = model.predict(tf.tensor2d(grid, [1, 1024])) as tf.Tensor;
  const f = node?.format.f[0] ?? 0;
  return { model: Array.from(y.dataSync(), (value) => value + 0), graph: codes.map((code) => code * 2 ** -f + 0) };
}

describe('activations with options that nobody recorded', () => {
  it.each([
    'quantized_bits(3,5,alpha=1)',
    'quantized_bits(3,-2,1,alpha=1)',
    'quantized_bits(2,3,0,keep_negative=False,alpha=1)',
    'quantized_bits(7,2,alpha=1,use_stochastic_rounding=True)',
    "quantized_bits(7,2,alpha=1,var_name='w',use_variables=True)",
    'quantized_bits(1,3,alpha=1)',
    'quantized_linear(5,2)',
    'quantized_linear(5,2,symmetric=0,keep_negative=0)',
    'quantized_linear(1,2)',
    'quantized_relu(3,5)',
    'quantized_relu(5,2,negative_slope=0.125)',
    'quantized_relu(5,2,negative_slope=2)',
    'quantized_relu(5,2,use_sigmoid=1,negative_slope=0.5)',
    'quantized_relu(5,2,relu_upper_bound=0.75,is_quantized_clip=False)',
    'quantized_po2(4,max_value=3)',
    'quantized_po2(3,max_value=0.5)',
    'quantized_po2(4,quadratic_approximation=True,max_value=4)',
    "quantized_relu_po2(4,max_value=0.5,log2_rounding='floor')",
    'quantized_relu_po2(4,negative_slope=0.5,quadratic_approximation=True)',
    'ternary(threshold=0.75)',
    'binary(use_01=True,alpha=1)',
    'quantized_tanh(5,symmetric=True)',
    'quantized_sigmoid(5,symmetric=True)',
    'quantized_ulaw(5,1)',
    'quantized_hswish(6,2,alpha=1)',
    'hard_tanh',
  ])('%s is computed by its graph', (activation) => {
    const { model, graph } = both(activation);
    expect(graph).toEqual(model);
    const own = qkerasQuantize(parseQuantizer(activation), { x: grid, shape: [1024] }, context).values;
    expect(model).toEqual(Array.from(own, (value) => Math.fround(value) + 0));
  });

  it.each([
    ['quantized_bits(4,1,alpha=0.5)', /alpha = 0.5/],
    ['quantized_bits(4,1)', /alpha = None/],
    ["quantized_linear(4,1,alpha='auto')", /alpha = auto/],
    ['ternary(alpha=2)', /alpha = 2/],
    ['bernoulli(alpha=1)', /draws its results/],
  ])('%s is refused', (activation, message) => {
    expect(() => both(activation)).toThrow(message);
  });

  it('are warned of what an aggressive conversion does', () => {
    const model = tf.sequential({
      layers: [
        qkerasActivation({ activation: input, inputShape: [2] }),
        qkerasActivation({ name: 's', activation: 'quantized_bits(4,1,1,alpha=1)' }),
      ],
    });
    const notes: string[] = [];
    toProxyModel(model, { aggressive: true, report: ({ layer, message }) => notes.push(`${layer}: ${message}`) });
    expect(notes.join('\n')).toMatch(/QKeras saturates/);
    expect(notes.join('\n')).toMatch(/s: .* is symmetric: it saturates/);
  });
});

describe('files of QKeras', () => {
  const tensor = (layer: string) => ({ layer, node: 0, tensor: 0 });
  /** One layer behind an input and its quantizer. */
  function load(className: string, config: object, shape: readonly number[], weights: object): tf.LayersModel {
    const file: Keras2File = {
      model: {
        name: 'm',
        layers: [
          { name: 'x', className: 'InputLayer', config: { name: 'x', batch_input_shape: [null, ...shape] }, calls: [] },
          { name: 'a', className: 'QActivation', config: { name: 'a', activation: input }, calls: [[tensor('x')]] },
          { name: 'l', className, config: { name: 'l', ...config }, calls: [[tensor('a')]] },
        ],
        inputs: [tensor('x')],
        outputs: [tensor('l')],
      },
      weights: new Map(
        Object.entries(weights).map(([name, dims]: [string, number[]]) => [
          `l//l/${name}`,
          {
            shape: dims,
            values: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, j) => ((j * 7) % 5) / 4 - 0.5),
          },
        ]),
      ),
      notes: [],
    };
    return buildKeras2(file);
  }
  const bits = (over: object = {}): object => ({
    class_name: 'quantized_bits',
    config: { bits: 6, integer: 1, alpha: 1, ...over },
  });
  const conv = {
    filters: 2,
    kernel_size: [2, 3],
    strides: [1, 1],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    groups: 1,
    use_bias: true,
    kernel_quantizer: bits(),
    bias_quantizer: bits(),
  };

  it.each([
    ['QConv2D', conv, [5, 6, 2], { kernel: [2, 3, 2, 2], bias: [2] }],
    ['QConv2D', { ...conv, padding: 'valid', strides: [2, 1] }, [5, 6, 2], { kernel: [2, 3, 2, 2], bias: [2] }],
    ['QConv2D', { ...conv, dilation_rate: [2, 1], activation: 'relu' }, [5, 6, 2], { kernel: [2, 3, 2, 2], bias: [2] }],
    ['QConv2D', { ...conv, groups: 2, use_bias: false }, [5, 6, 2], { kernel: [2, 3, 1, 2] }],
    [
      'QConv1D',
      { ...conv, kernel_size: [3], strides: [1], dilation_rate: [2], padding: 'causal' },
      [7, 2],
      { kernel: [3, 2, 2], bias: [2] },
    ],
    [
      'QDense',
      { units: 3, use_bias: true, kernel_quantizer: 'quantized_po2(4)', activation: 'quantized_relu(4,1)' },
      [2, 5],
      { kernel: [5, 3], bias: [3] },
    ],
    ['QDense', { units: 3, use_bias: false, kernel_quantizer: bits({ alpha: null }) }, [5], { kernel: [5, 3] }],
    [
      'QDepthwiseConv2D',
      { ...conv, kernel_quantizer: null, depth_multiplier: 2, depthwise_quantizer: bits() },
      [5, 6, 2],
      { depthwise_kernel: [2, 3, 2, 2], bias: [4] },
    ],
    ['GlobalAveragePooling2D', { data_format: 'channels_last', keepdims: false }, [4, 4, 2], {}],
    ['GlobalAveragePooling1D', { data_format: 'channels_last', keepdims: false }, [8, 2], {}],
    ['LeakyReLU', { alpha: 0.25 }, [4], {}],
    [
      'ZeroPadding2D',
      {
        padding: [
          [1, 0],
          [2, 1],
        ],
        data_format: 'channels_last',
      },
      [3, 2, 1],
      {},
    ],
    [
      'Cropping2D',
      {
        cropping: [
          [1, 0],
          [0, 1],
        ],
        data_format: 'channels_last',
      },
      [3, 3, 1],
      {},
    ],
    ['UpSampling2D', { size: [2, 3], interpolation: 'nearest', data_format: 'channels_last' }, [2, 2, 1], {}],
    ['RepeatVector', { n: 3 }, [4], {}],
  ])('%s %#: the graph computes what the model computes, whatever the input', (className, config, shape, weights) => {
    const model = load(className, config, shape, weights);
    const size = shape.reduce((a, b) => a * b, 1);
    const x = Float32Array.from({ length: 3 * size }, (_, j) => Math.sin(j) * 12);
    const graph = toProxyModel(model, { aggressive: false });
    const node = graph.nodes.find(({ name }) => name === graph.outputs[0]);
    const codes = Array.from(interpret(graph, x).outputs[graph.outputs[0]].codes, Number);
    const y = model.predict(tf.tensor(x, [3, ...shape])) as tf.Tensor;
    const values = codes.map((code) => code * 2 ** -(node?.format.f[0] ?? 0) + 0);
    expect(values).toEqual(Array.from(y.dataSync(), (value) => value + 0));
  });

  it.each([
    ['QConv2D', { ...conv, data_format: 'channels_first' }, /channels/],
    ['QConv2D', { ...conv, mask: [[1]] }, /mask/],
    ['QConv2D', { ...conv, padding: 'full' }, /padding/],
    [
      'QDense',
      { units: 3, kernel_quantizer: { class_name: 'quantized_bits', config: { bits: 6, mantissa: 3 } } },
      /mantissa/,
    ],
    ['QDense', { units: 3, activation: 'softmax' }, /softmax/],
    ['QLSTM', { units: 3 }, /QLSTM.*cannot be read/],
    ['QConv2DBatchnorm', conv, /not supported by the conversion/],
  ])('%s %#: what cannot be read is refused by name', (className, config, message) => {
    expect(() => load(className, config, [5, 6, 2], {})).toThrow(message);
  });
});
