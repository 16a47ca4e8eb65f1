import { TrainingError } from '../../fit/training-error.ts';
import * as typescriptKernels from '../kernels/index.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { KernelThread, Memory } from './memory.ts';
import { type Room, reals } from './room.ts';
import { kernelsBy, wasmMemory } from './wasm-memory.ts';

/** What threads need. */
export interface ThreadSettings {
  readonly workers: typeof import('node:worker_threads');
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  /** Threads beside this one. */
  readonly count: number;
}

/** Cells of the control array of `assets/kernel-thread.js`. */
const [started, done, address, length] = [0, 1, 2, 3];

/** Longest wait for a thread, in ms: far more than any step takes. */
const patience = 120_000;

const names = Object.keys(typescriptKernels);

/** A shared memory with `count` threads that wait for calls. They do not keep the process alive. */
export function startThreads({ workers, module, memory, kernels, count }: ThreadSettings): Memory {
  const running: InstanceType<typeof workers.Worker>[] = [];
  const start = (allocator: Memory): KernelThread => {
    const control = new Int32Array(new SharedArrayBuffer(16));
    const worker = new workers.Worker(new URL('../../../assets/kernel-thread.js', import.meta.url), {
      workerData: { module, memory, control, names },
    });
    worker.unref();
    running.push(worker);
    return thread(reals(allocator, 1024), control);
  };
  return wasmMemory(
    memory,
    kernels,
    (allocator) => Array.from({ length: count }, () => start(allocator)),
    () => {
      for (const worker of running) void worker.terminate();
    },
  );
}

/** The near end of a thread: notes calls as [kernel, number of values, values …]. */
function thread(calls: Room<Float64Array>, control: Int32Array): KernelThread {
  let used = 0;
  return {
    record: kernelsBy((name) => {
      const kernel = names.indexOf(name);
      return (...values) => {
        calls.extend(used + 2 + values.length);
        const { view } = calls;
        view[used++] = kernel;
        view[used++] = values.length;
        for (const value of values) view[used++] = typeof value === 'number' ? value : value.byteOffset;
      };
    }),
    start() {
      control[address] = calls.view.byteOffset;
      control[length] = used;
      Atomics.add(control, started, 1);
      Atomics.notify(control, started);
    },
    finish() {
      used = 0;
      const wanted = Atomics.load(control, started);
      for (let seen = Atomics.load(control, done); seen !== wanted; seen = Atomics.load(control, done)) {
        if (seen < 0) throw new TrainingError('compileEngine: a thread has failed. Train with threads: 1.');
        if (Atomics.wait(control, done, seen, patience) === 'timed-out') {
          throw new TrainingError(
            `compileEngine: a thread gave no answer for ${patience / 1000} s. Train with threads: 1.`,
          );
        }
      }
    },
  };
}
