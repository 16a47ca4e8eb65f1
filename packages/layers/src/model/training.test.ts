import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultNetwork, labels, sparseImages, trainBriefly } from '../../test/support/default-network.ts';
import {
  collectInputReduces,
  collectQLayers,
  layerOutputs,
  modelState,
  qDense,
  restoreState,
  setBackend,
  totalEbops,
  traceMinMax,
} from '../index.ts';
import type { FixedQuantizer } from '../quantizer/fixed-quantizer.ts';

describe.each(['cpu', 'wasm'] as const)('training on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('lowers the loss with stock fit and leaves no tensor behind', async () => {
    const model = defaultNetwork({ betaMaskedE: 0.01 });
    const images = sparseImages(20, 12, 1);
    await trainBriefly(model, images, 1);
    const before = tf.memory().numTensors;
    const truth = labels(20);
    const history = await model.fit(images, truth, { batchSize: 20, epochs: 20, verbose: 0 });
    truth.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const loss = history.history.loss as number[];
    expect(loss[19]).toBeLessThan(loss[0]);
  });

  it('keeps every bit variable, the threshold and the budget inside their constraints under stock fit', async () => {
    const model = defaultNetwork({ n: 3 });
    const images = sparseImages(16, 12, 1);
    const truth = labels(16);
    const [reduce] = collectInputReduces(model);
    // Steps of size 7 would throw everything far out.
    model.compile({
      optimizer: tf.train.adam(7),
      loss: (y: tf.Tensor, p: tf.Tensor) => tf.losses.softmaxCrossEntropy(y, p),
    });
    for (let epoch = 0; epoch < 4; epoch++) {
      await model.fit(images, truth, { batchSize: 16, epochs: 1, verbose: 0 });
      for (const layer of collectQLayers(model)) {
        for (const quantizer of layer.quantizers.values()) {
          const { width } = (quantizer as FixedQuantizer).state;
          const { min, max } = width.constraint as { min: number; max: number };
          for (const value of width.values) expect(value >= min && value <= max).toBe(true);
        }
      }
      expect(reduce.threshold).toBeGreaterThanOrEqual(0);
      expect(reduce.nMaxPixels).toBeGreaterThanOrEqual(1);
      expect(reduce.nMaxPixels).toBeLessThanOrEqual(12);
    }
  });
});

describe('model state', () => {
  beforeAll(() => setBackend('cpu'));

  it('comes back exactly, ranges and reset marks included', async () => {
    const model = defaultNetwork();
    const images = sparseImages(16, 12, 1);
    await trainBriefly(model, images, 1);
    traceMinMax(model, images);
    const [traced, outputs, ebops] = [modelState(model), layerOutputs(model, images), totalEbops(model)];
    collectQLayers(model)[0].iq?.resetRange();
    const reset = modelState(model);
    await trainBriefly(model, images, 1);
    expect(modelState(model)).not.toEqual(reset);
    restoreState(model, traced);
    expect(totalEbops(model)).toBe(ebops);
    expect(layerOutputs(model, images)).toEqual(outputs);
    expect(collectQLayers(model).every(({ iq }) => iq?.traced)).toBe(true);
    restoreState(model, reset);
    expect(() => layerOutputs(model, images)).toThrow(/traceMinMax/);
    expect(Math.min(...traced.get('conv1/iq/i')!.values)).toBeGreaterThan(-25);
    expect(Math.max(...reset.get('conv1/iq/i')!.values)).toBe(-1e9);
  });

  it('refuses a snapshot of another model', () => {
    const state = modelState(defaultNetwork({ side: 12 }));
    expect(() => restoreState(defaultNetwork({ side: 16 }), state)).toThrow(
      /'conv1\/iq\/f' has shape|'conv1\/iq\/i' has shape/,
    );
  });
});

describe('traceMinMax', () => {
  beforeAll(() => setBackend('cpu'));

  it('gives the formats and EBOPs of the recorded dense example', () => {
    const input = tf.input({ shape: [3] });
    const wrap = { qType: 'kbi', b0: 8, overflowMode: 'WRAP' } as const;
    const layer = qDense({ units: 2, iqConf: wrap, kqConf: wrap, bqConf: wrap });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    layer.kernel.write(
      tf.tensor2d([
        [0.3, -0.7],
        [1.6, 0.01],
        [-3.3, 0.2],
      ]),
    );
    layer.bias!.write(tf.tensor1d([0.4, -0.1]));
    const ebops = traceMinMax(
      model,
      tf.tensor2d([
        [1, -2, 0.3],
        [0.5, 0.2, 0.1],
      ]),
    );
    expect(ebops).toBe(400);
    expect(layer.kq.formats(false)).toMatchObject({ k: [0, 1, 0, 0, 1, 0], i: [-1, 0, 1, -6, 2, -2] });
    expect(layer.bq!.formats(false)).toMatchObject({ k: [0, 1], i: [-1, -3] });
    expect(layer.iq!.formats(true)).toMatchObject({ shape: [3], k: [0, 1, 0], i: [1, 2, -1] });
    const kernel = layer.kq.call(layer.kernel.read(), 'inference').dataSync();
    expect([...kernel]).toEqual([0.30078125, -0.69921875, 1.6015625, 0.010009765625, -3.296875, 0.2001953125]);
  });

  it('widens ranges without reset and refuses data that do not fit together', () => {
    const input = tf.input({ shape: [1] });
    const layer = qDense({ units: 1, iqConf: { f0: 2 } });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    traceMinMax(model, tf.tensor2d([[3]]));
    traceMinMax(model, tf.tensor2d([[0.5], [-9]]), { reset: false, batchSize: 1 });
    expect(layer.iq!.formats(true)).toMatchObject({ k: [1], i: [4] });
    traceMinMax(model, tf.tensor2d([[0.5]]));
    expect(layer.iq!.formats(true)).toMatchObject({ k: [0], i: [0] });
    expect(() => traceMinMax(model, tf.zeros([0, 1]))).toThrow(/0 samples/);
  });
});
