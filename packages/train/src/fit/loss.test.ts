import { setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { countCorrect, lossFunction, softmaxCrossEntropy } from './loss.ts';

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
});

describe('countCorrect', () => {
  it('takes the first largest output, or the sign of a single one', () => {
    expect(countCorrect(Float32Array.of(1, 1, 0, 2), 2, Int32Array.of(0, 1))).toBe(2);
    expect(countCorrect(Float32Array.of(0.1, -0.1, 0), 1, Int32Array.of(1, 1, 0))).toBe(2);
  });
});
