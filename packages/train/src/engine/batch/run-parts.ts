import type { KernelThread, Memory } from '../memory/memory.ts';
import type { Part } from './part.ts';
import type { SiteBatch } from './site-batch.ts';

/**
 * Runs every part of a batch: those of other threads are noted first and started, those of this one computed meanwhile.
 *
 * @returns false if that came to nothing, because a thread was lost or the memory moved: prepare and run the parts again
 */
export function runParts({ size, parts }: SiteBatch, memory: Memory, run: (part: Part) => void): boolean {
  const { kernels, threads, state } = memory;
  const { moves } = state;
  const workers = parts === 1 ? [] : threads.slice(0, parts - 1);
  const mine: Part[] = [];
  const busy = new Set<KernelThread>();
  for (let index = 0; index < parts; index++) {
    const from = Math.round((index * size) / parts);
    const to = Math.round(((index + 1) * size) / parts);
    const worker = workers[(index % (workers.length + 1)) - 1];
    if (worker === undefined) {
      mine.push({ index, kernels, from, to });
      continue;
    }
    run({ index, kernels: worker.record, from, to });
    busy.add(worker);
  }
  if (state.moves !== moves) {
    for (const worker of busy) worker.forget();
    return false;
  }
  for (const worker of busy) worker.start();
  for (const part of mine) run(part);
  // All others first: dropping a thread may move the arrays that they work on.
  const ends = [...busy].map((worker) => ({ worker, end: worker.finish() }));
  for (const { worker, end } of ends) if (end !== 'done') memory.drop(worker, end);
  return ends.every(({ end }) => end === 'done');
}
