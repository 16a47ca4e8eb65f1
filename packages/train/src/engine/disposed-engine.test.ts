import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setBackend } from '@sp/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { adam } from '../fit/adam.ts';
import { TrainingError } from '../training-error.ts';
import { compileEngine, type Engine } from './compile-engine.ts';
import type { EngineBackend } from './engine-backend.ts';
import { typescriptBackend } from './memory/heap-memory.ts';
import { wasmBackend } from './memory/wasm-backend.ts';

const data = upperOrLower(64, 2);
const order = Int32Array.from({ length: 64 }, (_, j) => j);

function engineOf(model: ReturnType<typeof smallSparseModel>, backend: EngineBackend): Engine {
  const engine = compileEngine(model, { loss: { kind: 'softmaxCrossEntropy' }, backend });
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
}

async function backendOf(name: string): Promise<EngineBackend> {
  const backend = name === 'typescript' ? typescriptBackend : await wasmBackend({ threads: name === 'wasm' ? 1 : 2 });
  if (backend === null) throw new Error('no WebAssembly kernels here; `npx turbo run kernels` makes them');
  return backend;
}

describe.each(['typescript', 'wasm', 'threads'])('an engine that was disposed: %s', (name) => {
  beforeAll(() => setBackend('wasm'));

  it('gives its memory back, though its code is kept', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const backend = await backendOf(name);
    const ended = (): WeakRef<ArrayBufferLike> => {
      const engine = engineOf(smallSparseModel(), backend);
      engine.differentiate(data, order, 0, 64);
      engine.update(adam(), 1e-2, () => 1);
      const memory = new WeakRef(engine.parameters[0].values.buffer);
      engine.dispose();
      return memory;
    };
    const memory = ended();
    // A thread lets go when it has ended, and what a task has looked at stays until the task ends: never, if something holds it.
    for (let isThere = true; isThere; ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      collect();
      await new Promise((resolve) => setTimeout(resolve));
      isThere = memory.deref() !== undefined;
    }
  });

  it('refuses to compute, and is disposed once', async () => {
    const engine = engineOf(smallSparseModel(), await backendOf(name));
    engine.dispose();
    engine.dispose();
    expect(() => engine.load()).toThrow(TrainingError);
    expect(() => engine.sync()).toThrow(/disposed/);
    expect(() => engine.differentiate(data, order, 0, 64)).toThrow(/disposed/);
    expect(() => engine.update(adam(), 1e-2, () => 1)).toThrow(/disposed/);
    expect(() => engine.predict(data.images, 0, 4)).toThrow(/disposed/);
  });

  it('leaves the optimizer its state: the next engine goes on as one would have', async () => {
    const backend = await backendOf(name);
    const valuesAfter = (engines: number): readonly (readonly number[])[] => {
      const model = smallSparseModel(3);
      const optimizer = adam();
      const values: number[][] = [];
      for (let e = 0; e < engines; e++) {
        const engine = engineOf(model, backend);
        for (let step = 0; step < 6 / engines; step++) {
          engine.differentiate(data, order, 0, 64);
          engine.update(optimizer, 1e-2, () => 1);
        }
        engine.sync();
        if (e === engines - 1) values.push(...engine.parameters.map((parameter) => [...parameter.values]));
        engine.dispose();
        const { step, slots } = optimizer.state();
        expect(step).toBe((6 / engines) * (e + 1));
        expect(slots.every((arrays) => arrays.some((array) => array.some((value) => value !== 0)))).toBe(true);
      }
      return values;
    };
    expect(valuesAfter(2)).toEqual(valuesAfter(1));
  });
});
