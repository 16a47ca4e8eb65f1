import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { randomSource } from '@sp/train';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStudy, type StudySettings } from '../src/index.ts';
import { networkStudy, stepStudy } from './support/studies.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** How often to kill; moments and victims are drawn. */
const kills = Number(process.env['SP_KILLS'] ?? 4);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-killed-study-'));
});
afterAll(() => rm(root, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  readonly done: Promise<number | null>;
  errors(): string;
}

function start(settings: string, folder: string, signs: string): Run {
  const child = spawn(process.execPath, [program, 'run', settings, folder, '--workers', '2'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, SP_SIGNS: signs },
  });
  let text = '';
  child.stderr.on('data', (more: Buffer) => {
    text += more;
  });
  const done = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, done, errors: () => text };
}

/** Processes that this one has started, by what the system says. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const name of names) {
    const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) === pid) found.push(Number(name));
  }
  return found;
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => ({ size: 0 }))).size;

/** What there is of a study: its trials but for times, how often each has a result, and what is left of them. */
async function stateOf(folder: string): Promise<object> {
  const study = await openStudy(folder, null);
  const trials = study.trials.map(({ seconds: _, ...rest }) => rest);
  await study.close();
  const lines = (await readFile(join(folder, 'study.jsonl'), 'utf8')).split('\n');
  const results = lines.flatMap((line) => /"result":(\d+),/.exec(line)?.[1] ?? []).map(Number);
  const left = (await readdir(join(folder, 'trials'))).filter((name) => !name.startsWith('.'));
  return { trials, results: results.sort((a, b) => a - b), left: left.sort() };
}

const studies: readonly (readonly [string, StudySettings, number])[] = [
  ['a function in steps', stepStudy, kills],
  ['networks', networkStudy, Math.ceil(kills / 2)],
];

it.runIf(process.platform === 'linux').each(studies)(
  'a study of %s comes out as if nothing had happened after kills of programs and workers',
  async (name, settings, times) => {
    const file = join(root, `${name}.json`);
    await writeFile(file, JSON.stringify(settings));
    const signs = join(root, `${name} signs`);
    const whole = join(root, `${name} whole`);
    const undisturbed = start(file, whole, signs);
    expect([await undisturbed.done, undisturbed.errors().includes('again')]).toEqual([0, false]);
    const expected = await stateOf(whole);
    expect(expected).toMatchObject({ results: Array.from({ length: settings.trials }, (_, j) => j) });

    const random = randomSource(times);
    const folder = join(root, `${name} killed`);
    const life = await sizeOf(signs);
    let done = 0;
    let run = start(file, folder, signs);
    for (;;) {
      // Some signs further, or sooner if there are no more.
      const at = (await sizeOf(signs)) + random.below(Math.max(2, Math.ceil((1.5 * life) / times)));
      let ended = false;
      void run.done.then(() => {
        ended = true;
      });
      while (!ended && done < times && (await sizeOf(signs)) < at) await pause(2);
      if (done < times && !ended) {
        const pid = run.child.pid as number;
        const workers = await childrenOf(pid);
        const victim = [pid, ...workers][random.below(1 + workers.length)];
        process.kill(victim, 'SIGKILL');
        done++;
        if (victim !== pid) continue;
      }
      const status = await run.done;
      if (status === 0 && (done >= times || ended)) break;
      expect(status, run.errors()).toBe(null);
      run = start(file, folder, signs);
    }
    expect(done).toBeGreaterThan(times / 2);
    const state = await stateOf(folder);
    expect(state).toEqual(expected);
  },
);
