import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchGroup } from '../row.ts';
import type { StreamResult } from '../train-stream.ts';

const program = fileURLToPath(new URL('../train-stream.js', import.meta.url));
const images = 1_000_000;

/** An epoch over more images than fit into memory, in another process. */
export const memory: BenchGroup = {
  name: 'memory',
  about: `training on a stream of ${images.toLocaleString('en')} images of 64 × 64 (16 GB if they were kept), one epoch`,
  run: async (report) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, String(images)]);
    const { seconds, steps, peakMemory, early, late } = JSON.parse(stdout) as StreamResult;
    report({ name: 'peak memory of the process', value: peakMemory / 1e6, unit: 'MB' });
    const note = `${(early / 1e6).toFixed(1)} MB after 1,000 steps`;
    report({ name: `memory in use after ${steps.toLocaleString('en')} steps`, value: late / 1e6, unit: 'MB', note });
    report({ name: 'speed, images drawn on the way', value: images / seconds, unit: 'images/s' });
  },
};
