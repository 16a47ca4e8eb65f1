import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { inputReduce, qDense, setBackend, sparseFlatten } from '@sp/layers';
import { loadKeras } from '@sp/layers/keras';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { engineParity } from '../../test/support/engine-parity.ts';
import { randomParities } from '../../test/support/random-parities.ts';
import type { Dataset } from '../data/dataset.ts';
import { crossEntropy } from '../fit/loss.ts';

const fixture = (name: string): URL => new URL(`../../../layers/test/fixtures/${name}`, import.meta.url);

describe('the engine and tfjs, ten steps from the same state', () => {
  beforeAll(() => setBackend('wasm'));

  it('see the same losses, gradients, bits and variables for random models', () => {
    const kinds = randomParities(0, 100);
    const cells = ['AveragePooling2DSparse', 'MaxPooling2DSparse'];
    const whole = cells.map((kind) => `Global${kind}`);
    for (const kind of [...cells, ...whole, 'QConv2DSparse', 'Quantizer', 'QDense']) {
      expect({ kind, seen: kinds.has(kind) }).toEqual({ kind, seen: true });
    }
  });

  it('see the same for the network trained in Keras', async () => {
    const model = await loadKeras(new Uint8Array(readFileSync(fixture('parity_readme.keras'))));
    const parity = JSON.parse(gunzipSync(readFileSync(fixture('parity_readme.json.gz'))).toString()) as {
      readonly x: [number, number][][];
      readonly y: number[];
    };
    const images = new Float32Array(parity.x.length * 784);
    for (const [image, pixels] of parity.x.entries()) {
      for (const [index, value] of pixels) images[image * 784 + index] = value;
    }
    const data: Dataset = { images, labels: Int32Array.from(parity.y), shape: [28, 28, 1], classes: 10 };
    const result = engineParity(model, data, {
      steps: 10,
      batchSize: 16,
      rate: 0.003,
    });
    expect(result.readOuts.engine).toBe(result.readOuts.tfjs);
    expect(result.correct.engine).toEqual(result.correct.tfjs);
    expect(Math.max(result.loss, result.gradient, result.variable), result.worst).toBeLessThan(1e-4);
  });

  it.each([
    ['meanSquaredError', 2],
    ['meanSquaredError', 1],
    ['sigmoidCrossEntropy', 1],
    ['softmaxCrossEntropy', 2],
  ] as const)('see the same with %s of %i outputs', (kind, outputs) => {
    const result = engineParity(smallSparseModel(1, outputs), upperOrLower(64, 1), {
      loss: kind,
      steps: 10,
      batchSize: 16,
    });
    expect(result.readOuts.engine).toBe(result.readOuts.tfjs);
    expect(result.correct.engine).toEqual(result.correct.tfjs);
    expect(Math.max(result.loss, result.gradient, result.variable), result.worst).toBeLessThan(1e-4);
  });

  /** The small model, ending in an activation: of the dense layer, or of a layer of its own. */
  function headed(head: tf.layers.Layer | 'softmax' | 'sigmoid', units: number): tf.LayersModel {
    const model = smallSparseModel(1, units);
    if (typeof head !== 'string') {
      return tf.model({ inputs: model.inputs, outputs: head.apply(model.outputs[0]) as tf.SymbolicTensor });
    }
    const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
    const dense = qDense({ units, activation: head, kernelInitializer, iqConf: { i0: 2, f0: 5 } });
    const flat = model.getLayer('flatten').output;
    return tf.model({ inputs: model.inputs, outputs: dense.apply(flat) as tf.SymbolicTensor });
  }

  it.each([
    ['softmax', undefined, 'softmax', 2],
    ['softmax', crossEntropy({ labelSmoothing: 0.1 }), () => tf.layers.softmax({ axis: -1 }), 3],
    ['softmax', 'meanSquaredError', () => tf.layers.activation({ activation: 'softmax' }), 2],
    ['sigmoid', undefined, 'sigmoid', 1],
    ['sigmoid', 'binaryCrossEntropy', () => tf.layers.activation({ activation: 'sigmoid' }), 2],
    ['sigmoid', 'meanSquaredError', 'sigmoid', 1],
    ['sigmoid', 'meanSquaredError', () => tf.layers.activation({ activation: 'sigmoid' }), 2],
  ] as const)('see the same behind a %s, loss %s (%s of %i outputs)', (_name, loss, head, outputs) => {
    const model = headed(typeof head === 'function' ? head() : head, outputs);
    const result = engineParity(model, upperOrLower(64, 1), {
      ...(loss === undefined ? {} : { loss }),
      steps: 10,
      batchSize: 16,
    });
    expect(result.readOuts.engine).toBe(result.readOuts.tfjs);
    expect(result.correct.engine).toEqual(result.correct.tfjs);
    expect(Math.max(result.loss, result.gradient, result.variable), result.worst).toBeLessThan(1e-4);
    for (const [j, value] of result.predictions.engine.entries()) {
      expect(value).toBeCloseTo(result.predictions.tfjs[j], 5);
    }
    // Probabilities, so that the head is really there.
    expect(Math.min(...result.predictions.engine)).toBeGreaterThan(0);
    expect(Math.max(...result.predictions.engine)).toBeLessThan(1);
  });

  it('see the same price of dropped intensity where negative pixels make up for the positive ones', () => {
    const input = tf.input({ shape: [6, 6, 1] });
    const reduced = inputReduce({ n: 3, threshold: 0.6, betaMaskedE: 1 }).apply(input) as tf.SymbolicTensor[];
    const flat = sparseFlatten().apply(reduced);
    const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
    const logits = qDense({ units: 2, kernelInitializer, iqConf: { i0: 2, f0: 5 } }).apply(flat);
    const data = upperOrLower(32, 2);
    const mirrored = data.images.map((pixel, j) => pixel - data.images[j % 36 < 18 ? j + 18 : j - 18]);
    const result = engineParity(
      tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor }),
      { ...data, images: mirrored },
      {
        steps: 10,
        batchSize: 16,
      },
    );
    expect(Math.max(result.loss, result.gradient, result.variable), result.worst).toBeLessThan(1e-4);
  });
});
