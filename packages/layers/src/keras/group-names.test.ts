import { expect, it } from 'vitest';
import { groupNames, snakeCase } from './group-names.ts';

it.each([
  ['QConv2D', 'q_conv2d'],
  ['QBatchNormalization', 'q_batch_normalization'],
  ['QMaxPooling2D', 'q_max_pooling2d'],
  ['QUnaryFunctionLUT', 'q_unary_function_lut'],
  ['QConv2DSparse', 'q_conv2d_sparse'],
  ['AveragePooling2DSparse', 'average_pooling2d_sparse'],
  ['InputLayer', 'input_layer'],
  ['QDense', 'q_dense'],
])('spells %s as %s', (className, expected) => {
  expect(snakeCase(className)).toBe(expected);
});

it('numbers repeated classes from their second occurrence', () => {
  expect(groupNames(['QDense', 'Flatten', 'QDense', 'QDense'])).toEqual([
    'q_dense',
    'flatten',
    'q_dense_1',
    'q_dense_2',
  ]);
});
