import { setInterval } from 'node:timers/promises';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { setBackend } from '@sp/layers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomEngineData, randomEngineModel } from '../../../test/support/random-engine-model.ts';
import { adam } from '../../fit/adam.ts';
import { compileEngine, type Engine } from '../compile-engine.ts';
import type { EngineBackend } from '../engine-backend.ts';
import type { MemoryBackend } from './memory.ts';
import type { Workers } from './start-threads.ts';
import { wasmBackend, wasmBackendOn } from './wasm-backend.ts';

/** Numbers of a training of six steps, and of predictions after it. `between` is called before each step. */
function training(seed: number, backend: EngineBackend, between: (step: number) => void = () => {}) {
  const model = randomEngineModel(seed);
  const data = randomEngineData(model, 210, seed);
  const engine = compileEngine(model, { loss: { kind: 'softmaxCrossEntropy' }, backend }) as Engine;
  const order = Int32Array.from({ length: 210 }, (_, j) => (7 * j) % 210);
  const optimizer = adam();
  const rows: number[][] = [];
  for (let step = 0; step < 6; step++) {
    between(step);
    const { loss } = engine.differentiate(data, order, 0, 210);
    rows.push([loss]);
    for (const { gradient } of engine.parameters) rows.push([...gradient]);
    engine.update(optimizer, 1e-2, () => 1);
  }
  rows.push([...engine.predict(data.images, 0, 210)]);
  const { backend: ended } = engine;
  engine.dispose();
  model.dispose();
  return { rows, ended };
}

/** Does its work up to job `last`, and there what `then` says in the middle of it; `control` is as in the real one. */
const hostile = (last: number, then: string): string => `
const { workerData } = require('node:worker_threads');
const { module, memory, control, names } = workerData;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
Atomics.add(control, 4, 1);
for (let job = 1; ; job++) {
  while (Atomics.load(control, 0) < job) Atomics.wait(control, 0, job - 1);
  const calls = new Float64Array(memory.buffer, control[2], control[3]);
  let made = 0;
  for (let at = 0; at < calls.length; at += 2 + calls[at + 1]) {
    if (job === ${last} && made++ === 5) { ${then} }
    exports[names[calls[at]]](...calls.subarray(at + 2, at + 2 + calls[at + 1]));
    Atomics.add(control, 4, 1);
  }
  Atomics.store(control, 1, job);
  Atomics.notify(control, 1);
}`;

/** Threads that run `code`. Who never answers is noticed soon: with so little patience one that lives may be taken for dead, too. */
function workersOf(code: string, patience = 20): Workers {
  class Hostile extends Worker {
    constructor(_: string | URL, options?: WorkerOptions) {
      super(code, { ...options, eval: true });
    }
  }
  return { Worker: Hostile, patience, startPatience: 10 * patience };
}

async function backendOn(workers: Workers, threads: number, note: (message: string) => void): Promise<EngineBackend> {
  return (await wasmBackendOn({ threads, note }, workers)) as EngineBackend;
}

beforeAll(() => setBackend('wasm'));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a thread that is lost', () => {
  it.each([
    [
      'fails',
      "Atomics.store(control, 1, -1); Atomics.notify(control, 1); throw new Error('broken');",
      /has failed/,
      2 ** 25,
    ],
    ['ends without a word', 'process.exit(1);', /gives no sign of life|has ended/, 20],
    ['hangs', 'Atomics.wait(control, 3, control[3]);', /gives no sign of life/, 20],
  ])('costs nothing but its help: it %s', async (_, then, said, patience) => {
    const alone = (await wasmBackend()) as EngineBackend;
    for (const [seed, threads, last] of [
      [0, 2, 1],
      [1, 3, 2],
      [2, 4, 4],
    ]) {
      const note = vi.fn<(message: string) => void>();
      const workers = workersOf(hostile(last, then), patience);
      const { rows, ended } = training(seed, await backendOn(workers, threads, note));
      expect(rows, `seed ${seed}`).toEqual(training(seed, alone).rows);
      expect(ended).toBe('wasm');
      expect(note.mock.calls.length).toBeGreaterThan(0);
      for (const [message] of note.mock.calls) expect(message).toMatch(said);
    }
  });

  it('is missed at the start, too', async () => {
    const note = vi.fn<(message: string) => void>();
    const { rows } = training(3, await backendOn(workersOf('process.exit(1)'), 3, note));
    expect(rows).toEqual(training(3, (await wasmBackend()) as EngineBackend).rows);
    expect(note).toHaveBeenCalled();
  });

  it('is not asked again when it ended between two steps', async () => {
    const note = vi.fn<(message: string) => void>();
    const backend = (await backendOn(workersOf('process.exit(1)'), 2, note)) as MemoryBackend;
    const memory = backend.createMemory();
    for await (const _ of setInterval(5)) if (note.mock.calls.length > 0) break;
    expect(memory.threads).toEqual([]);
    expect(note.mock.calls[0][0]).toMatch(/has ended.*1 left/);
  });
});

