import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientDeviation, gridTensor, randomTensor } from '../../test/support/compare.ts';
import {
  type QLayer,
  qAdd,
  qAveragePow2,
  qDot,
  qEinsum,
  qEinsumDense,
  qLeakyRelu,
  qMaximum,
  qMeanPow2,
  qMinimum,
  qMultiply,
  qRelu,
  qSoftmax,
  qSubtract,
  qSum,
  qUnaryFunctionLUT,
  setBackend,
} from '../index.ts';

const plain = { enableIq: false } as const;
const dummies = { kqConf: { qType: 'dummy' }, bqConf: { qType: 'dummy' } } as const;

/** What a layer makes of data in inference. */
function result(layer: tf.layers.Layer, ...inputs: tf.Tensor[]): { shape: number[]; values: number[] } {
  const y = layer.apply(inputs.length === 1 ? inputs[0] : inputs) as tf.Tensor;
  const symbolic = layer.computeOutputShape(inputs.length === 1 ? inputs[0].shape : inputs.map((x) => x.shape)) as (
    | number
    | null
  )[];
  expect(symbolic.slice(1)).toEqual(y.shape.slice(1));
  return { shape: y.shape, values: Array.from(y.dataSync()) };
}

describe.each(['cpu', 'wasm'] as const)('arithmetic layers on %s', (backend) => {
  beforeAll(() => setBackend(backend));
  const a = [1, -2, 3, 0.5];
  const b = [4, 1, -1, 0.5];
  const c = [0, 8, 1, 1];
  const square = (values: number[]): tf.Tensor => tf.tensor2d(values, [2, 2]);

  it.each([
    ['qAdd', qAdd(plain), [a, b, c], [5, 7, 3, 2]],
    ['qAveragePow2', qAveragePow2(plain), [a, b, c], [1.25, 1.75, 0.75, 0.5]],
    ['qSubtract', qSubtract(plain), [a, b], [-3, -3, 4, 0]],
    ['qMultiply', qMultiply(plain), [a, b, c], [0, -16, -3, 0.25]],
    ['qMaximum', qMaximum(plain), [a, b, c], [4, 8, 3, 1]],
    ['qMinimum', qMinimum(plain), [a, b, c], [0, -2, -1, 0.5]],
    ['qSum', qSum({ ...plain, scale: 0.5 }), [a], [-0.5, 1.75]],
    ['qMeanPow2', qMeanPow2({ ...plain, keepDims: true }), [a], [-0.5, 1.75]],
    ['qRelu', qRelu({ maxValue: 2.5, negativeSlope: 0.125 }), [a], [1, -0.25, 2.5, 0.5]],
    ['qLeakyRelu', qLeakyRelu(), [a], [1, -0.5, 3, 0.5]],
  ])('%s computes its operation', (_, layer, inputs, expected) => {
    expect(result(layer, ...inputs.map(square)).values).toEqual(expected);
  });

  it('broadcasts along axes of size 1, and counts every use', () => {
    const layer = qAdd({ iqConfs: { i0: 2, f0: 2, overflowMode: 'SAT_SYM' }, enableEbops: true });
    const row = tf.tensor3d([1, 2, 3], [1, 1, 3]);
    const column = tf.tensor3d([1, -1], [1, 2, 1]);
    expect(result(layer, row, column)).toEqual({ shape: [1, 2, 3], values: [2, 3, 3.75 + 1 - 0.75, 0, 1, 2] });
    expect(layer.ebops).toBe(Math.trunc(0.65 * 4 * 6));
  });

  it('has a format per input', () => {
    const layer = qSubtract({
      iqConfs: [
        { i0: 2, f0: 0, overflowMode: 'SAT' },
        { i0: 2, f0: 2, overflowMode: 'SAT' },
      ],
    });
    expect(result(layer, tf.tensor2d([[1.3]]), tf.tensor2d([[0.3]])).values).toEqual([0.75]);
    expect([...layer.quantizers.keys()]).toEqual(['iq', 'iq_1']);
  });

  it('contracts like a matrix product', () => {
    const [x, y] = [gridTensor([2, 3, 4], 1, 3), gridTensor([2, 4, 5], 2, 3)];
    const product = Array.from(tf.matMul(x as tf.Tensor3D, y as tf.Tensor3D).dataSync());
    expect(result(qEinsum({ ...plain, equation: 'bij,bjk->bik' }), x, y).values).toEqual(product);
    expect(result(qDot({ ...plain, axes: [2, 1] }), x, y)).toEqual({ shape: [2, 3, 5], values: product });
    const dense = qEinsumDense({ ...plain, ...dummies, equation: '...x, xy->...y', outputShape: 5 });
    dense.build([null, 3, 4]);
    const expected = Array.from(tf.matMul(tf.reshape(x, [6, 4]), dense.kernel.read() as tf.Tensor2D).dataSync());
    expect(result(dense, x).values).toEqual(expected);
  });

  it('sums out letters of one operand, transposes, and keeps shared ones', () => {
    const [x, y] = [gridTensor([1, 2, 3, 2], 3, 2), gridTensor([1, 3, 4], 4, 2)];
    const z = gridTensor([1, 4], 5, 2);
    const { shape, values } = result(qEinsum({ ...plain, equation: 'bijp,bjk,bk->bkj' }), x, y, z);
    expect(shape).toEqual([1, 4, 3]);
    const [xs, ys, zs] = [x.arraySync() as number[][][][], y.arraySync() as number[][][], z.arraySync() as number[][]];
    const expected = [0, 1, 2, 3].flatMap((k) =>
      [0, 1, 2].map(
        (j) => [0, 1].reduce((sum, i) => sum + xs[0][i][j][0] + xs[0][i][j][1], 0) * ys[0][j][k] * zs[0][k],
      ),
    );
    expect(values).toEqual(expected.map((value) => value + 0));
  });

  it('makes a dot product of vectors a column', () => {
    expect(result(qDot(plain), square(a), square(b))).toEqual({ shape: [2, 1], values: [2, -2.75] });
  });

  it('looks functions up to the last bit', () => {
    const lut = qUnaryFunctionLUT({
      activation: 'sigmoid',
      iqConf: { i0: 2, f0: 3, overflowMode: 'SAT' },
      oqConf: { b0: 6, i0: 0, overflowMode: 'SAT', k0: false },
    });
    const x = tf.tensor2d([[-9, -1.06, 0, 0.2, 1.5]]);
    const grid = [-4, -1, 0, 0.25, 1.5];
    const expected = grid.map((v) => Math.floor(64 / (1 + Math.exp(-v)) + 0.5) / 64);
    expect(result(lut, x).values).toEqual(expected);
  });

  it('has the exact gelu', () => {
    const lut = qUnaryFunctionLUT({ activation: 'gelu', enableIq: false, enableOq: false });
    const x = [-6, -3.6, -3.5, -1, -0.25, 0, 0.5, 2, 3.5, 3.6, 9];
    // x · Φ(x) from tables of the normal distribution with 15 digits.
    const phi: Record<number, number> = {
      [-1]: 0.158655253931457,
      0.5: 0.691462461274013,
      2: 0.977249868051821,
      3.5: 0.999767370920964,
    };
    const y = result(lut, tf.tensor2d([x])).values;
    for (const [value, probability] of Object.entries(phi)) {
      const j = x.indexOf(Number(value));
      expect(y[j]).toBe(Math.fround(x[j] * probability));
    }
    expect(y[0]).toBe(Math.fround(-6 * 9.865876450376981e-10));
    // Both ways to compute it meet without a step.
    expect(y[1] / -3.6 / (1 - y[9] / 3.6)).toBeCloseTo(1, 3);
  });

  it.each([true, false])('softmax (stable: %s) comes close to the real one, and respects a mask', (stable) => {
    const fine = { b0: 14, i0: 3, overflowMode: 'SAT' } as const;
    const lane = { i0: 6, f0: 10, overflowMode: 'SAT' } as const;
    const layer = qSoftmax({ stable, expIqConf: lane, expOqConf: fine, invIqConf: lane, invOqConf: fine });
    const x = randomTensor([3, 5], 3);
    const real = Array.from(tf.softmax(x).dataSync());
    for (const [j, value] of result(layer, x).values.entries()) expect(Math.abs(value - real[j])).toBeLessThan(2e-3);
    const mask = tf.tensor2d([1, 1, 0, 1, 0], [1, 5]);
    const masked = result(
      qSoftmax({ stable, expIqConf: lane, expOqConf: fine, invIqConf: lane, invOqConf: fine }),
      x,
      tf.tile(mask, [3, 1]),
    ).values;
    expect(masked.filter((_, j) => [2, 4].includes(j % 5))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(masked.slice(0, 5).reduce((sum, value) => sum + value)).toBeCloseTo(1, 2);
  });

  it('has the gradients of its formulas', () => {
    const off = { qType: 'dummy' } as const;
    const cases: [tf.layers.Layer, tf.Tensor[]][] = [
      [qAdd(plain), [gridTensor([2, 3], 1, 4), gridTensor([1, 3], 2, 4)]],
      [qMultiply(plain), [gridTensor([2, 3], 1, 4), gridTensor([2, 3], 2, 4), gridTensor([2, 3], 3, 4)]],
      [qMaximum(plain), [tf.tensor2d([[1, 2]]), tf.tensor2d([[2, 1]])]],
      [qMinimum(plain), [tf.tensor2d([[1, 2]]), tf.tensor2d([[2, 1]])]],
      [qSum({ ...plain, axes: [1, 3], scale: 2 }), [gridTensor([2, 2, 3, 2], 5, 4)]],
      [qEinsum({ ...plain, equation: 'bij,bjk->bki' }), [gridTensor([2, 2, 3], 1, 4), gridTensor([2, 3, 2], 2, 4)]],
      [qDot(plain), [gridTensor([2, 3], 1, 4), gridTensor([2, 3], 2, 4)]],
      [qRelu({ negativeSlope: 0.25, maxValue: 1 }), [tf.tensor2d([[-1, 0.5, 3]])]],
      ...[
        'sigmoid',
        'tanh',
        'exp',
        'softplus',
        'softsign',
        'elu',
        'selu',
        'swish',
        'mish',
        'gelu',
        'geluTanh',
        'hardSilu',
        'hardTanh',
        'leakyRelu',
        'logSigmoid',
        'squareplus',
        'tanhShrink',
        'square',
        'sin',
        'cos',
      ].map((activation): [tf.layers.Layer, tf.Tensor[]] => [
        qUnaryFunctionLUT({ activation, enableIq: false, enableOq: false }),
        [tf.tensor2d([[-2.3, -0.4, 0.3, 1.7]])],
      ]),
      [
        qSoftmax({ expIqConf: off, expOqConf: off, invIqConf: off, invOqConf: off, inputScaler: 1.5 }),
        [randomTensor([2, 4], 8)],
      ],
      [
        qSoftmax({ stable: false, expOqConf: off, invIqConf: off, invOqConf: off, axis: 1 }),
        [randomTensor([1, 3, 2], 8)],
      ],
    ];
    for (const [layer, inputs] of cases) {
      const weights = randomTensor((layer.apply(inputs.length === 1 ? inputs[0] : inputs) as tf.Tensor).shape, 77);
      const loss = (...args: tf.Tensor[]): tf.Scalar =>
        tf.sum(tf.mul(layer.apply(args.length === 1 ? args[0] : args, { training: true }) as tf.Tensor, weights));
      expect(gradientDeviation(loss, inputs), layer.name).toBeLessThan(4e-3);
    }
  });
});

describe('what the layers refuse', () => {
  const x = (shape: number[]): tf.SymbolicTensor => tf.input({ shape });
  const on =
    (layer: QLayer, ...inputs: tf.SymbolicTensor[]) =>
    () =>
      layer.apply(inputs.length === 1 ? inputs[0] : inputs);

  it('says which layer, what and why', () => {
    expect(on(qAdd({ name: 'sum' }), x([3]))).toThrow(/Layer 'sum'.*two or more inputs/);
    expect(on(qAdd({ name: 'sum' }), x([3]), x([4]))).toThrow(/Layer 'sum': inputs \[3\], \[4\] cannot be combined/);
    expect(on(qAdd({ name: 'sum', iqConfs: [{}, {}, {}] }), x([3]), x([3]))).toThrow(/3 iqConfs for 2 inputs/);
    expect(on(qSubtract({ name: 'diff' }), x([3]), x([3]), x([3]))).toThrow(/Layer 'diff'.*has two/);
    expect(on(qDot({ name: 'dot', axes: 0 }), x([3]), x([3]))).toThrow(/Layer 'dot': axis 0/);
    expect(on(qDot({ name: 'dot' }), x([3]), x([4]))).toThrow(/Layer 'dot'.*3 and 4 long/);
    expect(on(qEinsum({ name: 'e', equation: 'bi,bj' }), x([3]), x([4]))).toThrow(/Layer 'e'.*cannot be read/);
    expect(on(qEinsum({ name: 'e', equation: 'bi,bj->ij' }), x([3]), x([4]))).toThrow(/start with the batch/);
    expect(on(qEinsum({ name: 'e', equation: 'bii,bj->bij' }), x([3, 3]), x([4]))).toThrow(/letter twice in 'bii'/);
    expect(on(qEinsumDense({ name: 'd', equation: 'ab,bc->ac', outputShape: [null] }), x([3]))).toThrow(
      /Layer 'd'.*needs a size for 'c'/,
    );
    expect(on(qEinsumDense({ name: 'd', equation: 'ab,bc->ac', outputShape: 4, biasAxes: 'b' }), x([3]))).toThrow(
      /Layer 'd'.*no output axis 'b'/,
    );
    expect(() => qSum({ name: 's', scale: 3 })).toThrow(/Layer 's': scale = 3; expected a power of two/);
    expect(on(qSum({ name: 's', axes: 0 }), x([3]))).toThrow(/Layer 's': axes = 0/);
    expect(() => qUnaryFunctionLUT({ name: 'l', activation: 'wiggle' })).toThrow(
      /Layer 'l': unknown function 'wiggle'/,
    );
    expect(() => qUnaryFunctionLUT({ name: 'l', activation: 'softmax' })).toThrow(/Use qSoftmax/);
    expect(() => qUnaryFunctionLUT({ name: 'l', activation: 'exp', enableOq: false, enableEbops: true })).toThrow(
      /Layer 'l': enableEbops needs the output quantizer/,
    );
    expect(() => qRelu({ name: 'r', negativeSlope: 0.3 })).toThrow(/Layer 'r': negativeSlope = 0.3.*Use 0.30078125/);
    expect(() => qSoftmax({ name: 'p', inputScaler: 0 })).toThrow(/Layer 'p': inputScaler = 0/);
  });
});
