import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hartmann6 } from '../../test/support/functions.ts';
import { float, PointError, type Problem, runStudy, SearchError, type StudySettings, type Trial } from '../index.ts';
import { openStudy, type Study } from './study.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-study-'));
});
afterAll(() => rm(root, { recursive: true }));

const settings: StudySettings = {
  space: hartmann6.space,
  objectives: hartmann6.objectives,
  trials: 24,
  sampler: { kind: 'tpe', startup: 5 },
  pruner: { kind: 'asha', minEpochs: 1, maxEpochs: 9, by: [{ metric: 'y', direction: 'min' }] },
  seed: 3,
  lag: 4,
};

/** A function that gets better with every epoch; some points are impossible. */
const problem: Problem = {
  async run({ point, number }, { rung }) {
    if (number % 11 === 10) throw new PointError('too far');
    const { y } = hartmann6.of(point);
    for (const epochs of [1, 3]) if (!rung(epochs, { y: y + 1 / epochs })) return {};
    return { y };
  },
};

/** Without what depends on the machine. */
const plain = (trials: readonly Trial[]): object[] => trials.map(({ seconds: _, ...rest }) => rest);

async function undisturbed(): Promise<object[]> {
  const { trials, front, stopped } = await runStudy({ folder: join(root, 'whole'), settings, problem });
  expect([trials.length, stopped, front.length]).toEqual([24, 'finished', 1]);
  expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(['finished', 'pruned', 'failed']));
  return plain(trials);
}

const lineCount = (text: string): number => text.split('\n').length - 1;

describe('a study', () => {
  it('is done once: the same call reads it', async () => {
    const whole = await undisturbed();
    const again = await runStudy({
      folder: join(root, 'whole'),
      settings,
      problem: { run: () => expect.unreachable() },
    });
    expect(plain(again.trials)).toEqual(whole);
    const journal = await readFile(join(root, 'whole', 'study.jsonl'), 'utf8');
    expect(lineCount(journal)).toBe(1 + 2 * 24);
  });

  it('that was cut off at any byte goes on to the same trials', async () => {
    const whole = await undisturbed();
    const bytes = await readFile(join(root, 'whole', 'study.jsonl'));
    const lines = bytes.toString().split('\n');
    const middle = Buffer.byteLength(`${lines.slice(0, 20).join('\n')}\n`);
    for (const size of [0, 1, 40, middle - 1, middle, middle + 1, middle + 90, bytes.length - 1]) {
      const folder = join(root, `cut-${size}`);
      await runStudy({ folder, settings: { ...settings, trials: 1 }, problem });
      await writeFile(join(folder, 'study.jsonl'), bytes.subarray(0, size));
      let run = 0;
      const counting: Problem = {
        run(task, context) {
          run++;
          return problem.run(task, context);
        },
      };
      const { trials } = await runStudy({ folder, settings, problem: counting });
      expect(plain(trials), `${size}`).toEqual(whole);
      const results = bytes
        .subarray(0, size)
        .toString()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.includes('"result":'));
      expect(run).toBe(24 - results.length);
    }
  });

  it('goes on after an abort, and further when more trials are asked for', async () => {
    const whole = await undisturbed();
    const folder = join(root, 'aborted');
    const abort = new AbortController();
    const onTrial = ({ number }: Trial): void => (number === 7 ? abort.abort() : undefined);
    const first = await runStudy({ folder, settings, problem, signal: abort.signal, onTrial });
    expect([first.stopped, first.trials.length]).toEqual(['aborted', 8]);
    expect(plain((await runStudy({ folder, settings: { ...settings, trials: 16 }, problem })).trials)).toEqual(
      whole.slice(0, 16),
    );
    expect(plain((await runStudy({ folder, settings, problem })).trials)).toEqual(whole);
  });

  it('is worked on by several at a time: every trial once, the same in all', async () => {
    const whole = await undisturbed();
    const folder = join(root, 'several');
    const done: number[] = [];
    const shared: Problem = {
      async run(task, context) {
        done.push(task.number);
        await new Promise((resolve) => setImmediate(resolve));
        return problem.run(task, context);
      },
    };
    const results = await Promise.all([1, 2, 3].map(() => runStudy({ folder, settings, problem: shared })));
    for (const { trials } of results) expect(plain(trials)).toEqual(whole);
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, j) => j));
  });

  it('gives a claim to the first of two, and that of somebody who is gone to the next', async () => {
    const folder = join(root, 'claims');
    const [a, b] = [await openStudy(folder, settings), await openStudy(folder, settings)];
    const taken = await Promise.all([a.take(), b.take(), a.take(), b.take()]);
    expect(taken.map((task) => (task as { number: number }).number).sort()).toEqual([0, 1, 2, 3]);
    const mine = taken[0] as { number: number };
    await a.close();
    const again = [await b.take(), await b.take()].map((task) => (task as { number: number }).number);
    expect(again).toContain(mine.number);
    // What is to be known for number 5 has not ended.
    expect(await b.take()).toMatchObject({ number: 4 });
    expect(await b.take()).toBe('wait');
    await b.close();
  });

  it('passes over what a killed writer has left in mid-line', async () => {
    const folder = join(root, 'torn');
    const file = join(folder, 'study.jsonl');
    const ended = async (study: Study): Promise<void> => {
      const task = await study.take();
      if (task === null || task === 'wait') return expect.unreachable();
      await study.end(task.number, { state: 'finished', metrics: { y: task.number }, rungs: [] }, 1);
    };
    const study = await openStudy(folder, settings);
    await ended(study);
    await appendFile(file, '{"sha256":"0123","result":1,"metr');
    await ended(study);
    expect(study.trials.map(({ number }) => number)).toEqual([0, 1]);
    await study.close();
    const again = await openStudy(folder, settings);
    expect(again.trials).toEqual(study.trials);
    await again.close();
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"y":1', '"y":2'));
    await expect(openStudy(folder, settings)).rejects.toThrow(/is damaged in line \d+: its checksum does not fit/);
    await truncate(file);
    await expect(openStudy(folder, null)).rejects.toThrow('is empty; name the folder of a study');
  });

  it('is refused under other settings, and where it was never begun', async () => {
    const folder = join(root, 'other');
    await (await openStudy(folder, settings)).close();
    const refused = (more: Partial<StudySettings>): Promise<unknown> => openStudy(folder, { ...settings, ...more });
    await expect(refused({ seed: 4 })).rejects.toThrow(/study\.jsonl' was begun with seed 3, not 4; give what/);
    await expect(refused({ space: { x: float(0, 1) } })).rejects.toThrow('was begun with space');
    await expect(openStudy(join(root, 'nowhere'), null)).rejects.toThrow(
      'does not exist; name the folder of a study that was begun',
    );
    const looked = await openStudy(folder, null);
    expect(looked.settings).toMatchObject({ seed: 3, lag: 4, sampler: { kind: 'tpe', startup: 5 } });
    await looked.close();
  });

  it('ends with an error that is none of a point, and goes on after it', async () => {
    const folder = join(root, 'error');
    const broken: Problem = {
      run: (task, context) => {
        if (task.number === 5) throw new Error('no disk');
        return problem.run(task, context);
      },
    };
    await expect(runStudy({ folder, settings, problem: broken })).rejects.toThrow('no disk');
    expect(plain((await runStudy({ folder, settings, problem })).trials)).toEqual(await undisturbed());
    const endless: Problem = { run: async () => ({ y: Number.NaN }) };
    const { trials } = await runStudy({
      folder: join(root, 'nan'),
      settings: { ...settings, trials: 2 },
      problem: endless,
    });
    expect(trials.map(({ state, reason }) => [state, reason])).toEqual(
      [0, 1].map((j) => ['failed', `trial ${j}: y is NaN`]),
    );
  });
});

