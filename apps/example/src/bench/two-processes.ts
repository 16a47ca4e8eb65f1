import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Milliseconds that are counted, and milliseconds before them in which all processes start. */
const [WINDOW, START] = [2000, 700];

/**
 * Multiplies and adds in the first cache, needs no memory, no system and no other thread: what one core can do beside the others. Arguments: when to
 * begin and when to end, in milliseconds since 1970. Prints rounds.
 */
const LOOP = `
const [begin, end] = process.argv.slice(1).map(Number);
const values = Float64Array.from({ length: 512 }, (_, j) => j / 512);
let [rounds, mixed] = [0, 1];
for (;;) {
  const now = Date.now();
  if (now >= end) break;
  for (let k = 0; k < 100; k++) {
    for (let j = 0; j < 512; j++) values[j] = values[j] * 0.999 + 0.001;
    for (let j = 0; j < 512; j++) mixed = (Math.imul(mixed, 1664525) + j) | 0;
  }
  if (now >= begin) rounds++;
}
console.log(rounds + (mixed === 0 ? 1 : 0));
`;

/**
 * What two processes of a pure loop get done in the time in which one does 1: at most 2, and less where cores share something (two threads of one core, a clock) or are taken by
 * others. No program can do better with its second worker.
 */
export async function twoProcesses(): Promise<number> {
  const [first, both, again] = [await rounds(1), await rounds(2), await rounds(1)];
  return both / ((first + again) / 2);
}

async function rounds(processes: number): Promise<number> {
  const begin = Date.now() + START;
  const words = ['-e', LOOP, String(begin), String(begin + WINDOW)];
  const all = await Promise.all(Array.from({ length: processes }, () => promisify(execFile)(process.execPath, words)));
  return all.reduce((sum, { stdout }) => sum + Number(stdout), 0);
}
