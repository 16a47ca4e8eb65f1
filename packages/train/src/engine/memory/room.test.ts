import { describe, expect, it } from 'vitest';
import { typescriptBackend } from './heap-memory.ts';
import type { Memory, MemoryBackend } from './memory.ts';
import { ints, reals } from './room.ts';
import { wasmBackend } from './wasm-backend.ts';

async function memories(): Promise<Record<string, Memory>> {
  const own = (await wasmBackend()) as MemoryBackend | null;
  const shared = (await wasmBackend({ threads: 2 })) as MemoryBackend | null;
  if (own == null || shared == null) throw new Error('no WebAssembly kernels here; `npx turbo run kernels` makes them');
  return { heap: typescriptBackend.createMemory(), own: own.createMemory(), shared: shared.createMemory() };
}

describe('Room', () => {
  it('keeps its numbers while others make the memory grow, and when it is extended', async () => {
    for (const [name, memory] of Object.entries(await memories())) {
      const room = reals(memory, 5);
      room.view.set([1, 2, 3, 4, 5]);
      const large = Array.from({ length: 20 }, (_, size) => reals(memory, 10_000 * size));
      expect([...room.view], name).toEqual([1, 2, 3, 4, 5]);
      room.extend(100_000);
      expect([...room.view.subarray(0, 7)], name).toEqual([1, 2, 3, 4, 5, 0, 0]);
      for (const [size, { view }] of large.entries()) {
        expect(view.length, name).toBe(10_000 * size);
        expect(
          view.every((value) => value === 0),
          name,
        ).toBe(true);
      }
      memory.dispose();
    }
  });

  it('is zero where it takes the place of another', async () => {
    for (const [name, memory] of Object.entries(await memories())) {
      const first = ints(memory, 1000);
      first.view.fill(7);
      first.reserve(5000);
      const second = ints(memory, 1000);
      expect(
        second.view.every((value) => value === 0),
        name,
      ).toBe(true);
      expect(first.view.length, name).toBeGreaterThanOrEqual(5000);
      memory.dispose();
    }
  });
});
