import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { hardSigmoidConfig, hardTanhConfig, quantizer, setBackend } from '../index.ts';
import type { QuantizerLike } from '../layers/q-layer.ts';

const x = [-3, -0.7, 0.1, 0.9999, 3];

function quantised(config: QuantizerLike, training = false, data: readonly number[] = x): number[] {
  return tf.tidy(() => {
    const y = quantizer({ config }).apply(tf.tensor2d([...data], [data.length, 1]), { training }) as tf.Tensor;
    return [...y.dataSync()];
  });
}

beforeAll(() => setBackend('cpu'));

describe('presets', () => {
  it('give the recorded values', () => {
    expect(quantised(hardTanhConfig())).toEqual([-1, -0.703125, 0.09375, 0.984375, 0.984375]);
    expect(quantised(hardTanhConfig({ symmetric: true }))[0]).toBe(-0.984375);
    expect(quantised(hardSigmoidConfig())).toEqual([0, 0.32421875, 0.5234375, 0.75, 0.99609375]);
    expect(quantised(hardTanhConfig({ qType: 'kbi', b0: 6 }))).toEqual(quantised(hardTanhConfig()));
  });

  it('hold their integer bits', () => {
    expect(hardSigmoidConfig({ f0: 3 })).toMatchObject({ k0: true, i0: 1, f0: 3, ic: { kind: 'constant', value: 1 } });
  });

  it('refuse to be changed where they are fixed', () => {
    const options = { affine: [1, 0] } as unknown as Parameters<typeof hardTanhConfig>[0];
    expect(() => hardTanhConfig(options)).toThrow(/hardTanhConfig: affine is part of the preset/);
  });
});

describe('what lies around a quantizer', () => {
  const config = { i0: 1, f0: 1, overflowMode: 'SAT', scaler: 2, affine: [0.25, 0.5], qnoiseFactor: 0.5 } as const;
  const data = [-5, 0.75, 5];

  it('scales, quantises, scales back and maps', () => {
    expect(quantised(config, false, data)).toEqual([-0.5, 0.75, 1.25]);
  });

  it('adds half of the rounding error to the input in training', () => {
    // q(x) = −4, 1, 3; the reference would mix it with x / 2.
    expect(quantised(config, true, data)).toEqual([-4.5, 0.875, 4].map((y) => 0.25 * y + 0.5));
  });
});
