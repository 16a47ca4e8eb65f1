import { setBackend } from '@sp/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { shuffledIndices } from '../data/random.ts';
import { adam } from '../fit/adam.ts';
import { compileEngine, type Engine } from './compile-engine.ts';
import { typescriptBackend } from './memory/heap-memory.ts';
import type { Memory, MemoryBackend } from './memory/memory.ts';
import { wasmBackend } from './memory/wasm-backend.ts';

/** A backend that counts what is allocated. */
function counting(backend: MemoryBackend): { readonly backend: MemoryBackend; bytes: number } {
  const result = {
    bytes: 0,
    backend: {
      ...backend,
      createMemory(): Memory {
        const memory = backend.createMemory();
        return {
          ...memory,
          allocate(bytes, room) {
            result.bytes += bytes;
            return memory.allocate(bytes, room);
          },
        };
      },
    },
  };
  return result;
}

describe('the memory of an engine', () => {
  beforeAll(() => setBackend('wasm'));

  it.each([
    ['typescript', ''],
    ['wasm', ''],
    ['typescript', ', images changed in every epoch'],
  ] as const)('does not grow over 1,000 steps: %s%s', async (name, changes) => {
    const inner = name === 'wasm' ? await wasmBackend() : typescriptBackend;
    if (inner == null) throw new Error('no WebAssembly kernels here; `npx turbo run kernels` makes them');
    const counter = counting(inner as MemoryBackend);
    const engine = compileEngine(smallSparseModel(), {
      loss: { kind: 'softmaxCrossEntropy' },
      backend: counter.backend,
      imagesChange: changes !== '',
    }) as Engine;
    const data = upperOrLower(320, 2);
    const optimizer = adam();
    const epoch = (seed: number): void => {
      const order = shuffledIndices(320, 1, seed);
      for (let from = 0; from < 320; from += 32) {
        engine.differentiate(data, order, from, from + 32);
        engine.update(optimizer, 1e-3, () => 1);
      }
    };
    const change = (e: number): void => {
      if (changes !== '') for (let p = 0; p < data.images.length; p++) data.images[p] *= e % 2 === 0 ? 0.5 : 2;
    };
    for (let e = 0; e < 4; e++) {
      change(e);
      epoch(e);
    }
    const before = counter.bytes;
    expect(before).toBeGreaterThan(1e4);
    for (let e = 4; e < 104; e++) {
      change(e);
      epoch(e);
    }
    // Which lists of former images are there when all are forgotten depends on the order: room for a few more may be needed.
    expect(counter.bytes).toBeLessThanOrEqual(changes === '' ? before : 1.2 * before);
    engine.dispose();
  });
});
