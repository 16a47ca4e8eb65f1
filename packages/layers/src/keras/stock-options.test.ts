import { beforeAll, describe, expect, it } from 'vitest';
import {
  type DescribedLayer,
  distance,
  element,
  fileOf,
  grid,
  inferred,
  interpreted,
  type Plain,
  tabulate,
  transposed,
} from '../../test/support/keras-file.ts';
import { activations, asLine, asRow, convolved, depthwise, placed, pooled } from '../../test/support/keras-oracles.ts';
import { setBackend } from '../backend/set-backend.ts';
import type { JsonObject } from './json-object.ts';

beforeAll(() => setBackend('cpu'));

const batch = 3;
const zeros = { class_name: 'Zeros', module: 'keras.initializers', config: {}, registered_name: null };
const glorot = { ...zeros, class_name: 'GlorotUniform', config: { seed: null } };

/** What Keras 3.15 writes for every layer with a kernel. */
const weights = {
  activation: 'linear',
  use_bias: true,
  kernel_initializer: glorot,
  bias_initializer: zeros,
  kernel_regularizer: null,
  bias_regularizer: null,
  activity_regularizer: null,
  kernel_constraint: null,
  bias_constraint: null,
};

interface Case {
  readonly layer: DescribedLayer;
  /** Without batch. */
  readonly inputs: readonly (readonly number[])[];
  readonly expected: (...x: readonly Plain[]) => Plain;
}

function check({ layer, inputs, expected }: Case): void {
  const x = inputs.map((shape, j) => grid([batch, ...shape], 7 + j));
  const file = fileOf(inputs, [layer]);
  const y = inferred(file, x);
  const wanted = expected(...x);
  const what = `${layer.className} ${JSON.stringify(layer.config)}`;
  expect({ shape: y.shape, near: distance(y, wanted) <= 1e-6 }, what).toEqual({ shape: wanted.shape, near: true });
  const firmware = interpreted(file, x);
  if (firmware != null) expect({ near: distance(firmware, wanted) <= 1e-6 }, `lowered ${what}`).toEqual({ near: true });
}

const stored = (...list: readonly Plain[]): NonNullable<DescribedLayer['arrays']> =>
  Object.fromEntries(list.map((plain, j) => [`vars/${j}`, plain]));

/** Several option sets: every pair of one entry of each list. */
function product(...lists: readonly (readonly JsonObject[])[]): JsonObject[] {
  return lists.reduce<JsonObject[]>(
    (all, list) => all.flatMap((done) => list.map((entry) => ({ ...done, ...entry }))),
    [{}],
  );
}

const either = (key: string, ...values: readonly unknown[]): JsonObject[] => values.map((value) => ({ [key]: value }));
const conv2 = (config: JsonObject) => ({
  strides: config['strides'] as number[],
  dilation: config['dilation_rate'] as number[],
  padding: config['padding'] as string,
});
const conv1 = (config: JsonObject) => {
  const { strides, dilation, padding } = conv2(config);
  return { strides: [1, ...strides], dilation: [1, ...dilation], padding };
};
const alongRow = (kernel: Plain): Plain => ({ shape: [1, ...kernel.shape], data: kernel.data });
const biasOf = (config: JsonObject, plain: Plain): Plain | null => (config['use_bias'] === false ? null : plain);
const present = (...list: readonly (Plain | null)[]): Plain[] => list.filter((plain) => plain != null);

