import { partsOf } from './batch/part.ts';
import { hasWebThreads } from './memory/web-threads.ts';

/** Threads that shorten a step of `batchSize` images on this machine; 1 on the thread of a page, and where pages share no memory. */
export async function usefulThreads(batchSize: number): Promise<number> {
  if (hasWebThreads()) return Math.min(partsOf(batchSize), navigator.hardwareConcurrency);
  if (partsOf(batchSize) === 1 || typeof process === 'undefined' || process.versions?.node === undefined) return 1;
  const { availableParallelism } = await import('node:os');
  return Math.min(partsOf(batchSize), availableParallelism());
}
