import { elementFunction, qDense, qSoftmax, qUnaryFunctionLUT, quantizer, setBackend } from '@sp/layers';
import { hActivation, hDense, hQuantize } from '@sp/layers/hgq1';
import { qkerasActivation, qkerasDense } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import type { Dataset } from '../data/dataset.ts';
import type { LossName } from '../engine/loss-function.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { evaluate, evaluateStream, predictAll } from './evaluate.ts';
import { fit } from './fit.ts';
import { sgd } from './sgd.ts';
import { taskOf } from './task.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

type Make = (x: tf.SymbolicTensor, units: number) => tf.SymbolicTensor;

const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor => layer.apply(x) as tf.SymbolicTensor;

/** Ways to end a model, and what they are. */
const heads: readonly (readonly [string, Make, string])[] = [
  ['dense', (x, units) => apply(tf.layers.dense({ units }), x), 'linear'],
  ['qDense', (x, units) => apply(qDense({ units }), x), 'linear'],
  [
    'a quantised dense',
    (x, units) => apply(quantizer(), apply(tf.layers.reshape({ targetShape: [units] }), apply(qDense({ units }), x))),
    'linear',
  ],
  ['dense with softmax', (x, units) => apply(tf.layers.dense({ units, activation: 'softmax' }), x), 'softmax'],
  ['qDense with softmax', (x, units) => apply(qDense({ units, activation: 'softmax' }), x), 'softmax'],
  [
    'a softmax layer',
    (x, units) => apply(tf.layers.softmax({ axis: -1 }), apply(tf.layers.dense({ units }), x)),
    'softmax',
  ],
  [
    'an activation layer, reshaped',
    (x, units) =>
      apply(
        tf.layers.reshape({ targetShape: [units] }),
        apply(tf.layers.activation({ activation: 'softmax' }), apply(qDense({ units }), x)),
      ),
    'softmax',
  ],
  [
    'a model in the model',
    (x, units) => {
      const inner = tf.input({ shape: x.shape.slice(1) });
      const outputs = apply(qDense({ units, activation: 'softmax' }), inner);
      return apply(tf.model({ inputs: inner, outputs }), x);
    },
    'softmax',
  ],
  [
    'a softmax that is quantised',
    (x, units) => apply(quantizer(), apply(qDense({ units, activation: 'softmax' }), x)),
    'quantizedSoftmax',
  ],
  [
    'a softmax with output quantizer',
    (x, units) => apply(qDense({ units, activation: 'softmax', enableOq: true }), x),
    'quantizedSoftmax',
  ],
  ['qSoftmax', (x, units) => apply(qSoftmax(), apply(qDense({ units }), x)), 'quantizedSoftmax'],
  ['sigmoid', (x, units) => apply(qDense({ units, activation: 'sigmoid' }), x), 'sigmoid'],
  [
    'a table of the sigmoid',
    (x, units) => apply(qUnaryFunctionLUT({ activation: 'sigmoid' }), apply(qDense({ units }), x)),
    'quantizedSigmoid',
  ],
  [
    'a softmax with dropout behind it',
    (x, units) => apply(tf.layers.dropout({ rate: 0.5 }), apply(qDense({ units, activation: 'softmax' }), x)),
    'quantizedSoftmax',
  ],
  [
    'logits with dropout behind them',
    (x, units) => apply(tf.layers.dropout({ rate: 0.5 }), apply(qDense({ units }), x)),
    'linear',
  ],
  [
    'a sigmoid with noise behind it',
    (x, units) => apply(tf.layers.gaussianNoise({ stddev: 0.1 }), apply(qDense({ units, activation: 'sigmoid' }), x)),
    'quantizedSigmoid',
  ],
  [
    'a permuted softmax',
    (x, units) => apply(tf.layers.permute({ dims: [1] }), apply(qDense({ units, activation: 'softmax' }), x)),
    'softmax',
  ],
  [
    'a hard sigmoid',
    (x, units) => apply(tf.layers.activation({ activation: 'hardSigmoid' }), apply(qDense({ units }), x)),
    'quantizedSigmoid',
  ],
  [
    "an importer's sigmoid",
    (x, units) => apply(elementFunction({ activation: 'sigmoid' }), apply(qDense({ units }), x)),
    'quantizedSigmoid',
  ],
  [
    "HGQ v1's softmax",
    (x, units) => apply(hActivation({ activation: 'softmax' }), apply(hDense({ units }), apply(hQuantize(), x))),
    'quantizedSoftmax',
  ],
  ["HGQ v1's dense", (x, units) => apply(hDense({ units }), apply(hQuantize(), x)), 'linear'],
  [
    "QKeras' sigmoid",
    (x, units) => apply(qkerasActivation({ activation: 'quantized_sigmoid(8)' }), apply(qkerasDense({ units }), x)),
    'quantizedSigmoid',
  ],
  ["QKeras' dense", (x, units) => apply(qkerasDense({ units }), x), 'linear'],
  ['relu', (x, units) => apply(qDense({ units, activation: 'relu' }), x), 'other'],
];