describe('convolutions of Keras', () => {
  const geometry2 = [
    ...product(either('padding', 'valid', 'same'), either('strides', [1, 1], [2, 1], [3, 2]), [
      { dilation_rate: [1, 1] },
    ]),
    ...product(either('padding', 'valid', 'same'), [{ strides: [1, 1], dilation_rate: [2, 1] }]),
  ];
  const geometry1 = [
    ...product(either('padding', 'valid', 'same', 'causal'), either('strides', [1], [2]), [{ dilation_rate: [1] }]),
    ...product(either('padding', 'valid', 'same', 'causal'), [{ strides: [1], dilation_rate: [2] }]),
  ];

  it('Conv2D', () => {
    for (const config of product(
      geometry2,
      either('groups', 1, 2),
      either('use_bias', true, false),
      either('kernel_size', [3, 2]),
    )) {
      const kernel = grid([3, 2, 4 / (config['groups'] as number), 6], 1);
      const bias = biasOf(config, grid([6], 2));
      check({
        layer: {
          className: 'Conv2D',
          config: { ...weights, filters: 6, data_format: 'channels_last', ...config },
          arrays: stored(...present(kernel, bias)),
        },
        inputs: [[6, 5, 4]],
        expected: (x) => convolved(x, kernel, bias, { ...conv2(config), groups: config['groups'] as number }),
      });
    }
  });

  it('Conv1D', () => {
    for (const config of product(geometry1, either('groups', 1, 2), either('use_bias', true, false))) {
      const kernel = grid([3, 4 / (config['groups'] as number), 2], 1);
      const bias = biasOf(config, grid([2], 2));
      check({
        layer: {
          className: 'Conv1D',
          config: { ...weights, filters: 2, kernel_size: [3], data_format: 'channels_last', ...config },
          arrays: stored(...present(kernel, bias)),
        },
        inputs: [[9, 4]],
        expected: (x) =>
          asLine(convolved(asRow(x), alongRow(kernel), bias, { ...conv1(config), groups: config['groups'] as number })),
      });
    }
  });

  const depthwiseConfig = {
    ...{ activation: 'linear', depthwise_initializer: glorot, bias_initializer: zeros, depthwise_regularizer: null },
    ...{ bias_regularizer: null, activity_regularizer: null, depthwise_constraint: null, bias_constraint: null },
    data_format: 'channels_last',
  };

  it('DepthwiseConv2D with any multiplier', () => {
    const geometry = geometry2.filter(
      ({ strides }) => (strides as number[])[0] !== 3 && (strides as number[])[0] === (strides as number[])[1],
    );
    for (const config of product(geometry, either('depth_multiplier', 1, 3), either('use_bias', true, false))) {
      const kernel = grid([3, 2, 4, config['depth_multiplier'] as number], 1);
      const bias = biasOf(config, grid([4 * (config['depth_multiplier'] as number)], 2));
      check({
        layer: {
          className: 'DepthwiseConv2D',
          config: { ...depthwiseConfig, kernel_size: [3, 2], ...config },
          arrays: stored(...present(kernel, bias)),
        },
        inputs: [[6, 5, 4]],
        expected: (x) => depthwise(x, kernel, bias, conv2(config)),
      });
    }
  });

  it('DepthwiseConv1D with any multiplier', () => {
    for (const config of product(
      geometry1.filter(({ padding }) => padding !== 'causal'),
      either('depth_multiplier', 1, 2),
      either('use_bias', true, false),
    )) {
      const kernel = grid([3, 4, config['depth_multiplier'] as number], 1);
      const bias = biasOf(config, grid([4 * (config['depth_multiplier'] as number)], 2));
      check({
        layer: {
          className: 'DepthwiseConv1D',
          config: { ...depthwiseConfig, kernel_size: [3], ...config },
          arrays: stored(...present(kernel, bias)),
        },
        inputs: [[9, 4]],
        expected: (x) => asLine(depthwise(asRow(x), alongRow(kernel), bias, conv1(config))),
      });
    }
  });

  const separableConfig = {
    ...{ activation: 'linear', depthwise_initializer: glorot, pointwise_initializer: glorot, bias_initializer: zeros },
    ...{ depthwise_regularizer: null, pointwise_regularizer: null, bias_regularizer: null, activity_regularizer: null },
    ...{ depthwise_constraint: null, pointwise_constraint: null, bias_constraint: null, data_format: 'channels_last' },
  };
  const after = (y: Plain, f: (x: number) => number): Plain => ({ shape: y.shape, data: y.data.map(f) });

  it('SeparableConv2D', () => {
    const geometry = geometry2.filter(({ strides }) => (strides as number[])[0] === (strides as number[])[1]);
    for (const config of product(
      geometry,
      either('depth_multiplier', 1, 2),
      either('use_bias', true, false),
      either('activation', 'relu', 'silu'),
    )) {
      const multiplier = config['depth_multiplier'] as number;
      const [spread, mix] = [grid([3, 2, 4, multiplier], 1), grid([1, 1, 4 * multiplier, 3], 3)];
      const bias = biasOf(config, grid([3], 2));
      check({
        layer: {
          className: 'SeparableConv2D',
          config: { ...separableConfig, filters: 3, kernel_size: [3, 2], ...config },
          arrays: stored(...present(spread, mix, bias)),
        },
        inputs: [[6, 5, 4]],
        expected: (x) =>
          after(
            convolved(depthwise(x, spread, null, conv2(config)), mix, bias, {
              ...{ strides: [1, 1], dilation: [1, 1], padding: 'valid' },
            }),
            activations[config['activation'] as string],
          ),
      });
    }
  });

  it('SeparableConv1D', () => {
    for (const config of product(
      geometry1.filter(({ padding }) => padding !== 'causal'),
      either('depth_multiplier', 1, 2),
    )) {
      const multiplier = config['depth_multiplier'] as number;
      const [spread, mix, bias] = [grid([3, 4, multiplier], 1), grid([1, 4 * multiplier, 3], 3), grid([3], 2)];
      check({
        layer: {
          className: 'SeparableConv1D',
          config: { ...separableConfig, use_bias: true, filters: 3, kernel_size: [3], ...config },
          arrays: stored(spread, mix, bias),
        },
        inputs: [[9, 4]],
        expected: (x) =>
          asLine(
            convolved(depthwise(asRow(x), alongRow(spread), null, conv1(config)), alongRow(mix), bias, {
              ...{ strides: [1, 1], dilation: [1, 1], padding: 'valid' },
            }),
          ),
      });
    }
  });

  it('Conv2D, DepthwiseConv2D and Conv1D with channels first', () => {
    const kernel = grid([3, 2, 4, 6], 1);
    const bias = grid([6], 2);
    const config = { padding: 'same', strides: [2, 1], dilation_rate: [1, 1], data_format: 'channels_first' };
    check({
      layer: {
        className: 'Conv2D',
        config: { ...weights, filters: 6, groups: 1, kernel_size: [3, 2], ...config },
        arrays: stored(kernel, bias),
      },
      inputs: [[4, 6, 5]],
      expected: (x) => transposed(convolved(transposed(x, [0, 2, 3, 1]), kernel, bias, conv2(config)), [0, 3, 1, 2]),
    });
    const spread = grid([3, 2, 4, 2], 1);
    check({
      layer: {
        className: 'DepthwiseConv2D',
        config: {
          ...depthwiseConfig,
          ...config,
          strides: [1, 1],
          use_bias: false,
          depth_multiplier: 2,
          kernel_size: [3, 2],
        },
        arrays: stored(spread),
      },
      inputs: [[4, 6, 5]],
      expected: (x) =>
        transposed(
          depthwise(transposed(x, [0, 2, 3, 1]), spread, null, { ...conv2(config), strides: [1, 1] }),
          [0, 3, 1, 2],
        ),
    });
    const line = grid([3, 4, 6], 1);
    const one = { padding: 'valid', strides: [1], dilation_rate: [1], groups: 1, data_format: 'channels_first' };
    check({
      layer: {
        className: 'Conv1D',
        config: { ...weights, filters: 6, kernel_size: [3], ...one },
        arrays: stored(line, bias),
      },
      inputs: [[4, 7]],
      expected: (x) =>
        transposed(asLine(convolved(asRow(transposed(x, [0, 2, 1])), alongRow(line), bias, conv1(one))), [0, 2, 1]),
    });
  });
});

