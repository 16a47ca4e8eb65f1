import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { inputReduce } from './input-reduce.ts';
import { averagePooling2DSparse } from './pooling2d-sparse.ts';
import { qConv2DSparse } from './q-conv2d-sparse.ts';
import { qDense } from './q-dense.ts';
import { removeDilatedPixels } from './remove-dilated-pixels.ts';
import { sparseFlatten } from './sparse-flatten.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

/** What the symbolic tensor of another copy of tfjs looks like to this one. */
const foreign = (shape: tf.Shape): tf.SymbolicTensor => {
  const { sourceLayer, id, dtype } = tf.input({ shape: shape.slice(1) });
  return { shape, sourceLayer, id, dtype, rank: shape.length } as unknown as tf.SymbolicTensor;
};

const image = [null, 4, 4, 1];
const mask = [null, 4, 4, 1];

it.each<[string, tf.layers.Layer, tf.Shape[]]>([
  ['qDense', qDense({ units: 2, name: 'layer' }), [[null, 3]]],
  ['inputReduce', inputReduce({ n: 2, name: 'layer' }), [image]],
  ['qConv2DSparse', qConv2DSparse({ filters: 1, kernelSize: 3, name: 'layer' }), [image, mask]],
  ['averagePooling2DSparse', averagePooling2DSparse({ poolSize: 2, name: 'layer' }), [image, mask]],
  ['removeDilatedPixels', removeDilatedPixels({ name: 'layer' }), [image, mask]],
  ['sparseFlatten', sparseFlatten({ name: 'layer' }), [image]],
])('%s names a second copy of tfjs', (_name, layer, shapes) => {
  const inputs = shapes.map(foreign);
  expect(() => layer.apply(inputs.length === 1 ? inputs[0] : inputs)).toThrow(
    /^Layer 'layer': its input was made by another copy of TensorFlow.js than the one \(4\.\d+\.\d+\)/,
  );
});

it('says what else is no tensor', () => {
  expect(() => qDense({ units: 2, name: 'head' }).call(3 as never, {})).toThrow(
    "Layer 'head': its input is of type number",
  );
});