/** A model on 1 × 1 × 3 images that ends as `make` says. */
function ending(make: Make, units: number): tf.LayersModel {
  const input = tf.input({ shape: [1, 1, 3] });
  return tf.model({ inputs: input, outputs: make(apply(tf.layers.flatten(), input), units) });
}

describe('taskOf', () => {
  it.each(heads)('recognises %s', (_, make, kind) => {
    expect(taskOf(ending(make, 3), undefined, 'test').head.kind).toBe(kind);
  });

  it.each<[string, number, LossName, LossName[]]>([
    ['linear', 3, 'softmaxCrossEntropy', ['meanSquaredError']],
    ['linear', 1, 'sigmoidCrossEntropy', ['meanSquaredError']],
    ['softmax', 3, 'crossEntropy', ['meanSquaredError']],
    ['quantizedSoftmax', 3, 'crossEntropy', ['meanSquaredError']],
    ['sigmoid', 1, 'binaryCrossEntropy', ['meanSquaredError']],
    ['sigmoid', 3, 'binaryCrossEntropy', ['meanSquaredError']],
    ['quantizedSigmoid', 3, 'binaryCrossEntropy', ['meanSquaredError']],
    ['other', 3, 'softmaxCrossEntropy', ['crossEntropy', 'binaryCrossEntropy', 'meanSquaredError']],
  ])('takes for %s of %i outputs %s, and refuses what cannot be meant', (kind, units, wanted, others) => {
    const names: LossName[] = [
      'softmaxCrossEntropy',
      'crossEntropy',
      'sigmoidCrossEntropy',
      'binaryCrossEntropy',
      'meanSquaredError',
    ];
    for (const [, make] of heads.filter((head) => head[2] === kind)) {
      const model = ending(make, units);
      expect(taskOf(model, undefined, 'test').name).toBe(wanted);
      const taken = names.filter((name) => {
        try {
          return taskOf(model, name, 'test').name === name;
        } catch (error) {
          expect((error as Error).message).toMatch(/^test: layer '.*': loss '.*(use '?|needs|is always 0)/);
          return false;
        }
      });
      expect(taken.sort()).toEqual([wanted, ...others].sort());
    }
  });

  it('refuses a softmax of one output', () => {
    expect(() => taskOf(ending(heads[3][1], 1), undefined, 'test')).toThrow('a softmax of one output is always 1');
  });

  it('gives logits for as long as asked, and puts the activation back', () => {
    for (const [name, make, kind] of heads) {
      const model = ending(make, 3);
      tf.tidy(() => {
        const images = tf.tensor([0.5, -1, 2], [1, 1, 1, 3]);
        const { head } = taskOf(model, undefined, 'test');
        const before = model.apply(images) as tf.Tensor;
        const logits = head.logits(() => model.apply(images) as tf.Tensor);
        const after = model.apply(images) as tf.Tensor;
        expect([...after.dataSync()], name).toEqual([...before.dataSync()]);
        expect([...head.activate(logits).dataSync()], name).toEqual([...before.dataSync()]);
        const changed = [...logits.dataSync()].some((value, j) => value !== before.dataSync()[j]);
        expect(changed, name).toBe(kind === 'softmax' || kind === 'sigmoid');
        expect(() =>
          head.logits(() => {
            throw new Error('no');
          }),
        ).toThrow('no');
        expect([...(model.apply(images) as tf.Tensor).dataSync()], name).toEqual([...before.dataSync()]);
      });
    }
  });
});