describe('dense layers of Keras', () => {
  it.each(Object.keys(activations))('Dense with %s', (activation) => {
    const [kernel, bias] = [grid([4, 3], 1), grid([3], 2)];
    for (const inner of [[], [5], [2, 3]]) {
      check({
        layer: {
          className: 'Dense',
          config: { ...weights, units: 3, activation, quantization_config: null },
          arrays: stored(kernel, bias),
        },
        inputs: [[...inner, 4]],
        expected: (x) =>
          tabulate([...x.shape.slice(0, -1), 3], (...index) => {
            const f = index.pop() as number;
            let sum = bias.data[f];
            for (let c = 0; c < 4; c++) sum += element(x, ...index, c) * element(kernel, c, f);
            return activations[activation](sum);
          }),
      });
    }
  });

  it.each([
    ['ab,bc->ac', [4], [4, 3], 'c', 3],
    ['abc,cd->abd', [2, 4], [4, 3], 'd', [null, 3]],
    ['abc,cde->abde', [2, 4], [4, 2, 3], 'de', [null, 2, 3]],
    ['abc,bcd->ad', [2, 4], [2, 4, 3], null, 3],
    ['...x,xy->...y', [2, 4], [4, 3], 'y', 3],
    ['abc,bd->adc', [2, 4], [2, 3], 'd', [3, 4]],
  ] as const)('EinsumDense %s', (equation, shape, kernelShape, biasAxes, outputShape) => {
    const kernel = grid(kernelShape, 1);
    const biased =
      biasAxes == null
        ? null
        : grid(biasAxes === 'de' ? [2, 3] : biasAxes === 'd' && equation.endsWith('adc') ? [3, 1] : [3], 2);
    check({
      layer: {
        className: 'EinsumDense',
        config: {
          ...{ equation, output_shape: outputShape, activation: 'linear', bias_axes: biasAxes },
          ...{ kernel_initializer: glorot, bias_initializer: zeros, kernel_regularizer: null, bias_regularizer: null },
          ...{ activity_regularizer: null, kernel_constraint: null, bias_constraint: null, quantization_config: null },
        },
        arrays: stored(...present(kernel, biased)),
      },
      inputs: [shape],
      expected: (x) => einsum(equation, x, kernel, biased),
    });
  });
});

