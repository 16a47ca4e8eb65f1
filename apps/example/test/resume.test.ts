import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './child.ts';
import { blobs } from './npz.ts';

const epochs = 36;
const words = ['train', '--data', 'npz', 'blobs.npz', '--epochs', `${epochs}`, '--n', '10', '--seed', '4'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sp-resume-'));
  await writeFile(join(folder, 'blobs.npz'), blobs(90));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a training has left: its loss curve (without times) and the bytes of its weights. */
async function result(out: string): Promise<{ readonly curve: unknown; readonly weights: Buffer }> {
  const { history, bestEpoch } = JSON.parse(await readFile(join(folder, out, 'run.json'), 'utf8')) as {
    history: Record<string, number>[];
    bestEpoch: number;
  };
  const model = JSON.parse(await readFile(join(folder, out, 'model', 'model.json'), 'utf8')) as {
    weightsManifest: { paths: string[] }[];
  };
  const parts = model.weightsManifest.flatMap(({ paths }) => paths);
  const bytes = await Promise.all(parts.map((path) => readFile(join(folder, out, 'model', path))));
  return {
    curve: { bestEpoch, history: history.map(({ seconds: _, ...rest }) => rest) },
    weights: Buffer.concat(bytes),
  };
}

/** Epochs in the newest checkpoint of a training. */
async function kept(out: string): Promise<number> {
  const names = await readdir(join(folder, `${out}.training`, 'checkpoints'), { recursive: true });
  return Math.max(
    ...names
      .map((name) => basename(name))
      .filter((name) => /^epoch-\d+$/.test(name))
      .map((name) => Number(name.slice(6))),
  );
}

describe('sp-example --resume', () => {
  it('continues after kill -TERM and kill -KILL exactly as if there had been none', async () => {
    const whole = await runProgram(folder, [...words, '--out', 'whole']);
    expect([whole.code, whole.err]).toEqual([0, expect.stringContaining(`epoch ${epochs}/${epochs}`)]);
    const expected = await result('whole');
    expect(expected.weights.length).toBeGreaterThan(1000);

    const first = await runProgram(folder, [...words, '--out', 'killed'], {}, { at: 'epoch  6/36', signal: 'SIGTERM' });
    const done = await kept('killed');
    expect(done).toBeGreaterThanOrEqual(6);
    expect(done).toBeLessThan(epochs);
    expect([first.code, first.signal, first.err.trimEnd().split('\n').at(-1)]).toEqual([
      130,
      null,
      `sp-example: interrupted; ${done} of ${epochs} epochs are kept in killed.training. Go on with: sp-example train --resume --out killed`,
    ]);
    expect(await readdir(folder)).not.toContain('killed');

    const again = ['train', '--resume', '--out', 'killed'];
    const second = await runProgram(folder, again, {}, { at: 'epoch 21/36', signal: 'SIGKILL' });
    expect([second.code, second.signal]).toEqual([null, 'SIGKILL']);
    expect(second.err).toContain(`going on with epoch ${done + 1}/${epochs}\n`);
    expect(await kept('killed')).toBeGreaterThanOrEqual(20);
    expect(await kept('killed')).toBeLessThan(epochs);

    const third = await runProgram(folder, again);
    expect([third.code, third.err]).toEqual([0, expect.stringContaining(`epoch ${epochs}/${epochs}`)]);
    const resumed = await result('killed');
    expect(resumed.curve).toEqual(expected.curve);
    expect(resumed.weights.equals(expected.weights)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.includes('.training'))).toEqual([]);
  });

  it('refuses a damaged checkpoint in one line', async () => {
    const small = ['train', '--data', 'npz', 'blobs.npz', '--epochs', '2000', '--n', '10', '--out', 'damaged'];
    await runProgram(folder, small, {}, { at: 'epoch    1/2000', signal: 'SIGTERM' });
    const files = await readdir(join(folder, 'damaged.training'), { recursive: true });
    for (const file of files.filter((name) => name.endsWith('training.bin'))) {
      await writeFile(join(folder, 'damaged.training', file), 'x');
    }
    const { code, err } = await runProgram(folder, ['train', '--resume', '--out', 'damaged']);
    expect([code, err.trimEnd().split('\n').at(-1)]).toEqual([
      2,
      expect.stringMatching(
        /^sp-example: --resume --out damaged: .*training\.bin: no checkpoint, or cut short; use an older one$/,
      ),
    ]);
    await rm(join(folder, 'damaged.training'), { recursive: true });
  });

  it('keeps a finished training when the export is interrupted, and refuses other images', async () => {
    const all = ['--data', 'npz', 'blobs.npz', '--epochs', '3', '--n', '10', '--out', 'whole way'];
    const first = await runProgram(folder, all, {}, { at: 'writing and compiling', signal: 'SIGINT' });
    expect([first.code, first.err]).toEqual([
      130,
      expect.stringContaining(
        "3 of 3 epochs are kept in whole way.training. Go on with: sp-example --resume --out 'whole way'",
      ),
    ]);
    await writeFile(join(folder, 'blobs.npz'), blobs(100));
    const other = await runProgram(folder, ['--resume', '--out', 'whole way']);
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('have changed since the training began')]);
    await writeFile(join(folder, 'blobs.npz'), blobs(90));
    const second = await runProgram(folder, ['--resume', '--out', 'whole way']);
    expect([second.code, second.err]).toEqual([0, expect.not.stringContaining('epoch 1/3')]);
    expect(second.out).toMatch(/mismatching codes +0\n/);
    expect(await readdir(folder)).not.toContain('whole way.training');
  });
});