/** A model whose logits are the three channels of the only pixel, plus a bias that is trained. */
function identityModel(activation: 'softmax' | 'sigmoid', units: number): tf.LayersModel {
  const kernelInitializer = tf.initializers.identity({ gain: 1 });
  const layer = { units, activation, kernelInitializer };
  return ending(
    (x) =>
      apply(
        units === 3 ? tf.layers.dense(layer) : tf.layers.dense({ ...layer, kernelInitializer: tf.initializers.ones() }),
        x,
      ),
    units,
  );
}

const quiet = { warn: (): void => {} };
const say = (): void => {};

describe('the cross-entropy of a saturated', () => {
  const bias = (model: tf.LayersModel): Float32Array => model.getWeights().at(-1)?.dataSync<'float32'>() as never;

  it('softmax is that of its logits, gradient included', async () => {
    const model = identityModel('softmax', 3);
    const data: Dataset = {
      images: Float32Array.of(80, 0, -30),
      labels: Int32Array.of(2),
      shape: [1, 1, 3],
      classes: 3,
    };
    expect(evaluate(model, data, quiet).loss).toBe(110);
    expect((await evaluateStream(model, streamDataset(data), quiet)).loss).toBe(110);
    const { epochs, loss } = await fit(model, data, {
      ...{ epochs: 1, learningRate: 1, optimizer: sgd(), say },
      validation: data,
    });
    expect([loss, epochs[0].loss]).toEqual(['crossEntropy', 110]);
    for (const [j, value] of [-1, 0, 1].entries()) expect(bias(model)[j]).toBeCloseTo(value, 12);
  });

  it('sigmoid is that of its logit, gradient included', async () => {
    const model = identityModel('sigmoid', 1);
    const data: Dataset = {
      images: Float32Array.of(-200, 0, 0),
      labels: Int32Array.of(1),
      shape: [1, 1, 3],
      classes: 2,
    };
    expect(evaluate(model, data, quiet)).toEqual({ loss: 200, accuracy: 0 });
    const { epochs } = await fit(model, data, { epochs: 1, learningRate: 1, optimizer: sgd(), say });
    expect(epochs[0].loss).toBe(200);
    expect([...bias(model)]).toEqual([1]);
  });
});

describe('fit', () => {
  it('says which loss it chose, and trains softmax and sigmoid heads on lists', async () => {
    for (const [activation, units, name] of [
      ['softmax', 2, 'crossEntropy'],
      ['sigmoid', 1, 'binaryCrossEntropy'],
    ] as const) {
      const plain = smallSparseModel(1, units);
      const outputs = apply(tf.layers.activation({ activation }), plain.outputs[0]);
      const model = tf.model({ inputs: plain.inputs, outputs });
      const said: string[] = [];
      const data = upperOrLower(96, 1);
      const options = { epochs: 3, learningRate: 1e-2, validation: data, say: (line: string) => void said.push(line) };
      const { engine, loss, epochs } = await fit(model, data, options);
      expect([engine, loss]).toEqual(['fused', name]);
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(`fit: loss '${name}', because the model ends with a ${activation}`);
      const { loss: valLoss, accuracy } = evaluate(model, data, quiet);
      expect(epochs[2].valLoss).toBeCloseTo(valLoss, 5);
      expect(epochs[2].valAccuracy).toBe(accuracy);
    }
  });

  it('says nothing of logits, and refuses a loss of logits behind a softmax', async () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    await fit(smallSparseModel(), upperOrLower(16, 1), { epochs: 1, say });
    expect(said).toEqual([]);
    const data = { images: new Float32Array(3), labels: Int32Array.of(2), shape: [1, 1, 3], classes: 3 } as const;
    const run = fit(identityModel('softmax', 3), data, { epochs: 1, loss: 'softmaxCrossEntropy' });
    await expect(run).rejects.toThrow(
      /loss 'softmaxCrossEntropy' does not fit a model that ends with a softmax; use 'crossEntropy'/,
    );
  });
});