/** Sums of products over all labels, by loops, and a bias that broadcasts from the right. */
function einsum(equation: string, x: Plain, kernel: Plain, bias: Plain | null): Plain {
  const dots = 'uvw'.slice(0, x.shape.length - 1);
  const [left, right] = equation.replaceAll('...', dots).split('->');
  const [from, weight] = left.split(',');
  const sizes = new Map<string, number>();
  for (const [j, label] of [...from].entries()) sizes.set(label, x.shape[j]);
  for (const [j, label] of [...weight].entries()) sizes.set(label, kernel.shape[j]);
  const summed = [...sizes.keys()].filter((label) => !right.includes(label));
  return tabulate(
    [...right].map((label) => sizes.get(label) as number),
    (...index) => {
      const at = new Map([...right].map((label, j) => [label, index[j]]));
      let total = 0;
      const loop = (depth: number): void => {
        if (depth === summed.length) {
          const of = (labels: string): number[] => [...labels].map((label) => at.get(label) as number);
          total += element(x, ...of(from)) * element(kernel, ...of(weight));
          return;
        }
        for (let n = 0; n < (sizes.get(summed[depth]) as number); n++) {
          at.set(summed[depth], n);
          loop(depth + 1);
        }
      };
      loop(0);
      if (bias == null) return total;
      const tail = index.slice(index.length - bias.shape.length);
      return total + element(bias, ...tail.map((n, j) => (bias.shape[j] === 1 ? 0 : n)));
    },
  );
}

describe('poolings of Keras', () => {
  for (const [kind, mode] of [
    ['MaxPooling', 'max'],
    ['AveragePooling', 'avg'],
  ] as const) {
    it(`${kind}2D and ${kind}1D`, () => {
      for (const config of product(
        either('padding', 'valid', 'same'),
        either('pool_size', [2, 2], [3, 2], [1, 4]),
        either('strides', [1, 1], [2, 2], [2, 3], null),
        either('data_format', 'channels_last', 'channels_first'),
      )) {
        const [pool, padding] = [config['pool_size'] as number[], config['padding'] as string];
        const strides = (config['strides'] ?? pool) as number[];
        const first = config['data_format'] === 'channels_first';
        check({
          layer: { className: `${kind}2D`, config },
          inputs: [first ? [2, 6, 7] : [6, 7, 2]],
          expected: (x) => {
            const windows = pool.map((taps, j) => ({ taps, stride: strides[j], padding }));
            const y = pooled(first ? transposed(x, [0, 2, 3, 1]) : x, mode, windows[0], windows[1]);
            return first ? transposed(y, [0, 3, 1, 2]) : y;
          },
        });
        check({
          layer: {
            className: `${kind}1D`,
            config: { ...config, pool_size: [pool[1]], strides: config['strides'] == null ? null : [strides[1]] },
          },
          inputs: [first ? [2, 7] : [7, 2]],
          expected: (x) => {
            const row = asRow(first ? transposed(x, [0, 2, 1]) : x);
            const y = asLine(
              pooled(row, mode, { taps: 1, stride: 1, padding }, { taps: pool[1], stride: strides[1], padding }),
            );
            return first ? transposed(y, [0, 2, 1]) : y;
          },
        });
      }
    });

    it(`Global${kind}2D and Global${kind}1D`, () => {
      for (const config of product(
        either('keepdims', false, true),
        either('data_format', 'channels_last', 'channels_first'),
      )) {
        const first = config['data_format'] === 'channels_first';
        const reduce = (x: Plain, rank: number): Plain => {
          const last = first ? transposed(x, [0, ...(rank === 2 ? [2, 3, 1] : [2, 1])]) : x;
          const [b, c] = [last.shape[0], last.shape[rank + 1]];
          const flat = { shape: [b, 1, last.data.length / b / c, c], data: last.data };
          const n = flat.shape[2];
          const y = pooled(
            flat,
            mode,
            { taps: 1, stride: 1, padding: 'valid' },
            { taps: n, stride: n, padding: 'valid' },
          );
          const ones = new Array<number>(rank).fill(1);
          return { ...y, shape: config['keepdims'] === true ? (first ? [b, c, ...ones] : [b, ...ones, c]) : [b, c] };
        };
        check({ layer: { className: `Global${kind}2D`, config }, inputs: [[4, 3, 5]], expected: (x) => reduce(x, 2) });
        check({ layer: { className: `Global${kind}1D`, config }, inputs: [[4, 5]], expected: (x) => reduce(x, 1) });
      }
    });
  }
});

