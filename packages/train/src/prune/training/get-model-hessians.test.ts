import { qDense } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { getModelHessians } from './get-model-hessians.ts';
import type { TensorLoss } from './tensor-loss.ts';

const squared: TensorLoss = (y, out) => tf.mean(tf.square(tf.sub(y, out)), -1);
const x = tf.randomNormal([4, 3, 3, 1], 0, 1, 'float32', 1);
const y = tf.randomNormal([4, 2], 0, 1, 'float32', 2);

function convolutional(): tf.LayersModel {
  const glorot = (seed: number) => tf.initializers.glorotNormal({ seed });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        ...{ name: 'c', filters: 2, kernelSize: 2, strides: 2, padding: 'same', activation: 'tanh' },
        inputShape: [3, 3, 1],
        kernelInitializer: glorot(1),
      }),
      tf.layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dense({ name: 'd', units: 2, activation: 'sigmoid', kernelInitializer: glorot(2) }),
    ],
  });
}

describe('getModelHessians', () => {
  it('is the diagonal, as differences of gradients say', () => {
    const model = convolutional();
    const exact = getModelHessians(model, squared, x, y);
    // Inference is what gradients are of here, too: nothing in this model but the normalisation tells them apart.
    model.layers[2].trainable = false;
    for (const name of ['c', 'd']) {
      const kernel = prunableKernel(model.getLayer(name))?.variable as tf.Variable;
      const values = kernel.dataSync<'float32'>().slice();
      const slope = (j: number, step: number): number => {
        const moved = values.slice();
        moved[j] += step;
        kernel.assign(tf.tensor(moved, kernel.shape));
        return tf.tidy(() => {
          const outputs = (k: tf.Tensor): tf.Tensor => {
            kernel.assign(k);
            return tf.mean(squared(y, model.predict(x) as tf.Tensor));
          };
          const [up, down] = [1e-2, -1e-2].map((d) => {
            const again = moved.slice();
            again[j] += d;
            return outputs(tf.tensor(again, kernel.shape)).dataSync()[0];
          });
          return ((up - down) / 2e-2) as unknown as tf.TensorContainer;
        }) as unknown as number;
      };
      for (const j of [0, 5, 7]) {
        const measured = (slope(j, 5e-2) - slope(j, -5e-2)) / 0.1;
        expect(exact.get(name)?.[j], `${name} ${j}`).toBeCloseTo(measured, 2);
      }
      kernel.assign(tf.tensor(values, kernel.shape));
    }
  });

  it('leaves gradients of TensorFlow.js as they were', () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ name: 'd', units: 1, inputShape: [2], activation: 'tanh' })],
    });
    const config = tf.getGradient('Tanh');
    getModelHessians(model, squared, tf.ones([3, 2]), tf.ones([3, 1]));
    expect(tf.getGradient('Tanh')).toBe(config);
    expect(tf.getGradient('LogicalAnd')).toBeFalsy();
  });

  it('is 0 where slopes do not change', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ name: 'd', units: 1, inputShape: [2] })] });
    const input = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const linear: TensorLoss = (_, out) => out;
    expect(getModelHessians(model, linear, input, tf.zeros([2, 1])).get('d')).toEqual(new Float32Array(2));
    const square = getModelHessians(model, squared, input, tf.zeros([2, 1])).get('d') as Float32Array;
    expect(square[0]).toBeCloseTo(1 + 9, 4);
    expect(square[1]).toBeCloseTo(4 + 16, 4);
  });

  it('refuses what TensorFlow.js cannot differentiate twice, and quantised layers', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ name: 'd', units: 3, inputShape: [4] })] });
    const input = tf.randomNormal([8, 4], 0, 1, 'float32', 5);
    const classes = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32'), 3).toFloat();
    const opaque: TensorLoss = (labels, out) =>
      tf.add(tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(out)), -1)), tf.mul(tf.sum(out, -1), 0));
    expect(() => getModelHessians(model, opaque, input, classes)).toThrow("second derivatives of layer 'd'");
    const open: TensorLoss = (labels, out) => tf.neg(tf.sum(tf.mul(labels, tf.log(tf.softmax(out))), -1));
    expect(
      getModelHessians(model, open, input, classes)
        .get('d')
        ?.every((h) => h > 0),
    ).toBe(true);
    const quantised = tf.sequential({ layers: [qDense({ name: 'q', units: 3, inputShape: [4] } as never)] });
    expect(() => getModelHessians(quantised, open, input, classes)).toThrow(
      "layer 'q' (QDense) has no second derivatives here; use method 'fisher'",
    );
    const fisher = getModelHessians(quantised, open, input, classes, { method: 'fisher' });
    expect(fisher.get('q')?.some((h) => h > 0)).toBe(true);
  });

  it('fisher: the mean square of the gradients of single examples', () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ name: 'd', units: 1, inputShape: [1], kernelInitializer: 'ones', useBias: false })],
    });
    // Slopes 2 (x − y) x: 2 · 1 · 1 and 2 · (−1) · 2.
    const fisher = getModelHessians(model, squared, tf.tensor2d([[1], [2]]), tf.tensor2d([[0], [3]]), {
      method: 'fisher',
    });
    expect(fisher.get('d')?.[0]).toBeCloseTo((4 + 16) / 2, 5);
  });
});
