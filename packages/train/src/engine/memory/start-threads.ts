import * as typescriptKernels from '../kernels/index.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { KernelThread, Memory, ThreadEnd } from './memory.ts';
import { type Room, reals } from './room.ts';
import { kernelsBy } from './wasm-memory.ts';

/** A thread as its maker sees it: Node's `Worker`, or what stands for a Web Worker. */
interface ThreadWorker {
  /** Does not keep the process alive. */
  unref(): void;
  on(event: 'error' | 'exit', listener: () => void): unknown;
  terminate(): unknown;
}

/** What starts threads, and how long they may be silent. */
export interface Workers {
  readonly Worker: new (script: URL, options: { readonly workerData: unknown }) => ThreadWorker;
  /** How many can still be started; undefined: as many as are wanted. */
  readonly left?: () => number;
  /** Milliseconds without a sign of life after which a thread counts as dead. */
  readonly patience: number;
  /** The same for a thread that has just been started. */
  readonly startPatience: number;
}

/** What threads need. */
export interface ThreadSettings {
  readonly workers: Workers;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Where the calls are noted: in the same memory. */
  readonly allocator: Memory;
  /** Told of a thread that has ended between two steps. */
  readonly lost: (thread: KernelThread) => void;
}

/** Cells of the control array of `assets/kernel-loop.js`. */
const [started, done, address, length, beats] = [0, 1, 2, 3, 4];

const names = Object.keys(typescriptKernels);

/** A thread that waits for calls in a shared memory. It does not keep the process alive. Null if there are no more. */
export function startThread({ workers, module, memory, allocator, lost }: ThreadSettings): KernelThread | null {
  const { Worker: ThreadOf, left, patience, startPatience } = workers;
  if (left?.() === 0) return null;
  const control = new Int32Array(new SharedArrayBuffer(20));
  const script = new URL('../../../assets/kernel-thread.js', import.meta.url);
  const worker = new ThreadOf(script, { workerData: { module, memory, control, names } });
  worker.unref();
  const calls: Room<Float64Array> = reals(allocator, 1024);
  let used = 0;
  let hasEnded = false;
  const thread: KernelThread = {
    record: kernelsBy((name) => {
      const kernel = names.indexOf(name);
      return (...values) => {
        calls.extend(used + 2 + values.length);
        const { view } = calls;
        view[used++] = kernel;
        view[used++] = values.length;
        for (const value of values) view[used++] = typeof value === 'number' ? value : value.byteOffset;
      };
    }) as Kernels,
    start() {
      control[address] = calls.view.byteOffset;
      control[length] = used;
      Atomics.add(control, started, 1);
      Atomics.notify(control, started);
    },
    finish(): ThreadEnd {
      used = 0;
      const wanted = Atomics.load(control, started);
      for (;;) {
        const seen = Atomics.load(control, done);
        if (seen === wanted) return 'done';
        if (seen < 0 || hasEnded) return 'failed';
        const beat = Atomics.load(control, beats);
        const isAlive =
          Atomics.wait(control, done, seen, beat === 0 ? startPatience : patience) !== 'timed-out' ||
          Atomics.load(control, beats) !== beat ||
          Atomics.load(control, done) !== seen;
        if (!isAlive) return 'silent';
      }
    },
    forget() {
      used = 0;
    },
    end() {
      hasEnded = true;
      void worker.terminate();
    },
  };
  // Its error says what `finish` finds out; unheard, it would end the process.
  worker.on('error', () => {});
  worker.on('exit', () => {
    if (hasEnded) return;
    hasEnded = true;
    lost(thread);
  });
  return thread;
}