describe('layers of Keras that normalise', () => {
  it.each([
    [-1, [4, 3]],
    [2, [4, 3]],
    [1, [4, 3]],
    [[3], [2, 4, 3]],
    [1, [3, 2, 4]],
    [-2, [2, 3, 4]],
  ] as const)('BatchNormalization over axis %j of %j', (axis, shape) => {
    const counted = [axis].flat()[0];
    const at = counted < 0 ? counted + shape.length + 1 : counted;
    const size = shape[at - 1];
    const [gamma, beta, mean] = [grid([size], 1), grid([size], 2), grid([size], 3)];
    const variance = { shape: [size], data: grid([size], 4).data.map((v) => v * v + 0.25) };
    for (const config of product(
      either('center', true, false),
      either('scale', true, false),
      either('epsilon', 1e-3, 0.1),
    )) {
      const own = present(
        config['scale'] === true ? gamma : null,
        config['center'] === true ? beta : null,
        mean,
        variance,
      );
      check({
        layer: {
          className: 'BatchNormalization',
          config: {
            ...{
              axis,
              momentum: 0.9,
              beta_initializer: zeros,
              gamma_initializer: zeros,
              moving_mean_initializer: zeros,
            },
            ...{ moving_variance_initializer: zeros, beta_regularizer: null, gamma_regularizer: null },
            ...{ beta_constraint: null, gamma_constraint: null, synchronized: false, renorm: false },
            ...{ renorm_clipping: null, renorm_momentum: 0.99, ...config },
          },
          arrays: stored(...own),
        },
        inputs: [shape],
        expected: (x) =>
          tabulate(x.shape, (...index) => {
            const c = index[at];
            const scaled =
              (element(x, ...index) - mean.data[c]) / Math.sqrt(variance.data[c] + (config['epsilon'] as number));
            return (
              scaled * (config['scale'] === true ? gamma.data[c] : 1) + (config['center'] === true ? beta.data[c] : 0)
            );
          }),
      });
    }
  });

  it('Normalization, adapted or given, and inverted', () => {
    const [mean, variance] = [grid([3], 1), { shape: [3], data: [0.25, 2, 2 ** -14] }];
    for (const invert of [false, true]) {
      const expected = (x: Plain): Plain =>
        tabulate(x.shape, (...index) => {
          const c = index[2];
          const deviation = Math.max(Math.sqrt(variance.data[c]), 1e-7);
          const value = element(x, ...index);
          return invert ? mean.data[c] + value * deviation : (value - mean.data[c]) / deviation;
        });
      const none = { class_name: '__numpy__', config: { value: null, dtype: 'object' } };
      check({
        layer: {
          className: 'Normalization',
          config: { axis: [-1], invert, mean: none, variance: none },
          arrays: stored(mean, variance, { shape: [], data: [8] }),
        },
        inputs: [[4, 3]],
        expected,
      });
      const given = (plain: Plain): JsonObject => ({
        class_name: '__numpy__',
        config: { value: plain.data, dtype: 'float32' },
      });
      check({
        layer: {
          className: 'Normalization',
          config: { axis: [-1], invert, mean: given(mean), variance: given(variance) },
        },
        inputs: [[4, 3]],
        expected,
      });
    }
  });

  it('Rescaling by numbers and lists', () => {
    check({
      layer: { className: 'Rescaling', config: { scale: 0.25, offset: -1 } },
      inputs: [[4, 3]],
      expected: (x) => ({ shape: x.shape, data: x.data.map((value) => value * 0.25 - 1) }),
    });
    check({
      layer: { className: 'Rescaling', config: { scale: [0.5, 2, 1], offset: [0, 1, -1] } },
      inputs: [[4, 3]],
      expected: (x) =>
        tabulate(x.shape, (...index) => element(x, ...index) * [0.5, 2, 1][index[2]] + [0, 1, -1][index[2]]),
    });
  });
});

