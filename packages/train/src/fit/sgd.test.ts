import { setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Parameter } from '../engine/optimizer.ts';
import { sgd } from './sgd.ts';

/** Ten values on their way down `Σ cosh(w)`, computed by `move` from the gradient. */
function descend(move: (values: Float32Array, gradient: Float32Array) => void): Float32Array {
  const values = Float32Array.from({ length: 10 }, (_, j) => (j - 4.5) / 2);
  for (let step = 0; step < 20; step++) move(values, values.map(Math.sinh));
  return values;
}

describe('sgd', () => {
  beforeAll(() => setBackend('cpu'));

  it.each([
    ['plain', {}, () => tf.train.sgd(0.05)],
    ['with momentum', { momentum: 0.9 }, () => tf.train.momentum(0.05, 0.9)],
    ['with Nesterov momentum', { momentum: 0.9, nesterov: true }, () => tf.train.momentum(0.05, 0.9, true)],
  ])('moves as TensorFlow.js does, %s', (_name, options, reference) => {
    const mine = sgd(options);
    const found = descend((values, gradient) => {
      const parameter: Parameter = { name: 'w', values, gradient, rate: 0.5 };
      mine.step([parameter], 0.1);
    });
    const theirs = reference();
    const variable = tf.variable(tf.zeros([10]));
    const wanted = descend((values, gradient) => {
      tf.tidy(() => {
        variable.assign(tf.tensor1d(values));
        theirs.applyGradients({ [variable.name]: tf.tensor1d(gradient) });
        values.set(variable.dataSync());
      });
    });
    for (const [j, value] of found.entries()) expect(value).toBeCloseTo(wanted[j], 5);
  });

  it('refuses senseless settings', () => {
    expect(() => sgd({ momentum: 1 })).toThrow('sgd: momentum 1 is not in [0, 1)');
    expect(() => sgd({ nesterov: true })).toThrow('nesterov needs a momentum');
    expect(() => sgd({ clipNorm: 0 })).toThrow('sgd: clipNorm 0 is not positive');
  });
});
