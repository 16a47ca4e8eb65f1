import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FitSpeed } from '../fit-speed.ts';
import type { Report } from '../row.ts';
import { networks } from '../sparse-networks.ts';

const batchSizes = [16, 32, 128];
const rounds = 3;
const child = fileURLToPath(new URL('../fit-speed.js', import.meta.url));
const here = fileURLToPath(new URL('../../../../..', import.meta.url));

/** `fit` as users call it, each training in a process of its own; against another clone in turns. The best round counts. */
export async function fitSpeeds(report: Report, against: string | undefined): Promise<void> {
  const roots = [here, ...(against === undefined ? [] : [resolve(against)])];
  for (const [index, { name }] of networks.entries()) {
    const best = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      for (const batchSize of batchSizes) {
        for (const root of roots) {
          const key = `${root} ${batchSize}`;
          best.set(key, Math.max(best.get(key) ?? 0, await speed(root, index, batchSize)));
        }
      }
    }
    const of = (root: string, batchSize: number): number => best.get(`${root} ${batchSize}`) as number;
    for (const batchSize of batchSizes) {
      const value = of(here, batchSize);
      const ofLargest = (100 * value) / of(here, batchSizes[batchSizes.length - 1]);
      const before = roots.slice(1).map((root) => `, ${(value / of(root, batchSize)).toFixed(2)} × ${against}`);
      const note = `${((1000 * batchSize) / value).toFixed(2)} ms a step, ${ofLargest.toFixed(0)} % of batch 128${before.join('')}`;
      report({ name: `${name}, fit, batch ${batchSize}`, value, unit: 'images/s', note });
    }
  }
}

async function speed(root: string, network: number, batchSize: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, root, `${network}`, `${batchSize}`]);
  return (JSON.parse(stdout) as FitSpeed).perSecond;
}