describe('shapes in Keras', () => {
  it('ZeroPadding, Cropping and UpSampling in both data formats', () => {
    for (const format of ['channels_last', 'channels_first']) {
      const first = format === 'channels_first';
      const around =
        (y: (x: Plain) => Plain, rank: 1 | 2) =>
        (x: Plain): Plain => {
          const [to, back] =
            rank === 2
              ? [
                  [0, 2, 3, 1],
                  [0, 3, 1, 2],
                ]
              : [
                  [0, 2, 1],
                  [0, 2, 1],
                ];
          return first ? transposed(y(transposed(x, to)), back) : y(x);
        };
      const image = first ? [2, 5, 6] : [5, 6, 2];
      const line = first ? [2, 6] : [6, 2];
      const pads = [
        [
          3,
          [
            [3, 3],
            [3, 3],
          ],
        ],
        [
          [1, 2],
          [
            [1, 1],
            [2, 2],
          ],
        ],
        [
          [
            [1, 0],
            [0, 2],
          ],
          [
            [1, 0],
            [0, 2],
          ],
        ],
      ] as const;
      for (const [padding, [[t, b], [l, r]]] of pads) {
        check({
          layer: { className: 'ZeroPadding2D', config: { padding, data_format: format } },
          inputs: [image],
          expected: around(
            (x) =>
              tabulate([x.shape[0], x.shape[1] + t + b, x.shape[2] + l + r, x.shape[3]], (n, h, w, c) =>
                element(x, n, h - t, w - l, c),
              ),
            2,
          ),
        });
      }
      for (const [cropping, [[t, b], [l, r]]] of pads.slice(1)) {
        check({
          layer: { className: 'Cropping2D', config: { cropping, data_format: format } },
          inputs: [image],
          expected: around(
            (x) =>
              tabulate([x.shape[0], x.shape[1] - t - b, x.shape[2] - l - r, x.shape[3]], (n, h, w, c) =>
                element(x, n, h + t, w + l, c),
              ),
            2,
          ),
        });
      }
      check({
        layer: { className: 'ZeroPadding1D', config: { padding: [2, 1], data_format: format } },
        inputs: [line],
        expected: around(
          (x) => tabulate([x.shape[0], x.shape[1] + 3, x.shape[2]], (n, w, c) => element(x, n, w - 2, c)),
          1,
        ),
      });
      check({
        layer: { className: 'UpSampling2D', config: { size: [2, 3], data_format: format, interpolation: 'nearest' } },
        inputs: [image],
        expected: around(
          (x) =>
            tabulate([x.shape[0], 2 * x.shape[1], 3 * x.shape[2], x.shape[3]], (n, h, w, c) =>
              element(x, n, Math.floor(h / 2), Math.floor(w / 3), c),
            ),
          2,
        ),
      });
      check({
        layer: { className: 'Flatten', config: { data_format: format } },
        inputs: [image],
        expected: (x) => {
          const last = first ? transposed(x, [0, 2, 3, 1]) : x;
          return { shape: [batch, last.data.length / batch], data: last.data };
        },
      });
    }
    check({
      layer: { className: 'Cropping1D', config: { cropping: [2, 1] } },
      inputs: [[6, 2]],
      expected: (x) => tabulate([x.shape[0], 3, 2], (n, w, c) => element(x, n, w + 2, c)),
    });
    check({
      layer: { className: 'UpSampling1D', config: { size: 3 } },
      inputs: [[6, 2]],
      expected: (x) => tabulate([x.shape[0], 18, 2], (n, w, c) => element(x, n, Math.floor(w / 3), c)),
    });
  });

  it('Permute, Reshape, RepeatVector', () => {
    check({
      layer: { className: 'Permute', config: { dims: [3, 1, 2] } },
      inputs: [[2, 3, 4]],
      expected: (x) => transposed(x, [0, 3, 1, 2]),
    });
    check({
      layer: { className: 'Reshape', config: { target_shape: [-1, 6] } },
      inputs: [[2, 3, 4]],
      expected: (x) => ({ shape: [batch, 4, 6], data: x.data }),
    });
    check({
      layer: { className: 'RepeatVector', config: { n: 3 } },
      inputs: [[4]],
      expected: (x) => tabulate([batch, 3, 4], (n, _, c) => element(x, n, c)),
    });
  });
});

