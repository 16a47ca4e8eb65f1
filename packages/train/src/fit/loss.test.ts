import { setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, lossFunction, softmaxCrossEntropy } from './loss.ts';

describe.each(['cpu', 'wasm'] as const)('lossFunction on %s', (backend) => {
  beforeAll(async () => {
    await setBackend(backend);
  });

  const labels = Int32Array.of(0, 2);
  const logits = [1, 2, 3, -1, 0, 4];
  const value = (
    name: Parameters<typeof lossFunction>[0],
    numbers: readonly number[],
    width: number,
    classes = labels,
  ): number =>
    tf.tidy(
      () => lossFunction(name)(tf.tensor1d(classes, 'int32'), tf.tensor2d([...numbers], [2, width])).dataSync()[0],
    );
  const softmax = (row: readonly number[]): number[] =>
    row.map((z) => Math.exp(z) / row.reduce((sum, other) => sum + Math.exp(other), 0));

  it('softmaxCrossEntropy is the mean −log of the right class', () => {
    const expected = -(Math.log(softmax(logits.slice(0, 3))[0]) + Math.log(softmax(logits.slice(3))[2])) / 2;
    expect(value('softmaxCrossEntropy', logits, 3)).toBeCloseTo(expected, 6);
  });

  it('meanSquaredError compares with 1 for the class and 0 for the others, or one output with the label', () => {
    const errors = [0, 2, 3, -1, 0, 3];
    const mean = errors.reduce((sum, error) => sum + error * error, 0) / 6;
    expect(value('meanSquaredError', logits, 3)).toBeCloseTo(mean, 6);
    expect(value('meanSquaredError', [0.5, 1.5], 1, Int32Array.of(0, 1))).toBeCloseTo(0.25, 6);
  });

  it('label smoothing mixes in the mean over all classes', () => {
    const rows = [softmax(logits.slice(0, 3)), softmax(logits.slice(3))];
    const all = -rows.flat().reduce((sum, p) => sum + Math.log(p), 0) / 6;
    const smoothed = tf.tidy(
      () =>
        softmaxCrossEntropy({ labelSmoothing: 0.2 })(
          tf.tensor1d(labels, 'int32'),
          tf.tensor2d(logits, [2, 3]),
        ).dataSync()[0],
    );
    expect(smoothed).toBeCloseTo(0.8 * value('softmaxCrossEntropy', logits, 3) + 0.2 * all, 5);
    expect(() => softmaxCrossEntropy({ labelSmoothing: 1 })).toThrow('labelSmoothing 1');
  });

  it('crossEntropy of the softmax equals softmaxCrossEntropy of the logits', () => {
    const probabilities = [...softmax(logits.slice(0, 3)), ...softmax(logits.slice(3))];
    expect(value('crossEntropy', probabilities, 3)).toBeCloseTo(value('softmaxCrossEntropy', logits, 3), 5);
  });

  it('sigmoidCrossEntropy neither overflows nor loses the small side', () => {
    expect(value('sigmoidCrossEntropy', [-100, 100], 1, Int32Array.of(0, 1))).toBeLessThan(1e-40);
    expect(value('sigmoidCrossEntropy', [100, -100], 1, Int32Array.of(0, 1))).toBe(100);
    expect(value('sigmoidCrossEntropy', [0.5, 0.5], 1, Int32Array.of(1, 1))).toBeCloseTo(
      Math.log(1 + Math.exp(-0.5)),
      6,
    );
  });

  it('binaryCrossEntropy is the same of probabilities, the mean over outputs', () => {
    const p = [-1, 2, 0.5, 3].map((z) => 1 / (1 + Math.exp(-z)));
    const [first, second] = [-Math.log(p[0] * (1 - p[1])) / 2, -Math.log((1 - p[2]) * p[3]) / 2];
    expect(value('binaryCrossEntropy', p, 2, Int32Array.of(0, 1))).toBeCloseTo((first + second) / 2, 5);
    expect(value('binaryCrossEntropy', [0.25, 0.75], 1, Int32Array.of(1, 1))).toBeCloseTo(
      -Math.log(0.25 * 0.75) / 2,
      6,
    );
    expect(value('binaryCrossEntropy', [0, 1], 1, Int32Array.of(1, 1))).toBeCloseTo(-Math.log(1e-7) / 2, 4);
  });

  it('crossEntropy of probabilities has the gradient of Keras: of their share, and none where it is cut off', () => {
    const gradient = (row: readonly number[], label: number): readonly number[] => {
      const loss = crossEntropy();
      const of = tf.grad((p) => loss(tf.tensor1d([label], 'int32'), p));
      return Array.from(tf.tidy(() => of(tf.tensor2d([...row], [1, row.length])).dataSync()));
    };
    const share = 1 / 0.75;
    for (const [j, wanted] of [share - 2, share, share].entries()) {
      expect(gradient([0.5, 0, 0.25], 0)[j]).toBeCloseTo(wanted, 5);
    }
    for (const cut of [gradient([0.5, 0, 0.25], 1), gradient([0, 0, 0], 1)]) {
      for (const g of cut) expect(g).toBeCloseTo(0, 9);
    }
    expect(value('crossEntropy', [0, 0, 0, 0, 0, 1], 3)).toBeCloseTo(-Math.log(1e-7) / 2, 4);
  });

  it.each([
    ['softmaxCrossEntropy', [0.2, 0.8, 0.3, 0.4]],
    ['crossEntropy', [0.2, 0.8, 0.3, 0.4]],
    ['sigmoidCrossEntropy', [0.2, 0.8, 0.3, 0.4]],
    ['binaryCrossEntropy', [0.2, 0.8, 0.3, 0.4]],
    ['meanSquaredError', [0.2, 0.8, 0.3, 0.4]],
  ] as const)('%s takes one-hot labels, too', (name, numbers) => {
    const classes = Int32Array.of(1, 0);
    const hot = tf.tidy(() =>
      lossFunction(name)(tf.tensor2d([0, 1, 1, 0], [2, 2]) as never, tf.tensor2d([...numbers], [2, 2])).dataSync(),
    )[0];
    expect(hot).toBe(value(name, numbers, 2, classes));
    const wrong = (): unknown =>
      lossFunction(name)(tf.tensor2d([0, 1, 0], [1, 3]) as never, tf.tensor2d([0.5, 0.5], [1, 2]));
    expect(wrong).toThrow('labels [1, 3] for 2 outputs');
  });

  it('cross-entropies of all classes refuse one output', () => {
    for (const name of ['crossEntropy', 'softmaxCrossEntropy'] as const) {
      expect(() => value(name, [0.5, 0.5], 1)).toThrow("use 'binaryCrossEntropy' for a probability");
    }
    expect(() => lossFunction('mse' as 'crossEntropy')).toThrow("unknown loss 'mse' (known: softmaxCrossEntropy");
  });
});
