import { type Format, quantize } from '@sp/quant';
import { expect, it } from 'vitest';
import { randomSource } from '../../data/random.ts';
import type { MemoryBackend } from '../memory/memory.ts';
import { floats } from '../memory/room.ts';
import { wasmBackend } from '../memory/wasm-backend.ts';
import * as typescript from './index.ts';
import { maxForward } from './pool.ts';
import { wrapAll } from './quantise.ts';

/** Code of RND. */
const roundHalfUp = 1;

it('wraps values of any size as the exact arithmetic does', () => {
  for (let j = 0; j < 300; j++) {
    const random = randomSource(3, j);
    const format: Format = { k: random.below(2) as 0 | 1, i: random.below(8) - 1, f: random.below(9) };
    if (format.k + format.i + format.f <= 0) continue;
    const value = Math.fround((random.below(2 ** 24) - 2 ** 23) * 2 ** (random.below(90) - 40));
    const y = new Float64Array(1);
    const of = (x: number): Float64Array => Float64Array.of(x);
    const formats = [of(2 ** format.f), of(2 ** -format.f), of(2 ** format.i), of(format.k)] as const;
    wrapAll(of(value), y, Int32Array.of(0), ...formats, Uint8Array.of(0), roundHalfUp, 0, 1);
    const exact = quantize(value, format, 'RND', 'WRAP');
    expect([value, format, y[0] + 0]).toEqual([value, format, exact + 0]);
  }
});

it('finds the largest average where float32 sees two equal ones', () => {
  // Two pixels of one cell, sums of nine that differ in the last of 25 bits.
  const [values, output] = [Float64Array.of(2 ** 25, 2 ** 25 + 1), new Float64Array(1)];
  const [on, parent, place] = [Uint8Array.of(1, 1), Int32Array.of(0, 0), Int32Array.of(0, 1)];
  const [gap, winner] = [new Int32Array(1), new Int32Array(1)];
  maxForward(values, output, on, parent, place, gap, winner, 2, 1, 0, 2, 0, 1);
  expect([output[0], winner[0]]).toEqual([2 ** 25 + 1, 1]);
});

it('counts numbers that are not finite, four at a time in WebAssembly', async () => {
  const backend = await wasmBackend();
  const memory = (backend as MemoryBackend).createMemory();
  const room = floats(memory, 11);
  for (const kernels of [typescript, memory.kernels]) {
    for (let count = 0; count <= 11; count++) {
      room.view.set([0, -0, 1, 3.4e38, -3.4e38, 1e-45, 2, 3, 4, 5, 6]);
      expect(kernels.countNotFinite(room.view, count)).toBe(0);
      for (let at = 0; at < 11; at++) {
        const [before] = room.view.subarray(at);
        room.view[at] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][at % 3];
        expect([count, at, kernels.countNotFinite(room.view, count)]).toEqual([count, at, at < count ? 1 : 0]);
        room.view[at] = before;
      }
    }
    room.view.fill(Number.NaN);
    expect(kernels.countNotFinite(room.view, 11)).toBe(11);
  }
  memory.dispose();
});