describe('merges of Keras', () => {
  const fold = {
    Add: (v: number[]) => v.reduce((a, b) => a + b),
    Subtract: ([a, b]: number[]) => a - b,
    Multiply: (v: number[]) => v.reduce((a, b) => a * b),
    Average: (v: number[]) => v.reduce((a, b) => a + b) / v.length,
    Maximum: (v: number[]) => Math.max(...v),
    Minimum: (v: number[]) => Math.min(...v),
  } as const;

  it.each(Object.entries(fold))('%s of equal and of broadcast shapes', (className, of) => {
    const shapes =
      className === 'Subtract'
        ? [
            [
              [4, 3],
              [4, 3],
            ],
            [
              [4, 3],
              [1, 3],
            ],
          ]
        : [
            [
              [4, 3],
              [4, 3],
            ],
            [
              [4, 3],
              [4, 3],
              [4, 3],
            ],
            [
              [4, 1],
              [1, 3],
            ],
            [
              [4, 3],
              [1, 3],
              [4, 1],
            ],
          ];
    for (const inputs of shapes) {
      const [h, w] = [0, 1].map((axis) => Math.max(...inputs.map((shape) => shape[axis])));
      check({
        layer: { className },
        inputs,
        expected: (...xs) =>
          tabulate([batch, h, w], (n, r, c) =>
            of(xs.map((x) => element(x, n, x.shape[1] === 1 ? 0 : r, x.shape[2] === 1 ? 0 : c))),
          ),
      });
    }
  });

  it('Concatenate along any axis', () => {
    for (const axis of [1, 2, -1, -2]) {
      const at = axis < 0 ? axis + 3 : axis;
      const second = at === 1 ? [2, 3] : [4, 2];
      check({
        layer: { className: 'Concatenate', config: { axis } },
        inputs: [[4, 3], second],
        expected: (a, b) =>
          tabulate([batch, at === 1 ? 6 : 4, at === 2 ? 5 : 3], (n, r, c) => {
            const [i, size] = at === 1 ? [r, 4] : [c, 3];
            return i < size ? element(a, n, r, c) : at === 1 ? element(b, n, r - 4, c) : element(b, n, r, c - 3);
          }),
      });
    }
  });

  it.each([
    [1, [4], [4], 'bi,bi->b'],
    [-1, [4], [4], 'bi,bi->b'],
    [1, [4, 3], [4, 2], 'bij,bik->bjk'],
    [2, [4, 3], [5, 3], 'bij,bkj->bik'],
    [[2, 1], [4, 3], [3, 2], 'bij,bjk->bik'],
  ] as const)('Dot along axes %j', (axes, one, two, equation) => {
    check({
      layer: { className: 'Dot', config: { axes, normalize: false } },
      inputs: [one, two],
      expected: (a, b) => {
        const y = einsum(equation, a, b, null);
        return y.shape.length === 1 ? { shape: [batch, 1], data: y.data } : y;
      },
    });
  });
});

