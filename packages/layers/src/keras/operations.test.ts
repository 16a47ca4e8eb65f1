import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { array, dots, operationFile, slice, x } from '../../test/support/keras-operations.ts';
import { setBackend } from '../index.ts';
import { importKeras } from './index.ts';

const all = slice(null, null);

/** What an operation makes of one sample 0, 1, 2, … of `shape`, and the shape of that. */
function run(shape: number[], ...operation: [string, readonly unknown[], Record<string, unknown>?]) {
  const model = importKeras(operationFile(shape, ...operation));
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tf.tidy(() => {
    const y = model.apply(tf.reshape(tf.range(0, size), [1, ...shape]), {}) as tf.Tensor;
    expect(model.outputs[0].shape).toEqual([null, ...y.shape.slice(1)]);
    return { shape: y.shape.slice(1), values: [...y.dataSync()] };
  });
}

describe('functional operations of Keras', () => {
  beforeAll(() => setBackend('cpu'));

  it.each<[string, number[], string, readonly unknown[], Record<string, unknown>, number[], number[]]>([
    ['x[:, 1:3]', [4], 'GetItem', [x, [all, slice(1, 3)]], {}, [2], [1, 2]],
    ['x[:, ::-1]', [4], 'GetItem', [x, [all, slice(null, null, -1)]], {}, [4], [3, 2, 1, 0]],
    ['x[:, -2:]', [4], 'GetItem', [x, [all, slice(-2, null)]], {}, [2], [2, 3]],
    ['x[:, 3:0:-2]', [4], 'GetItem', [x, [all, slice(3, 0, -2)]], {}, [2], [3, 1]],
    ['x[..., 1]', [2, 3], 'GetItem', [x, [dots, 1]], {}, [2], [1, 4]],
    ['x[:, -1]', [2, 3], 'GetItem', [x, [all, -1]], {}, [3], [3, 4, 5]],
    ['x[:, None, :2]', [4], 'GetItem', [x, [all, null, slice(null, 2)]], {}, [1, 2], [0, 1]],
    ['x[:, 0, ..., 1:]', [2, 3], 'GetItem', [x, [all, 0, dots, slice(1, null)]], {}, [2], [1, 2]],
    ['1 - x', [3], 'Subtract', [1, x], {}, [3], [1, 0, -1]],
    ['x - 1', [3], 'Subtract', [x, 1], {}, [3], [-1, 0, 1]],
    ['2 * x', [3], 'Multiply', [2, x], {}, [3], [0, 2, 4]],
    ['x * array', [3], 'Multiply', [x, array([1, 2, 3])], {}, [3], [0, 2, 6]],
    ['x / 4', [3], 'TrueDivide', [x, 4], {}, [3], [0, 0.25, 0.5]],
    ['x + x', [3], 'Add', [x, x], {}, [3], [0, 2, 4]],
    ['x ** 2', [3], 'Power', [x, 2], {}, [3], [0, 1, 4]],
    ['-x', [3], 'Negative', [x], {}, [3], [-0, -1, -2]],
    ['maximum(x, 1)', [3], 'Maximum', [x, 1], {}, [3], [1, 1, 2]],
    ['minimum(1, x)', [3], 'Minimum', [1, x], {}, [3], [0, 1, 1]],
    ['clip', [4], 'Clip', [x], { x_min: 1, x_max: 2 }, [4], [1, 1, 2, 2]],
    ['mean over -1', [2, 3], 'Mean', [x], { axis: -1, keepdims: false }, [2], [1, 4]],
    ['max over (1, 2)', [2, 3], 'Max', [x], { axis: [1, 2], keepdims: true }, [1, 1], [5]],
    ['sum', [2, 3], 'Sum', [x], { axis: 1 }, [3], [3, 5, 7]],
    ['reshape -1', [6], 'Reshape', [x], { newshape: [-1, 2, 3] }, [2, 3], [0, 1, 2, 3, 4, 5]],
    ['reshape inner -1', [6], 'Reshape', [x], { newshape: [null, 2, -1] }, [2, 3], [0, 1, 2, 3, 4, 5]],
    ['transpose', [2, 3], 'Transpose', [x], { axes: [0, 2, 1] }, [3, 2], [0, 3, 1, 4, 2, 5]],
    ['swapaxes', [2, 3], 'Swapaxes', [x], { axis1: 1, axis2: -1 }, [3, 2], [0, 3, 1, 4, 2, 5]],
    ['moveaxis', [2, 3], 'Moveaxis', [x], { source: -1, destination: 1 }, [3, 2], [0, 3, 1, 4, 2, 5]],
    ['expand_dims', [2], 'ExpandDims', [x], { axis: -1 }, [2, 1], [0, 1]],
    ['squeeze', [2, 1], 'Squeeze', [x], { axis: -1 }, [2], [0, 1]],
    ['stack', [2], 'Stack', [[x, x]], { axis: -1 }, [2, 2], [0, 0, 1, 1]],
    ['concatenate', [2], 'Concatenate', [[x, x]], { axis: -1 }, [4], [0, 1, 0, 1]],
    ['flip', [2, 2], 'Flip', [x], { axis: 2 }, [2, 2], [1, 0, 3, 2]],
    ['roll', [3], 'Roll', [x], { shift: 1, axis: 1 }, [3], [2, 0, 1]],
    ['repeat', [2], 'Repeat', [x], { repeats: 2, axis: 1 }, [4], [0, 0, 1, 1]],
    ['tile', [2], 'Tile', [x], { repeats: [1, 2] }, [4], [0, 1, 0, 1]],
    ['take', [3], 'Take', [x, array([2, 0])], { axis: -1 }, [2], [2, 0]],
    [
      'pad',
      [2],
      'Pad',
      [x],
      {
        pad_width: [
          [0, 0],
          [1, 0],
        ],
        mode: 'constant',
      },
      [3],
      [0, 0, 1],
    ],
    ['leaky_relu', [2], 'LeakyRelu', [x], { negative_slope: 0.5 }, [2], [0, 1]],
    ['matmul', [2, 2], 'Matmul', [x, x], {}, [2, 2], [2, 3, 6, 11]],
    ['absolute', [2], 'Absolute', [x], {}, [2], [0, 1]],
  ])('%s', (_, shape, className, args, config, resultShape, values) => {
    expect(run(shape, className, args, config)).toEqual({ shape: resultShape, values });
  });

  it.each<[string, number[], string, readonly unknown[], Record<string, unknown>, RegExp]>([
    ['the batch sliced', [4], 'GetItem', [x, [slice(0, 2), all]], {}, /Layer 'op'.*batch axis/],
    ['an empty slice', [4], 'GetItem', [x, [all, slice(3, 1)]], {}, /takes nothing from 4/],
    ['an index outside', [4], 'GetItem', [x, [all, 4]], {}, /index 4 of an axis of length 4/],
    ['a reduced batch', [4], 'Mean', [x], { axis: null }, /batch axis/],
    ['a moved batch', [4], 'Transpose', [x], {}, /batch axis/],
    ['a mixed batch', [4], 'Reshape', [x], { newshape: [-1, 2] }, /keep the batch axis/],
    ['a division by data', [4], 'TrueDivide', [1, x], {}, /does not divide by data.*QUnaryFunctionLUT/],
    ['an unknown operation', [4], 'Erfinv', [x], {}, /Erfinv cannot be imported.*Replace it/],
  ])('refuses %s', (_, shape, className, args, config, message) => {
    expect(() => run(shape, className, args, config)).toThrow(message);
  });
});