describe('settings', () => {
  it.each([
    [{ trials: 0 }, 'trials 0 is not a whole number ≥ 1'],
    [{ lag: -1 }, 'lag -1 is not a whole number ≥ 0'],
    [{ seed: 0.5 }, 'seed 0.5 is not a whole number'],
    [{ trails: 3 }, 'unknown setting \'trails\', did you mean "trials"?'],
    [{ space: {} }, 'the space has no parameters'],
    [{ sampler: { kind: 'cma' } }, "sampler 'cma' is none of random, halton, tpe, nsga2"],
    [
      { sampler: { kind: 'tpe', population: 3 } },
      "the sampler tpe has no setting 'population'; it has startup, candidates",
    ],
    [{ sampler: { kind: 'nsga2', crossover: 2 } }, 'crossover 2 of the sampler nsga2 is not a share from 0 to 1'],
    [{ problem: { module: '' } }, 'problem.module  names no module'],
  ])('%j are refused', async (more, message) => {
    await expect(openStudy(join(root, 'bad'), { ...settings, ...more } as StudySettings)).rejects.toThrow(message);
  });

  it('of a call are checked', async () => {
    const call = (more: object): Promise<unknown> =>
      runStudy({ folder: join(root, 'bad'), settings, problem, ...more });
    await expect(call({ worker: 2 })).rejects.toThrow('unknown option \'worker\', did you mean "workers"?');
    await expect(call({ workers: 0 })).rejects.toThrow('workers 0 is not a whole number ≥ 1');
    await expect(call({ worker: 2 })).rejects.toThrow(SearchError);
  });
});