describe('activations of Keras as layers', () => {
  const each =
    (f: (x: number) => number) =>
    (x: Plain): Plain => ({ shape: x.shape, data: x.data.map(f) });

  it.each(Object.entries(activations))('Activation %s', (activation, f) => {
    check({ layer: { className: 'Activation', config: { activation } }, inputs: [[4, 3]], expected: each(f) });
  });

  it('ReLU, LeakyReLU, ELU with their options', () => {
    for (const config of product(
      either('max_value', null, 1.5, 6),
      either('negative_slope', 0, 0.25, 0.1),
      either('threshold', 0, 0.5),
    )) {
      const [max, slope, threshold] = [
        config['max_value'] as number | null,
        config['negative_slope'] as number,
        config['threshold'] as number,
      ];
      check({
        layer: { className: 'ReLU', config },
        inputs: [[4, 3]],
        expected: each((x) =>
          x >= (max ?? Infinity) ? (max as number) : x >= threshold ? x : slope * (x - threshold),
        ),
      });
    }
    for (const slope of [0.3, 0.5, 0]) {
      check({
        layer: { className: 'LeakyReLU', config: { negative_slope: slope } },
        inputs: [[4, 3]],
        expected: each((x) => (x >= 0 ? x : slope * x)),
      });
    }
    for (const alpha of [1, 0.5]) {
      check({
        layer: { className: 'ELU', config: { alpha } },
        inputs: [[4, 3]],
        expected: each((x) => (x > 0 ? x : alpha * Math.expm1(x))),
      });
    }
  });

  it('PReLU with shared axes', () => {
    for (const [shared, shape] of [
      [null, [4, 3, 2]],
      [
        [1, 2],
        [1, 1, 2],
      ],
      [[1], [1, 3, 2]],
    ] as const) {
      const alpha = grid(shape, 1);
      check({
        layer: {
          className: 'PReLU',
          config: { alpha_initializer: zeros, alpha_regularizer: null, alpha_constraint: null, shared_axes: shared },
          arrays: stored(alpha),
        },
        inputs: [[4, 3, 2]],
        expected: (x) =>
          tabulate(x.shape, (n, a, b, c) => {
            const value = element(x, n, a, b, c);
            return value >= 0 ? value : value * element(alpha, shape[0] === 1 ? 0 : a, shape[1] === 1 ? 0 : b, c);
          }),
      });
    }
  });

  it('Softmax along any axis', () => {
    for (const axis of [-1, 1, 2]) {
      const at = axis < 0 ? 2 : axis;
      check({
        layer: { className: 'Softmax', config: { axis } },
        inputs: [[4, 3]],
        expected: (x) =>
          tabulate(x.shape, (...index) => {
            let sum = 0;
            for (let j = 0; j < x.shape[at]; j++)
              sum += Math.exp(element(x, ...index.map((i, k) => (k === at ? j : i))));
            return Math.exp(element(x, ...index)) / sum;
          }),
      });
    }
  });
});

describe('layers of Keras that train only', () => {
  it.each([
    ['Dropout', { rate: 0.3, seed: 3, noise_shape: null }],
    ['Dropout', { rate: 0.3, seed: null, noise_shape: [null, 1, 3] }],
    ['SpatialDropout1D', { rate: 0.3, seed: null, name: 'layer', dtype: 'float32' }],
    ['GaussianDropout', { rate: 0.3, seed: null }],
    ['GaussianNoise', { stddev: 0.3, seed: null }],
    ['AlphaDropout', { rate: 0.3, seed: null, noise_shape: null }],
    ['ActivityRegularization', { l1: 0.1, l2: 0.2 }],
    ['Identity', {}],
  ] as const)('%s %j is the identity', (className, config) => {
    check({ layer: { className, config }, inputs: [[4, 3]], expected: (x) => x });
  });

  it.each(['channels_last', 'channels_first'])('SpatialDropout2D with %s is the identity', (format) => {
    check({
      layer: { className: 'SpatialDropout2D', config: { rate: 0.5, seed: null, data_format: format } },
      inputs: [[4, 3, 2]],
      expected: (x) => x,
    });
  });
});

describe('TimeDistributed', () => {
  it('is the layer itself where that works on every step alike', () => {
    const [kernel, bias] = [grid([3, 2], 1), grid([2], 2)];
    check({
      layer: {
        className: 'TimeDistributed',
        config: {
          layer: {
            module: 'keras.layers',
            class_name: 'Dense',
            config: { name: 'inner', trainable: true, ...weights, units: 2, activation: 'relu' },
          },
        },
        arrays: { 'layer/vars/0': kernel, 'layer/vars/1': bias },
      },
      inputs: [[4, 3]],
      expected: (x) =>
        tabulate([batch, 4, 2], (n, t, f) => {
          let sum = bias.data[f];
          for (let c = 0; c < 3; c++) sum += element(x, n, t, c) * element(kernel, c, f);
          return Math.max(sum, 0);
        }),
    });
  });
});

it('counts windows as TensorFlow does', () => {
  expect(placed(7, { taps: 3, stride: 2, padding: 'same' })).toEqual({ count: 4, before: 1 });
  expect(placed(6, { taps: 2, stride: 1, padding: 'same' })).toEqual({ count: 6, before: 0 });
});
