import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { lower, setBackend } from '../src/index.ts';
import type { LowerNote } from '../src/lower/lowered.ts';
import { mismatches } from './support/mismatches.ts';
import { randomImages, randomSparseModel } from './support/random-sparse-model.ts';
import { traces } from './support/traces.ts';

describe.each(['cpu', 'wasm'] as const)('random sparse models on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('infer what the interpreter computes, bit for bit, in every layer', () => {
    const kinds = new Map<string, number>();
    let compared = 0;
    const first = backend === 'cpu' ? 1000 : 5000;
    for (let seed = first; seed < first + 370; seed++) {
      tf.tidy(() => {
        const model = randomSparseModel(seed);
        const seen = randomImages(model, 6, seed);
        if (!traces(model, seen)) return;
        const notes: LowerNote[] = [];
        const graph = lower(model, { inputType: 'ap_fixed<8,4,RND,SAT>', report: (note) => notes.push(note) });
        if (!notes.some(({ kind }) => kind === 'warning')) {
          // Beyond the traced range WRAP quantizers wrap: in the same way in both views.
          const images = tf.concat([seen, tf.mul(randomImages(model, 4, seed + 1), 2)]);
          const wrong = Object.entries(mismatches(model, graph, images)).filter(([, count]) => count > 0);
          expect({ seed, wrong }).toEqual({ seed, wrong: [] });
          for (const layer of model.layers) kinds.set(layer.getClassName(), (kinds.get(layer.getClassName()) ?? 0) + 1);
          compared++;
        }
        model.dispose();
      });
    }
    expect(compared).toBeGreaterThanOrEqual(300);
    for (const kind of [
      'InputReduce',
      'QConv2DSparse',
      'AveragePooling2DSparse',
      'MaxPooling2DSparse',
      'GlobalAveragePooling2DSparse',
      'GlobalMaxPooling2DSparse',
      'Quantizer',
      'RemoveDilatedPixels',
    ]) {
      expect({ kind, often: (kinds.get(kind) ?? 0) > 20 }).toEqual({ kind, often: true });
    }
  });
});
