import * as tf from '@tensorflow/tfjs';
import { expect, expectTypeOf, it } from 'vitest';
import type { Applied } from './applied.ts';
import { inputReduce } from './input-reduce.ts';
import { averagePooling2DSparse } from './pooling2d-sparse.ts';
import { qConv2DSparse } from './q-conv2d-sparse.ts';
import { qDense } from './q-dense.ts';
import { removeDilatedPixels } from './remove-dilated-pixels.ts';
import { sparseFlatten } from './sparse-flatten.ts';

it('connects layers without casts, symbolic and with values', () => {
  const image = tf.input({ shape: [8, 8, 1] });
  const reduce = inputReduce({ n: 4 });
  const [x, mask] = reduce.apply(image);
  const conv = qConv2DSparse({ filters: 2, kernelSize: 3 }).apply([x, mask]);
  const [pooled, rest] = averagePooling2DSparse({ poolSize: 2 }).apply([conv, mask]);
  const logits = qDense({ units: 3 }).apply(sparseFlatten().apply([removeDilatedPixels().apply([pooled, rest]), rest]));
  expectTypeOf(logits).toEqualTypeOf<tf.SymbolicTensor>();
  expect(tf.model({ inputs: image, outputs: logits }).outputs[0].shape).toEqual([null, 3]);

  const [values, kept] = reduce.apply(tf.ones([1, 8, 8, 1]));
  expectTypeOf(values).toEqualTypeOf<tf.Tensor>();
  expect([...kept.dataSync()].filter(Boolean)).toHaveLength(4);
});

it('takes what stock layers return', () => {
  const stock: Applied = tf.layers.flatten().apply(tf.input({ shape: [4, 4, 1] }));
  expectTypeOf(qDense({ units: 2 }).apply(stock)).toEqualTypeOf<Applied>();
});