describe('without what threads or WebAssembly need', () => {
  it('computes on one thread where there is no SharedArrayBuffer, or there are no workers', async () => {
    const note = vi.fn<(message: string) => void>();
    expect(((await wasmBackendOn({ threads: 3, note }, null)) as MemoryBackend).createMemory().threads).toEqual([]);
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const { rows } = training(4, (await wasmBackend({ threads: 2, note })) as EngineBackend);
    vi.unstubAllGlobals();
    expect(rows).toEqual(training(4, (await wasmBackend()) as EngineBackend).rows);
    expect(note.mock.calls.flat()).toEqual([
      'the engine computes on one thread instead of 3: there are no worker threads here',
      'the engine computes on one thread instead of 2: there is no SharedArrayBuffer here',
    ]);
  });

  it('says in one note that WebAssembly is forbidden', async () => {
    const note = vi.fn<(message: string) => void>();
    // A copy of its own: the module remembers what it has compiled, and other tests go on with theirs.
    const copy = './wasm-backend.ts?without-webassembly';
    const { wasmBackend: anew } = (await import(/* @vite-ignore */ copy)) as typeof import('./wasm-backend.ts');
    vi.stubGlobal('WebAssembly', { compile: () => Promise.reject(new Error('refused by the policy')) });
    expect(await anew({ threads: 2, note })).toBe(null);
    vi.unstubAllGlobals();
    expect(note.mock.calls.flat()).toEqual([
      expect.stringMatching(
        /^the engine computes with its kernels in JavaScript, on one thread: WebAssembly cannot run/,
      ),
    ]);
  });

  it('computes in JavaScript where WebAssembly memory is refused', async () => {
    const note = vi.fn<(message: string) => void>();
    const refusing = (wants: (size: WebAssembly.MemoryDescriptor) => boolean) => {
      const { Memory: _, ...rest } = Object.getOwnPropertyDescriptors(WebAssembly);
      const { Memory } = WebAssembly;
      return Object.defineProperties(
        {
          Memory: function refused(size: WebAssembly.MemoryDescriptor) {
            if (wants(size)) throw new RangeError('could not allocate memory');
            return new Memory(size);
          },
        },
        rest,
      );
    };
    const backend = (await wasmBackend({ threads: 2, note })) as EngineBackend;
    const wanted = training(5, backend);
    vi.stubGlobal(
      'WebAssembly',
      refusing(({ shared }) => shared === true),
    );
    expect(training(5, backend)).toEqual(wanted);
    vi.stubGlobal(
      'WebAssembly',
      refusing(() => true),
    );
    const { ended, rows } = training(5, backend);
    expect(ended).toBe('typescript');
    expect(distance(rows, wanted.rows)).toBeLessThan(1e-6);
    expect(note.mock.calls.flat()).toEqual([
      'the engine computes on one thread instead of 2: the system refuses shared WebAssembly memory',
      'the engine computes on one thread instead of 2: the system refuses shared WebAssembly memory',
      'the engine computes with its kernels in JavaScript: the system refuses WebAssembly memory',
    ]);
  });

  it.each([1, 3])('goes on in JavaScript where memory may not grow any more, with %i threads', async (threads) => {
    const note = vi.fn<(message: string) => void>();
    const backend = (await wasmBackend({ threads, note })) as EngineBackend;
    for (let seed = 6; seed < 10; seed++) {
      const wanted = training(seed, backend);
      note.mockClear();
      const grow = WebAssembly.Memory.prototype.grow;
      let allowed = seed - 6;
      vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(function (this: WebAssembly.Memory, pages) {
        if (allowed-- <= 0) throw new RangeError('failed to grow');
        return grow.call(this, pages);
      });
      const { ended, rows } = training(seed, backend);
      vi.restoreAllMocks();
      expect(distance(rows, wanted.rows), `seed ${seed}`).toBeLessThan(1e-6);
      if (ended === 'typescript')
        expect(note.mock.calls).toEqual([[expect.stringMatching(/refuses more WebAssembly/)]]);
      if (seed === 6) expect(ended).toBe('typescript');
    }
  });
});

/** Largest difference, relative to the largest number of a row or 1e-2. */
function distance(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return Math.max(
    ...a.map((row, r) => {
      const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
      return row.reduce((most, value, j) => Math.max(most, Math.abs(value - b[r][j])), 0) / scale;
    }),
  );
}
