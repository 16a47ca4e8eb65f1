import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import { mismatches } from '../../test/support/mismatches.ts';
import { layerOutputs, lower, qAdd, qDense, setBackend, traceMinMax } from '../index.ts';

beforeAll(() => setBackend('cpu'));

it('names further uses of a shared layer as the graph does, and finds the same numbers there', () => {
  const input = tf.input({ shape: [4], name: 'x' });
  const dense = qDense({ units: 4, activation: 'relu', name: 'shared' });
  const apply = (layer: tf.layers.Layer, ...x: tf.SymbolicTensor[]): tf.SymbolicTensor =>
    layer.apply(x.length === 1 ? x[0] : x) as tf.SymbolicTensor;
  const once = apply(dense, input);
  const sum = apply(qAdd({ name: 'sum' }), apply(dense, once), once);
  const model = tf.model({ inputs: input, outputs: sum });
  const x = gridTensor([6, 4], 3, 4);
  traceMinMax(model, x);
  expect([...layerOutputs(model, x).keys()]).toEqual(['x', 'shared', 'shared_use2', 'sum']);
  const graph = lower(model, { calibration: x });
  expect(mismatches(model, graph, x)).toEqual({ x: 0, shared: 0, shared_use2: 0, sum: 0 });
});
