import { partsOf } from './part.ts';

/** Threads that shorten a step of `batchSize` images on this machine; 1 outside Node. */
export async function usefulThreads(batchSize: number): Promise<number> {
  if (partsOf(batchSize) === 1 || typeof process === 'undefined' || process.versions?.node === undefined) return 1;
  const { availableParallelism } = await import('node:os');
  return Math.min(partsOf(batchSize), availableParallelism());
}
