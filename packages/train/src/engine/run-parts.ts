import type { KernelThread, Memory } from './memory/memory.ts';
import type { Part } from './part.ts';
import type { SiteBatch } from './site-batch.ts';

/**
 * Runs every part of a batch: those of other threads are noted first and started, those of this one computed meanwhile.
 */
export function runParts({ size, parts }: SiteBatch, { kernels, threads }: Memory, run: (part: Part) => void): void {
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
  for (const worker of busy) worker.start();
  for (const part of mine) run(part);
  for (const worker of busy) worker.finish();
}
