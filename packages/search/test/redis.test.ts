import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStudy, redisRunner, type StudySettings } from '../src/index.ts';
import { stepStudy } from './support/studies.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const installed = spawnSync('redis-server', ['--version']).status === 0;
if (!installed)
  process.stderr.write('skipped: studies over Redis: no redis-server here; apt-get install redis-server\n');

const settings: StudySettings = {
  ...stepStudy,
  trials: 24,
  lag: 7,
  problem: { ...stepStudy.problem, settings: { steps: 6, milliseconds: 30 } },
};

let root: string;
let port: number;
const started = new Set<ChildProcess>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-redis-'));
  await writeFile(join(root, 'study.json'), JSON.stringify(settings));
  port = await freePort();
});
afterAll(async () => {
  for (const child of started) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
  }
  await rm(root, { recursive: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  text(): string;
  /** Waits until the text says so much, or the process has ended. */
  says(pattern: RegExp): Promise<void>;
}

function start(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: root });
  started.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (more: Buffer) => {
      text += more;
    });
  }
  const ended = new Promise<number | null>((resolve) =>
    child.on('close', (code) => {
      started.delete(child);
      resolve(code);
    }),
  );
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const says = async (pattern: RegExp): Promise<void> => {
    while (!over && !pattern.test(text)) await pause(20);
  };
  return { child, ended, text: () => text, says };
}

/** With its append-only file in one folder, so that it begins again with what it had. */
async function redis(): Promise<Started> {
  const server = start('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', root, '--appendonly', 'yes', '--save', ''],
    ...['--appendfsync', 'always', '--maxmemory-policy', 'noeviction'],
  ]);
  await server.says(/Ready to accept connections/);
  return server;
}

const search = (...args: string[]): Started => start(process.execPath, [program, ...args]);
const queue = (): string[] => ['--redis', `redis://127.0.0.1:${port}`, '--queue', 'test'];
const worker = (): Started => search('worker', ...queue(), '--workers', '1', '--patience', '3');

/** Trials but for their times, and how often each has a result. */
async function stateOf(folder: string): Promise<{ trials: object[]; results: number[]; left: string[] }> {
  const study = await openStudy(folder, null);
  const trials = study.trials.map(({ seconds: _, ...rest }) => rest);
  await study.close();
  const lines = (await readFile(join(folder, 'study.jsonl'), 'utf8')).split('\n');
  const results = lines.flatMap((line) => /"result":(\d+),/.exec(line)?.[1] ?? []).map(Number);
  const left = await readdir(join(folder, 'trials')).catch(() => []);
  return { trials, results: results.sort((a, b) => a - b), left: left.filter((name) => !name.startsWith('.')).sort() };
}

describe.runIf(installed)('a study over Redis', () => {
  it('ends every trial once: 4 workers, of which one is killed and one stopped for a while; Redis and the study begin again', async () => {
    const local = search('run', 'study.json', 'local', '--workers', '1');
    expect([await local.ended, local.text()]).toEqual([0, expect.stringContaining('24 of 24 trials')]);
    const expected = await stateOf(join(root, 'local'));

    let server = await redis();
    const workers = [worker(), worker(), worker(), worker()];
    await Promise.all(workers.map((one) => one.says(/waiting for trials/)));
    let study = search('run', 'study.json', 'shared', ...queue());
    await Promise.all([workers[0].says(/trial \d+ of study/), workers[1].says(/trial \d+ of study/)]);
    workers[0].child.kill('SIGKILL');
    workers[1].child.kill('SIGSTOP');
    await study.says(/(trial \d+: [\s\S]*){2}/);
    server.child.kill('SIGTERM');
    await server.ended;
    server = await redis();
    await study.says(/(trial \d+: [\s\S]*){4}/);
    study.child.kill('SIGKILL');
    await study.ended;
    study = search('run', 'study.json', 'shared', ...queue());
    await study.says(/trial \d+: .*\n/);
    workers[1].child.kill('SIGCONT');
    expect([await study.ended, study.text()]).toEqual([0, expect.stringContaining('24 of 24 trials')]);

    expect(await stateOf(join(root, 'shared'))).toEqual(expected);
    const others = workers.slice(1);
    for (const { child } of others) child.kill('SIGTERM');
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    server.child.kill('SIGTERM');
    await server.ended;
  });

  it('says what is missing', async () => {
    const nowhere = `redis://127.0.0.1:${await freePort()}`;
    await expect(redisRunner(join(root, 'x'), settings, { url: nowhere })).rejects.toThrow(
      /does not answer: .*start it/,
    );
    await expect(redisRunner(join(root, 'x'), settings, { url: 'localhost' })).rejects.toThrow(
      "'localhost' is no address of Redis",
    );
    const unset = search('worker');
    expect([await unset.ended, unset.text()]).toEqual([2, expect.stringContaining('--redis is missing')]);
  });
});
