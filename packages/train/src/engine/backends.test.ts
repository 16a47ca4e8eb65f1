import { setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { randomEngineData, randomEngineModel } from '../../test/support/random-engine-model.ts';
import { adam } from '../fit/adam.ts';
import { compileEngine, type Engine } from './compile-engine.ts';
import type { EngineBackend } from './engine-backend.ts';
import { typescriptBackend } from './memory/heap-memory.ts';
import { wasmBackend } from './memory/wasm-backend.ts';

const loss = { kind: 'softmaxCrossEntropy', labelSmoothing: 0.1 } as const;
const images = 210;

async function wasm(threads: number): Promise<EngineBackend> {
  const backend = await wasmBackend({ threads });
  if (backend == null) throw new Error('no WebAssembly kernels here; `npx turbo run kernels` makes them');
  return backend;
}

/** Losses, gradients and values of eight steps with `listMemory` bytes for lists, and predictions after them. */
function training(seed: number, backend: EngineBackend, listMemory = 2 ** 28): readonly (readonly number[])[] {
  const model = randomEngineModel(seed);
  const data = randomEngineData(model, images, seed);
  const engine = compileEngine(model, { loss, backend, listMemory }) as Engine;
  const order = Int32Array.from({ length: images }, (_, j) => (7 * j) % images);
  const optimizer = adam({ epsilon: 1e-4 });
  const rows: number[][] = [];
  for (let step = 0; step < 8; step++) {
    // Batches of one part and of several, and lists that are known and new.
    const size = step % 2 === 0 ? images : 9;
    const result = engine.differentiate(data, order, 0, size);
    rows.push([result.loss, result.lossTask, result.correct]);
    for (const { gradient } of engine.parameters) rows.push([...gradient]);
    engine.update(optimizer, 1e-2, () => 1);
    for (const { values } of engine.parameters) rows.push([...values]);
  }
  rows.push([...engine.predict(data.images, 3, images)]);
  engine.dispose();
  model.dispose();
  return rows;
}

/** Largest difference, relative to the largest number of a row or 1e-2. */
function difference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  expect(b.map(({ length }) => length)).toEqual(a.map(({ length }) => length));
  return Math.max(
    ...a.map((row, r) => {
      const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
      return row.reduce((most, value, j) => Math.max(most, Math.abs(value - b[r][j])), 0) / scale;
    }),
  );
}

describe('the kernels in WebAssembly', () => {
  beforeAll(() => setBackend('wasm'));

  it('compute what those in JavaScript compute', async () => {
    const backend = await wasm(1);
    // Only exp and log differ, in their last bits.
    for (let seed = 0; seed < 40; seed++) {
      expect(difference(training(seed, typescriptBackend), training(seed, backend)), `seed ${seed}`).toBeLessThan(1e-6);
    }
  });

  it('compute the same behind a softmax or sigmoid', async () => {
    for (const head of ['softmax', 'sigmoid'] as const) {
      for (const kind of [head === 'softmax' ? 'crossEntropy' : 'binaryCrossEntropy', 'meanSquaredError'] as const) {
        const rows = [typescriptBackend, await wasm(2)].map((backend) => {
          const plain = smallSparseModel(4);
          const outputs = tf.layers.activation({ activation: head }).apply(plain.outputs[0]) as tf.SymbolicTensor;
          const engine = compileEngine(tf.model({ inputs: plain.inputs, outputs }), { loss: { kind }, backend });
          if (typeof engine === 'string') throw new Error(engine);
          const data = upperOrLower(150, 3);
          const { loss, correct } = engine.differentiate(
            data,
            Int32Array.from({ length: 150 }, (_, j) => j),
            0,
            150,
          );
          const gradients = engine.parameters.map(({ gradient }) => [...gradient]);
          const found = [[loss, correct], ...gradients, [...engine.predict(data.images, 0, 9)]];
          engine.dispose();
          return found;
        });
        expect(difference(rows[0], rows[1]), `${head} ${kind}`).toBeLessThan(1e-6);
      }
    }
  });

  it('give the same numbers on any number of threads', async () => {
    const [alone, ...others] = await Promise.all([1, 2, 3, 6].map(wasm));
    for (let seed = 0; seed < 6; seed++) {
      const wanted = training(seed, alone);
      for (const backend of others) expect(training(seed, backend)).toEqual(wanted);
    }
  });

  it('give the same numbers while memory moves', async () => {
    // Lists are made anew in every step, in memory that has grown meanwhile.
    for (const backend of [await wasm(1), await wasm(2)]) {
      expect(training(3, backend, 1)).toEqual(training(3, backend));
    }
  });

  it('refuse senseless numbers of threads', async () => {
    await expect(wasmBackend({ threads: 0 })).rejects.toThrow(/threads 0 is not a whole number/);
    await expect(wasmBackend({ threads: 1.5 })).rejects.toThrow(/threads 1.5/);
  });
});
