import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, program, runProgram } from './child.ts';
import { blobs, npy, npz } from './npz.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sp-cli-'));
  await writeFile(join(folder, 'blobs.npz'), blobs(90));
  await writeFile(
    join(folder, 'flat.npz'),
    npz({ x: npy('<f4', [4, 64], new Float32Array(256)), y: npy('<i4', [4], new Int32Array(4)) }),
  );
  await writeFile(
    join(folder, 'dark.npz'),
    npz({ x: npy('<f4', [4, 8, 8], new Float32Array(256).fill(-0.5)), y: npy('<i4', [4], Int32Array.of(0, 1, 0, 1)) }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the program in `folder`; `stopAt` stops it by SIGTERM when it has written that text to standard error. */
function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stopAt?: string,
): Promise<Ended> {
  return runProgram(folder, words, environment, stopAt === undefined ? undefined : { at: stopAt, signal: 'SIGTERM' });
}

const exists = (...path: string[]): Promise<boolean> =>
  access(join(folder, ...path)).then(
    () => true,
    () => false,
  );

const small = ['--data', 'npz', 'blobs.npz', '--epochs', '2', '--n', '10'];

describe('sp-example', () => {
  it('goes the whole way, and exports again with other factors', async () => {
    const whole = await run([...small, '--out', 'runs/all']);
    expect(whole.err).toContain('epoch 2/2');
    expect(whole.code).toBe(0);
    expect(whole.out).toMatch(
      /views compared +tfjs, interpreter, C\+\+\n +layers × images +9 × 18\n +mismatching codes +0\n/,
    );
    const files = [
      'model/model.json',
      'graph.json',
      'graph.bin',
      'report.md',
      'report.html',
      'run.json',
      'firmware/build_prj.tcl',
    ];
    const pictures = ['history', 'reduced-examples', 'bit-widths', 'network'].flatMap((name) => [
      `pictures/${name}.svg`,
      `pictures/${name}.png`,
    ]);
    for (const file of [...files, ...pictures]) expect([file, await exists('runs/all', file)]).toEqual([file, true]);

    const before = await readFile(join(folder, 'runs/all/firmware/project.json'), 'utf8');
    const again = await run(['export', '--out', 'runs/all', '--reuse-factor', '2', '--rtl', '3']);
    expect([again.code, again.err]).toEqual([0, expect.not.stringContaining('epoch')]);
    expect(again.out).toMatch(/Verilog: clocks from image to result +\d+, an image every 3\n/);
    expect(again.out).toMatch(/Verilog: mismatching numbers +0 of [\d,]+ in all nodes, 78 images\n/);
    const { interval } = JSON.parse(await readFile(join(folder, 'runs/all/rtl/design.json'), 'utf8')) as {
      interval: number;
    };
    expect(interval).toBe(3);
    expect(await readFile(join(folder, 'runs/all/report.md'), 'utf8')).toContain('Verilog: LUTs by estimate');
    expect(again.out).toMatch(/layers × images +9 × 18\n +mismatching codes +0\n/);
    expect(await readFile(join(folder, 'runs/all/firmware/project.json'), 'utf8')).not.toBe(before);

    const illegal = await run(['export', '--out', 'runs/all', '--reuse-factor', '5']);
    expect([illegal.code, illegal.err]).toEqual([
      2,
      expect.stringContaining('--reuse-factor 5: does not fit the dense layers'),
    ]);
    expect(await readdir(join(folder, 'runs'))).toEqual(['all']);

    for (const spoil of [(file: string) => truncate(file, 100), (file: string) => rm(file)]) {
      await spoil(join(folder, 'runs/all/model/model.json'));
      const { code, err } = await run(['export', '--out', 'runs/all']);
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(
          /^sp-example: --out runs\/all: its model\/ cannot be read \(.*\); train again: sp-example train --out runs\/all\n$/,
        ),
      ]);
    }
  });

  it('says nothing when its reader leaves early', async () => {
    const child = spawn(process.execPath, [program, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, err]).toEqual([0, '']);
  });

  it('says that there is no compiler, does everything else and ends with 3', async () => {
    const { code, out } = await run([...small, '--out', 'no-compiler'], { CXX: 'no-such-compiler' });
    expect(code).toBe(3);
    expect(out).toContain('no C++ compiler: tried no-such-compiler');
    expect(out).toMatch(/views compared +tfjs, interpreter\n +layers × images +9 × 18\n +mismatching codes +0\n/);
    expect(await exists('no-compiler/firmware/build_lib.sh')).toBe(true);
  });

  it('leaves nothing behind when it is stopped before its first epoch has ended', async () => {
    const words = ['--data', 'npz', 'blobs.npz', '--n', '10', '--epochs', '5000', '--out', 'stopped'];
    const { code, err } = await run(words, {}, 'training on');
    expect([code, err.trimEnd().split('\n').at(-1)]).toEqual([130, 'sp-example: interrupted; nothing was written']);
    expect((await readdir(folder)).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  it('leaves a folder alone that only looks like a training of its own', async () => {
    await mkdir(join(folder, 'mine.training'));
    await writeFile(join(folder, 'mine.training', 'training.json'), '{"coach":"me"}');
    const { code, err } = await run([...small, '--out', 'mine']);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('mine.training, where the training would be kept, holds something else'),
    ]);
    expect(await readFile(join(folder, 'mine.training', 'training.json'), 'utf8')).toBe('{"coach":"me"}');
  });

  it('explains itself', async () => {
    const { code, out, err } = await run(['--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Examples\n  sp-example\n');
  });

  it.each([
    [['--n', '0'], '--n 0: not a whole number from 1 to 4096'],
    [
      ['--reuse-factor', '7'],
      '--reuse-factor 7: does not fit the dense layers (dense1 196 × 24, dense2 24 × 10); legal for all of them: 1, 2',
    ],
    [['--data', 'npz', 'missing.npz'], '--data npz: missing.npz: file: no such file; check the path'],
    [['--data', 'npz', 'flat.npz'], "--data npz: flat.npz: array 'x': shape [4, 64], expected [count, height, width]"],
    [['--data', 'npz', 'dark.npz'], '--data: no training pixel is above 0 (largest -0.5)'],
    [['--data', 'mnist-idx', 'missing'], '--data mnist-idx: missing: train-images-idx3-ubyte: no such file'],
    [['--threshold', '1'], '--threshold 1: no training pixel exceeds it; the brightest is 1, give less'],
    [['--n', '8', '--parallelization-factor', '9'], '--parallelization-factor 9: more than the 8 pixels of --n'],
    [['--data', 'npz', 'blobs.npz', '--n', '65'], '--n 65: the images have only 8 × 8 pixels; give at most 64'],
    [['--out', 'blobs.npz'], '--out blobs.npz: is no folder'],
    [['--out', '.'], '--out .: holds something else than a run of sp-example'],
    [['export', '--out', 'nowhere'], '--out nowhere: holds no run'],
    [
      ['--resume', '--out', 'nowhere'],
      '--resume --out nowhere: no interrupted training (no nowhere.training/training.json)',
    ],
    [['--colour'], '--colour: unknown option'],
  ])('refuses %j in one line, with exit code 2 and without a trace', async (words, message) => {
    const before = await readdir(folder);
    const { code, out, err } = await run(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`sp-example: ${message}`);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(before);
  });
});