describe('the accuracy of one output', () => {
  const images = Float32Array.of(0.25, 0, 0, 0.25, 0, 0, 0.75, 0, 0, 0.75, 0, 0);
  const data: Dataset = { images, labels: Int32Array.of(0, 0, 1, 1), shape: [1, 1, 3], classes: 2 };
  const linear = (): tf.LayersModel =>
    ending((x) => apply(tf.layers.dense({ units: 1, kernelInitializer: 'ones' }), x), 1);

  it('is by the nearest label with meanSquaredError, the same in fit, evaluate and streams', async () => {
    const loss = 'meanSquaredError' as const;
    for (const source of [data, { ...data, labels: Int32Array.of(0, 0, 1, 2), classes: 3 }]) {
      const wanted = source.classes === 2 ? 1 : 0.75;
      expect(evaluate(linear(), source, { loss, ...quiet }).accuracy).toBe(wanted);
      expect((await evaluateStream(linear(), streamDataset(source), { loss, ...quiet })).accuracy).toBe(wanted);
      for (const set of [source, streamDataset(source)]) {
        const { epochs } = await fit(linear(), set, { epochs: 1, loss, learningRate: 0, validation: set });
        expect(epochs[0]).toMatchObject({ accuracy: wanted, valAccuracy: wanted });
      }
    }
    const few = { ...data, labels: Int32Array.of(0, 0, 1, 2), classes: 3 };
    expect(() => evaluate(linear(), few, { loss: 'sigmoidCrossEntropy' })).toThrow('data has 3 classes');
    expect(() => evaluate(linear(), data, { sampleWeights: [1] } as never)).toThrow("did you mean 'sampleWeight'?");
  });

  it('is the same on lists', async () => {
    const sparse = upperOrLower(64, 1);
    const runs = [];
    for (const engine of ['fused', 'tfjs'] as const) {
      const model = smallSparseModel(1, 1);
      const options = { epochs: 3, engine, loss: 'meanSquaredError', learningRate: 1e-2, validation: sparse } as const;
      runs.push((await fit(model, sparse, options)).epochs.map(({ accuracy, valAccuracy }) => [accuracy, valAccuracy]));
      const right = predictAll(model, sparse).filter((output, j) => (output > 0.5 ? 1 : 0) === sparse.labels[j]);
      expect(runs.at(-1)?.[2][1]).toBe(right.length / 64);
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it('is by 0 for logits and by a half for probabilities, and fit says when it cannot know', async () => {
    expect(evaluate(linear(), data, quiet).accuracy).toBe(0.5);
    const sigmoid = ending(
      (x) =>
        apply(
          tf.layers.dense({
            units: 1,
            activation: 'sigmoid',
            weights: [tf.tensor2d([[4], [0], [0]]), tf.tensor1d([-2])],
          }),
          x,
        ),
      1,
    );
    expect(evaluate(sigmoid, data, quiet).accuracy).toBe(1);
    const own = (labels: tf.Tensor1D, outputs: tf.Tensor): tf.Scalar =>
      tf.losses.absoluteDifference(labels, tf.reshape(outputs, [-1])) as tf.Scalar;
    expect(evaluate(sigmoid, data, { loss: own, ...quiet }).accuracy).toBe(1);
    const said: string[] = [];
    const options = { epochs: 1, loss: own, say: (line: string) => void said.push(line) };
    expect((await fit(linear(), data, options)).loss).toBe('own');
    expect(said[0]).toContain('accuracy counts an output above 0');
  });
});

it('does not call an activation that it takes as a logit none', () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 1, activation: 'relu' })] });
  expect(taskOf(model, undefined, 'fit').note).toContain(
    'because the model ends with one output that is taken as a logit',
  );
  const linear = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 1 })] });
  expect(taskOf(linear, undefined, 'fit').note).toContain('one output without activation');
});
