import { setBackend } from '@sp/layers';
import { hTraceMinMax, toProxyModel } from '@sp/layers/hgq1';
import { decode, type FixedGraph, type GraphNode, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { randomLegacyModel } from '../test/support/random-legacy.ts';

/** How many models; issue M asks for 200. */
const count = Number(process.env['SP_LEGACY_MODELS'] ?? 24);

beforeAll(() => setBackend('cpu'));

const outputOf = (graph: FixedGraph, x: Float32Array): number[] => {
  const node = graph.nodes.find(({ name }) => name === graph.outputs[0]) as GraphNode;
  return Array.from(decode(node, interpret(graph, x).outputs[node.name]), (value) => value + 0);
};

it.each(Array.from({ length: count }, (_, k) => k + 1))('random model %i computes what its proxy computes', (seed) => {
  const { model, x, shape, vocabulary } = randomLegacyModel(seed);
  const predict = (values: Float32Array): number[] =>
    tf.tidy(() =>
      Array.from((model.apply(tf.tensor(values, [...shape]), {}) as tf.Tensor).dataSync(), (value) => value + 0),
    ) as unknown as number[];
  if (vocabulary === 'hgq1') {
    hTraceMinMax(model, tf.tensor(x, [...shape]));
    // No value of the traced data overflows: wrapping, saturating and not doing either are the same.
    for (const aggressive of [true, false])
      expect(outputOf(toProxyModel(model, { aggressive }), x)).toEqual(predict(x));
    return;
  }
  const graph = toProxyModel(model, { aggressive: false });
  // QKeras saturates, and so does its proxy: equal whatever the input is.
  for (const factor of [1, 4]) {
    const scaled = x.map((value) => value * factor);
    expect(outputOf(graph, scaled)).toEqual(predict(scaled));
  }
});
