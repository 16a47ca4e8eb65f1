import { ceilLog2 } from '@sp/quant/numeric';
import * as typescriptKernels from '../kernels/index.ts';
import type { KernelCall, Kernels } from '../kernels/kernels.ts';
import { heapBlock } from './heap-memory.ts';
import type { KernelThread, Memory, Resident } from './memory.ts';

const page = 65536;

/** A memory and the kernels that work in it. */
export interface WasmInstance {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
}

/** How a memory of WebAssembly instances is made and what it may fall back on. */
export interface WasmMemorySettings {
  /** Makes an instance. @throws RangeError when the system refuses its memory */
  readonly open: () => WasmInstance;
  /** Starts a thread on a shared instance, which says when it is `lost`; null if there are no more. */
  readonly startThread?: (
    instance: WasmInstance,
    allocator: Memory,
    lost: (thread: KernelThread) => void,
  ) => KernelThread | null;
  /** Threads beside this one. Default 0. */
  readonly threads?: number;
  /** Told in a sentence when the memory goes on in another way than it began. */
  readonly note: (message: string) => void;
}

/** Turns a call with arrays into a call with addresses. */
export function byAddress(call: (...values: number[]) => unknown): KernelCall {
  return (...values) => {
    for (let j = 0; j < values.length; j++) {
      const value = values[j];
      if (typeof value !== 'number') values[j] = value.byteOffset;
    }
    return call(...(values as number[]));
  };
}

/** A kernel for every name. */
export function kernelsBy(make: (name: string) => KernelCall): Kernels {
  return Object.fromEntries(Object.keys(typescriptKernels).map((name) => [name, make(name)])) as unknown as Kernels;
}

/**
 * Memory of a WebAssembly instance. Sizes are powers of two, so that what is given back fits again.
 *
 * It survives what may happen to it: without a thread that failed it goes on with the others; out of the reach of one that
 * gives no sign of life it moves into a new instance; and where the system refuses to let it grow, into ordinary arrays,
 * with the kernels in JavaScript.
 *
 * @throws RangeError when the first instance is refused
 */
export function wasmMemory({ open, startThread, threads: wanted = 0, note }: WasmMemorySettings): Memory {
  const residents = new Set<Resident>();
  const free = new Map<number, number[]>();
  let instance: WasmInstance | null = open();
  let buffer: ArrayBufferLike = instance.memory.buffer;
  // Address 0 stays free, so do the few constants that the compiled functions need.
  let end = page;
  const kernels = { ...instance.kernels };
  const threads: KernelThread[] = [];
  const state = { backend: 'wasm' as 'wasm' | 'typescript', moves: 0 };

  /** @throws RangeError when the system has no more */
  function take({ memory }: WasmInstance, size: number): number {
    const known = free.get(size)?.pop();
    if (known !== undefined) return known;
    const missing = Math.ceil((end + size - buffer.byteLength) / page);
    if (missing > 0) {
      try {
        // By a quarter at least: growing an unshared memory moves all residents.
        memory.grow(Math.max(missing, Math.ceil(buffer.byteLength / 4 / page)));
      } catch {
        memory.grow(missing);
      }
      buffer = memory.buffer;
      if (buffer instanceof ArrayBuffer) for (const resident of residents) resident.move({ buffer });
    }
    end += size;
    return end - size;
  }

  function leaveWasm(): void {
    instance = null;
    for (const thread of threads.splice(0)) thread.end();
    for (const resident of residents) {
      const { view } = resident;
      const block = heapBlock(view.byteLength);
      new Uint8Array(block.buffer).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
      resident.move(block);
    }
    Object.assign(kernels, typescriptKernels);
    state.backend = 'typescript';
    state.moves++;
    note(
      'the engine goes on with its kernels in JavaScript, on one thread: the system refuses more WebAssembly memory. Train with a smaller batchSize to keep the fast ones.',
    );
  }

  function startThreads(count: number): void {
    if (instance === null || startThread === undefined) return;
    while (threads.length < count) {
      const started = startThread(instance, result, (thread) => {
        if (threads.includes(thread)) remove(thread, 'has ended');
      });
      if (started === null) return;
      threads.push(started);
    }
  }

  function remove(thread: KernelThread, what: string): void {
    threads.splice(threads.indexOf(thread), 1);
    thread.end();
    note(
      `a thread of the engine ${what}: its work is done again without it, with the same numbers; ${threads.length + 1} left`,
    );
  }

  const result: Memory = {
    kernels,
    threads,
    state,
    allocate(bytes, resident) {
      const size = sizeClass(bytes);
      if (instance !== null) {
        try {
          const offset = take(instance, size);
          residents.add(resident);
          new Uint8Array(buffer, offset, size).fill(0);
          return { buffer, offset };
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          leaveWasm();
        }
      }
      residents.add(resident);
      return heapBlock(bytes);
    },
    release({ offset }, bytes) {
      if (instance === null) return;
      const size = sizeClass(bytes);
      const list = free.get(size);
      if (list === undefined) free.set(size, [offset]);
      else list.push(offset);
    },
    drop(thread, how) {
      if (!threads.includes(thread)) return;
      remove(thread, how === 'failed' ? 'has failed' : 'gives no sign of life');
      if (how === 'failed' || instance === null) return;
      // It may be slow instead of dead: what it still writes must not meet what is computed from now on.
      const count = threads.length;
      for (const other of threads.splice(0)) other.end();
      try {
        const next = open();
        const missing = Math.ceil((end - next.memory.buffer.byteLength) / page);
        if (missing > 0) next.memory.grow(missing);
        new Uint8Array(next.memory.buffer).set(new Uint8Array(buffer, 0, end));
        instance = next;
        buffer = next.memory.buffer;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        leaveWasm();
        return;
      }
      Object.assign(kernels, instance.kernels);
      for (const resident of residents) resident.move({ buffer });
      state.moves++;
      startThreads(count);
    },
    dispose() {
      for (const thread of threads.splice(0)) thread.end();
      for (const resident of residents) resident.close();
      residents.clear();
      free.clear();
      // Nothing may hold the instance, and with it the memory: also those that hold `kernels` do not.
      instance = null;
      buffer = new ArrayBuffer(0);
      Object.assign(kernels, typescriptKernels);
    },
  };
  startThreads(wanted);
  return result;
}

function sizeClass(bytes: number): number {
  return 2 ** Math.max(6, ceilLog2(Math.max(bytes, 1)));
}
