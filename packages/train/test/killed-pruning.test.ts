import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomSource } from '../src/data/random.ts';

const child = fileURLToPath(new URL('support/pruning-child.mjs', import.meta.url));

/** How often to kill; the moments are drawn. */
const kills = Number(process.env['SP_KILLS'] ?? 3);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-killed-'));
});
afterAll(() => rm(root, { recursive: true }));

interface Ended {
  /** Signs of life. */
  readonly signs: number;
  /** The last line; empty when it was killed before. */
  readonly result: string;
  readonly killed: boolean;
  readonly errors: string;
}

/** Prunes in a folder; kills at the given sign of life, if it comes. */
function prune(directory: string, killAt = Number.POSITIVE_INFINITY): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [child, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, errors] = ['', ''];
    process_.stdout.on('data', (text: Buffer) => {
      out += text;
      if (signsIn(out) >= killAt) process_.kill('SIGKILL');
    });
    process_.stderr.on('data', (text: Buffer) => {
      errors += text;
    });
    process_.on('error', reject);
    process_.on('close', (_, signal) => {
      const result = out.split('\n')[1] ?? '';
      resolve({ signs: signsIn(out), result, killed: signal === 'SIGKILL', errors });
    });
  });
}

function signsIn(out: string): number {
  return out.split('\n')[0].length;
}

it(`gives what an undisturbed pruning gives after ${kills} kills at random moments`, async () => {
  const whole = await prune(join(root, 'whole'));
  expect(whole.errors.split('\n').filter((line) => /error/i.test(line))).toEqual([]);
  expect(JSON.parse(whole.result)).toMatchObject({ steps: { length: 4 }, stopped: 'finished' });
  const journal = await readFile(join(root, 'whole', 'journal.jsonl'));
  const random = randomSource(18);
  let done = 0;
  for (let run = 0; done < kills; run++) {
    const directory = join(root, `run-${run}`);
    for (;;) {
      const killAt = done < kills ? 1 + random.below(Math.ceil(whole.signs / 2)) : Number.POSITIVE_INFINITY;
      const { killed, result, errors } = await prune(directory, killAt);
      if (killed) {
        done++;
        continue;
      }
      expect([result, errors.includes('Error')]).toEqual([whole.result, false]);
      break;
    }
    expect(await readFile(join(directory, 'journal.jsonl'))).toEqual(journal);
    expect((await readdir(directory)).sort()).toEqual((await readdir(join(root, 'whole'))).sort());
  }
  expect(done).toBe(kills);
});
