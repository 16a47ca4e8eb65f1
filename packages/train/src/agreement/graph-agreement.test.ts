import { inputReduce, lower, qConv2DSparse, qDense, setBackend, sparseFlatten, traceMinMax } from '@sp/layers';
import type { FixedGraph } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { randomSource } from '../data/random.ts';
import { graphAgreement } from './graph-agreement.ts';

const random = randomSource(3);
const data: Dataset = {
  images: Float32Array.from({ length: 25 * 36 }, () => (random.below(3) === 0 ? random.below(16) / 16 : 0)),
  labels: Int32Array.from({ length: 25 }, (_, j) => j % 3),
  shape: [6, 6, 1],
  classes: 3,
};

function network(): tf.LayersModel {
  const image = tf.input({ shape: [6, 6, 1], name: 'agreementImage' });
  const iqConf = { i0: 1, f0: 6 };
  const [x, mask] = inputReduce({ n: 8, threshold: 0, name: 'agreementReduce' }).apply(image) as tf.SymbolicTensor[];
  const conv = qConv2DSparse({ filters: 2, kernelSize: 3, activation: 'relu', iqConf, name: 'agreementConv' });
  const flat = sparseFlatten({ name: 'agreementFlat' }).apply([conv.apply([x, mask]) as tf.SymbolicTensor, mask]);
  const logits = qDense({ units: 3, iqConf, name: 'agreementDense' }).apply(flat as tf.SymbolicTensor);
  const model = tf.model({ inputs: image, outputs: logits as tf.SymbolicTensor, name: 'agreement' });
  traceMinMax(model, tf.tensor4d(data.images, [25, 6, 6, 1]));
  return model;
}

describe('graphAgreement', () => {
  let model: tf.LayersModel;
  let graph: FixedGraph;

  beforeAll(async () => {
    await setBackend('cpu');
    model = network();
    graph = lower(model, { inputType: 'ap_ufixed<5,1>' });
  });

  it('finds no difference between a model and its graph, and leaves no tensors', () => {
    const told: number[] = [];
    const before = tf.memory().numTensors;
    const found = graphAgreement(model, graph, data, { batchSize: 10, onProgress: (done) => told.push(done) });
    expect(tf.memory().numTensors).toBe(before);
    expect(found).toMatchObject({ images: 25, mismatches: 0 });
    expect(found.layers.find(({ layer }) => layer === 'agreementDense')?.values).toBe(75);
    expect(found.modelAccuracy).toBe(found.fixedAccuracy);
    expect(told).toEqual([10, 20, 25]);
  });

  it('counts what differs, in the layer where it does', () => {
    const dense = model.getLayer('agreementDense');
    const kernel = dense.weights.find(({ name }) => name.endsWith('/kernel'));
    if (kernel === undefined) throw new Error(`no kernel among ${dense.weights.map(({ name }) => name).join(', ')}`);
    const kept = kernel.read().clone();
    kernel.write(tf.neg(kept));
    const found = graphAgreement(model, graph, data);
    kernel.write(kept);
    expect(found.mismatches).toBeGreaterThan(0);
    expect(found.layers.filter(({ mismatches }) => mismatches > 0).map(({ layer }) => layer)).toEqual([
      'agreementDense',
    ]);
  });

  it('refuses a graph of another model', () => {
    const nodes = graph.nodes.map((node) =>
      node.name === graph.outputs[0] ? { ...node, layer: 'elsewhere' } : node,
    ) as typeof graph.nodes;
    expect(() => graphAgreement(model, { ...graph, nodes }, data)).toThrow(
      "layer 'elsewhere' is in graph 'agreement' but has no output in model 'agreement'; give the model",
    );
  });
});
