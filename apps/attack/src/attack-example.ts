import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dice } from './dice.ts';
import { type Row, Tally } from './row.ts';

const PROGRAM = fileURLToPath(new URL('../../example/dist/cli.js', import.meta.url));
const WORDS = ['all', '--epochs', '3', '--out'];

/**
 * Kills `npm start` (training, export, report) at random moments. The next run, with `--resume` where a training is kept or plain, goes on; the last one
 * is left in peace. Its network, firmware and history must be those of a run that was never killed, and nothing may lie beside them.
 *
 * @param folder an empty one
 */
export async function attackExample(options: { seed: number; kills: number; folder: string }): Promise<Row> {
  const { seed, kills, folder } = options;
  const chance = dice(seed);
  const tally = new Tally('SIGKILL: npm start');
  const begin = performance.now();
  const reference = await runOnce(folder, 'whole', false);
  const whole = performance.now() - begin;
  if (reference.code !== 0) {
    tally.add('untyped', `the program fails by itself: ${reference.err.slice(-1000)}`);
    return tally.row();
  }
  const wanted = await resultOf(join(folder, 'whole'));
  let done = false;
  for (let kill = 0; kill < kills; kill++) {
    const resume = (await readdir(folder)).includes('run.training') && chance.below(3) > 0;
    const { code, signal, err } = await runOnce(folder, 'run', resume, chance.below(Math.round(whole)));
    if (signal === 'SIGKILL' || code === 0) tally.add('refused');
    else if (code === 2 && /^sp-example: /m.test(err)) tally.add('lost', `refused to go on: ${err.slice(-500)}`);
    else tally.add('untyped', err.slice(-1000));
    const found = await resultOf(join(folder, 'run')).catch(() => undefined);
    if (found !== undefined && found !== wanted) tally.add('lost', `kill ${kill}: another result`);
    // A run that was there once may be replaced, but is never gone.
    if (done && found === undefined && !(await readdir(folder)).includes('.run.sp-stage'))
      tally.add('lost', `kill ${kill}: gone`);
    done ||= found !== undefined;
  }
  const resume = (await readdir(folder)).includes('run.training');
  const { code, err } = await runOnce(folder, 'run', resume);
  if (code !== 0) tally.add('lost', `the last run fails: ${err.slice(-500)}`);
  else if ((await resultOf(join(folder, 'run'))) !== wanted) tally.add('lost', 'the last run has another result');
  else tally.add('right');
  const left = (await readdir(folder, { recursive: true })).filter(
    (name) => /\.sp-|\.training|\.tmp$/.test(name) && !/\.sp-hls-files$/.test(name),
  );
  if (left.length > 0) tally.add('lost', `leftovers: ${left.join(', ')}`);
  return tally.row();
}

/** Everything that must be the same, as text: times are left out. */
async function resultOf(run: string): Promise<string> {
  const { history, bestEpoch } = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as {
    history: Record<string, number>[];
    bestEpoch: number;
  };
  const files = [
    'graph.json',
    'graph.bin',
    'firmware/project.json',
    'firmware/firmware/digits.cpp',
    'pictures/network.svg',
  ];
  const contents = await Promise.all(files.map((file) => readFile(join(run, file), 'base64')));
  const model = JSON.parse(await readFile(join(run, 'model', 'model.json'), 'utf8')) as { weightsSha256: string };
  await readFile(join(run, 'report.html'));
  return JSON.stringify([bestEpoch, history.map(({ seconds: _, ...rest }) => rest), contents, model.weightsSha256]);
}

function runOnce(folder: string, out: string, resume: boolean, killAfter?: number) {
  const words = [...WORDS, out, ...(resume ? ['--resume'] : [])];
  // Training options are those of the training that goes on.
  const given = resume ? words.filter((word, j) => word !== '--epochs' && words[j - 1] !== '--epochs') : words;
  const child = spawn(process.execPath, [PROGRAM, ...given], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (data) => {
    err += data;
  });
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise<{ code: number | null; signal: NodeJS.Signals | null; err: string }>((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, err });
    });
  });
}
