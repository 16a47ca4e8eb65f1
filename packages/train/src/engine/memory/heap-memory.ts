import { TrainingError } from '../../training-error.ts';
import * as kernels from '../kernels/index.ts';
import type { Block, Memory, MemoryBackend, Resident } from './memory.ts';

/** Bytes of a buffer of their own. @throws TrainingError when there is not enough memory */
export function heapBlock(bytes: number): Block {
  try {
    return { buffer: new ArrayBuffer(bytes), offset: 0 };
  } catch (cause) {
    throw new TrainingError(
      `the engine needs ${bytes} more bytes than there are. Train with a smaller batchSize, or on fewer images.`,
      { cause },
    );
  }
}

function heapMemory(): Memory {
  const residents = new Set<Resident>();
  return {
    kernels,
    threads: [],
    state: { backend: 'typescript', moves: 0 },
    allocate(bytes, resident) {
      residents.add(resident);
      return heapBlock(bytes);
    },
    release() {},
    drop() {},
    dispose() {
      for (const resident of residents) resident.close();
      residents.clear();
    },
  };
}

/** Kernels in JavaScript on ordinary arrays: runs everywhere. */
export const typescriptBackend: MemoryBackend = { name: 'typescript', createMemory: heapMemory };
