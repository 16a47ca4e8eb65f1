import * as typescriptKernels from '../kernels/index.ts';
import type { KernelCall, Kernels } from '../kernels/kernels.ts';
import type { KernelThread, Memory } from './memory.ts';
import type { Room } from './room.ts';

const page = 65536;

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

/** Memory of a WebAssembly instance. Sizes are powers of two, so that what is given back fits again. */
export function wasmMemory(
  memory: WebAssembly.Memory,
  kernels: Kernels,
  startThreads: (allocator: Memory) => readonly KernelThread[] = () => [],
  dispose: () => void = () => {},
): Memory {
  const rooms = new Set<Room>();
  const free = new Map<number, number[]>();
  const { buffer: first } = memory;
  let buffer: ArrayBufferLike = first;
  // Address 0 stays free, so do the few constants that the compiled functions need.
  let end = page;

  function take(size: number): number {
    const known = free.get(size)?.pop();
    if (known !== undefined) return known;
    const offset = end;
    end += size;
    const missing = end - buffer.byteLength;
    if (missing <= 0) return offset;
    // By a quarter at least: growing an unshared memory moves all rooms.
    memory.grow(Math.ceil(Math.max(missing, buffer.byteLength / 4) / page));
    buffer = memory.buffer;
    if (!(buffer instanceof ArrayBuffer)) return offset;
    for (const room of rooms) room.move(buffer);
    return offset;
  }

  const result: Memory = {
    kernels,
    threads: [],
    allocate(bytes, room) {
      const size = sizeClass(bytes);
      const isNew = !rooms.has(room);
      const offset = take(size);
      if (isNew) rooms.add(room);
      new Uint8Array(buffer, offset, size).fill(0);
      return { buffer, offset };
    },
    release({ offset }, bytes) {
      const size = sizeClass(bytes);
      const list = free.get(size);
      if (list === undefined) free.set(size, [offset]);
      else list.push(offset);
    },
    dispose,
  };
  return Object.assign(result, { threads: startThreads(result) });
}

function sizeClass(bytes: number): number {
  return 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(bytes, 1))));
}
