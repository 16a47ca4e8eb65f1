import { describe, expect, it } from 'vitest';
import type { Parameter } from '../engine/optimizer.ts';
import { adam } from './adam.ts';
import { sgd } from './sgd.ts';

const parameter = (values: readonly number[], gradient: readonly number[], rate = 1): Parameter => ({
  name: 'w',
  values: Float32Array.from(values),
  gradient: Float32Array.from(gradient),
  rate,
});

describe('adam', () => {
  it('moves every parameter by the learning rate in its first step, whatever the size of the gradient', () => {
    const w = parameter([1, 1, 1], [5, -0.001, 0]);
    adam({ epsilon: 1e-12 }).step([w], 0.1);
    expect(w.values[0]).toBeCloseTo(0.9, 6);
    expect(w.values[1]).toBeCloseTo(1.1, 4);
    expect(w.values[2]).toBe(1);
  });

  it('follows the published recurrence', () => {
    const optimizer = adam({ epsilon: 0 });
    const w = parameter([0], [1]);
    const gradients = [1, -2, 0.5];
    let [m, v, expected] = [0, 0, 0];
    for (const [k, g] of gradients.entries()) {
      w.gradient[0] = g;
      optimizer.step([w], 0.01);
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      expected -= (0.01 * (m / (1 - 0.9 ** (k + 1)))) / Math.sqrt(v / (1 - 0.999 ** (k + 1)));
    }
    expect(w.values[0]).toBeCloseTo(expected, 6);
  });

  it('goes on exactly from a stored state', () => {
    const run = (steps: number, optimizer = adam(), w = parameter([1, 2], [0, 0])): [typeof optimizer, Parameter] => {
      for (let k = 0; k < steps; k++) {
        w.gradient.set([Math.sin(w.values[0]), w.values[1] ** 2]);
        optimizer.step([w], 0.1);
      }
      return [optimizer, w];
    };
    const [, whole] = run(10);
    const [first, half] = run(5);
    const second = adam();
    second.restore(first.state());
    run(5, second, half);
    expect(half.values).toEqual(whole.values);
  });

  it('scales the rate per parameter, down to not at all', () => {
    const [slow, still] = [parameter([0], [1], 0.1), parameter([3], [1], 0)];
    adam({ epsilon: 1e-12 }).step([slow, still], 1);
    expect(slow.values[0]).toBeCloseTo(-0.1, 6);
    expect(still.values[0]).toBe(3);
  });

  it('clips by the common norm', () => {
    const optimizer = adam({ beta1: 0, beta2: 0, epsilon: 1 });
    const w = parameter([0, 0], [3, 4]);
    const clipped = parameter([0, 0], [3, 4]);
    adam({ beta1: 0, beta2: 0, epsilon: 1, clipNorm: 2.5 }).step([clipped], 1);
    optimizer.step([w], 1);
    expect(w.values[0]).toBeCloseTo(-3 / 4, 6);
    expect(clipped.values[0]).toBeCloseTo(-1.5 / 2.5, 6);
  });

  it('refuses senseless settings and a changed model', () => {
    expect(() => adam({ beta1: 1 })).toThrow('beta1 1');
    expect(() => adam({ clipNorm: 0 })).toThrow('clipNorm 0');
    const optimizer = adam();
    optimizer.step([parameter([0], [1])], 1);
    expect(() => optimizer.step([], 1)).toThrow('the model has changed');
    expect(() => optimizer.step([parameter([0, 1], [1, 1])], 1)).toThrow("adam: 'w' has 2 numbers, but the state 1;");
    const other = sgd();
    other.restore(optimizer.state());
    expect(() => other.step([parameter([0], [1])], 1)).toThrow('sgd: the state has 2 arrays per parameter, not 1');
  });
});
