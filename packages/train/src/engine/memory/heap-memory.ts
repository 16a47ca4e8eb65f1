import * as kernels from '../kernels/index.ts';
import type { Memory, MemoryBackend } from './memory.ts';

const heap: Memory = {
  kernels,
  threads: [],
  allocate: (bytes) => ({ buffer: new ArrayBuffer(bytes), offset: 0 }),
  release() {},
  dispose() {},
};

/** Kernels in JavaScript on ordinary arrays: runs everywhere. */
export const typescriptBackend: MemoryBackend = { name: 'typescript', createMemory: () => heap };
