import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OptionError } from '../option-error.ts';
import { openJournal } from './journal.ts';
import { bayesianSampler } from './samplers/bayesian-sampler.ts';
import { hyperbandSampler } from './samplers/hyperband-sampler.ts';
import { manualSampler } from './samplers/manual-sampler.ts';
import { randomSampler } from './samplers/random-sampler.ts';
import { choice, type Point, pointCount, real, type Space, whole } from './space.ts';
import type { Sampler, Trial } from './trial.ts';
import { type TuneOptions, tune } from './tune.ts';

/** Functions whose lowest value is known; 0 after subtraction. */
const functions: readonly (readonly [string, Space, (point: Point) => number])[] = [
  ['a bowl', { x: real(-5, 10), y: real(-5, 10) }, ({ x, y }) => (Number(x) - 3) ** 2 + 2 * (Number(y) + 1) ** 2],
  [
    "Branin's",
    { x: real(-5, 10), y: real(0, 15) },
    ({ x, y }) => {
      const [a, b] = [Number(x), Number(y)];
      const first = b - (5.1 * a * a) / (4 * Math.PI ** 2) + (5 * a) / Math.PI - 6;
      return first ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10 - 0.397887;
    },
  ],
  [
    'strengths of two regularisers, a rate and a kind',
    {
      alpha: choice(Array.from({ length: 16 }, (_, k) => 10 ** (-6 + (4 * k) / 15))),
      beta: choice(Array.from({ length: 16 }, (_, k) => 10 ** (-6 + (4 * k) / 15))),
      rate: real(1e-4, 1e-1, { scale: 'log' }),
      units: whole(1, 64, { scale: 'log' }),
      kind: choice(['adam', 'sgd', 'rmsprop']),
    },
    ({ alpha, beta, rate, units, kind }) =>
      (Math.log10(Number(alpha)) + 3.3) ** 2 +
      (Math.log10(Number(beta)) + 4.7) ** 2 +
      2 * (Math.log10(Number(rate)) + 2) ** 2 +
      (Math.log2(Number(units)) - 4) ** 2 / 4 +
      (kind === 'sgd' ? 0 : 1),
  ],
];

/** The lowest value that a search of 40 trials finds. */
async function lowest(sampler: Sampler, space: Space, of: (point: Point) => number, seed: number): Promise<number> {
  const { best } = await tune({ space, sampler, direction: 'min', trials: 40, seed, run: ({ point }) => of(point) });
  return best?.value ?? Number.NaN;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sp-tune-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('samplers', () => {
  it.each(functions)('the Bayesian one finds %s lower than the random one, over 20 seeds', async (_, space, of) => {
    let wins = 0;
    const logs = { bayesian: 0, random: 0 };
    for (let seed = 0; seed < 20; seed++) {
      const bayesian = await lowest(bayesianSampler(), space, of, seed);
      const random = await lowest(randomSampler(), space, of, seed);
      wins += bayesian < random ? 1 : 0;
      logs.bayesian += Math.log(bayesian) / 20;
      logs.random += Math.log(random) / 20;
    }
    expect(wins).toBeGreaterThanOrEqual(16);
    expect(logs.bayesian).toBeLessThan(logs.random - Math.log(2));
  });

  it('the Bayesian one begins with the defaults, tries nothing twice, and ends with the space', async () => {
    const space = { a: choice([1, 2, 4, 8], { default: 4 }), b: choice(['x', 'y'], { default: 'y' }) };
    for (const sampler of [bayesianSampler({ startup: 2 }), randomSampler()]) {
      const { trials, stopped } = await tune({ space, sampler, direction: 'max', run: ({ point }) => Number(point.a) });
      expect([trials.length, stopped]).toEqual([8, 'finished']);
      expect(new Set(trials.map(({ point }) => `${point.a}${point.b}`)).size).toBe(8);
      if (sampler.name === 'Bayesian') expect(trials[0].point).toEqual({ a: 4, b: 'y' });
    }
  });

  it('a Bayesian search goes on when trials fail, and keeps away from where they did', async () => {
    const { best, trials } = await tune({
      space: { x: real(0, 1) },
      sampler: bayesianSampler(),
      direction: 'max',
      trials: 40,
      run: ({ point: { x } }) => (Number(x) > 0.5 ? { value: Number.NaN, reason: 'too far' } : Number(x)),
    });
    expect(best?.value).toBeGreaterThan(0.45);
    const failed = trials.filter(({ value }) => value === null);
    expect(failed.every(({ reason, point }) => reason === 'too far' && Number(point.x) > 0.5)).toBe(true);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(20);
  });

  it('Hyperband gives few epochs to many, and more to the best, which go on from where they were', async () => {
    const space = { x: real(0, 1) };
    const runs: string[] = [];
    const { trials, best } = await tune({
      space,
      sampler: hyperbandSampler({ maxEpochs: 9 }),
      direction: 'max',
      run: ({ number, point, epochs = 0, from }) => {
        runs.push(`${number}: ${epochs}${from === undefined ? '' : ` from ${from}`}`);
        return Number(point.x) * (1 - 0.5 ** epochs);
      },
    });
    const epochs = trials.map((trial) => trial.epochs);
    // Brackets of 9 → 3 → 1, 5 → 1 and 3 trials with 1, 3, 9 epochs (Li et al. 2018, table 1, for R = 9).
    expect(epochs).toEqual([...Array(9).fill(1), ...Array(3).fill(3), 9, ...Array(5).fill(3), 9, ...Array(3).fill(9)]);
    const first = [...trials.slice(0, 9)].sort((a, b) => Number(b.value) - Number(a.value)).map(({ number }) => number);
    expect(trials.slice(9, 12).map(({ from }) => from)).toEqual(first.slice(0, 3));
    expect(trials[12].from).toBe(9);
    expect(trials[12].point).toEqual(trials[first[0]].point);
    expect(best?.epochs).toBe(9);
    expect(runs).toHaveLength(22);
  });

  it('Hyperband lets nothing go on that failed', async () => {
    const { trials } = await tune({
      space: { x: real(0, 1) },
      sampler: hyperbandSampler({ maxEpochs: 9, iterations: 2 }),
      direction: 'max',
      seed: 3,
      run: ({ number, point }) => (number % 9 < 7 ? Number.NaN : Number(point.x)),
    });
    const failed = trials.filter(({ value }) => value === null).map(({ number }) => number);
    expect(trials.filter(({ from }) => from !== undefined && failed.includes(from))).toEqual([]);
  });

  it('the manual one tries its list', async () => {
    const points = [{ x: 1 }, { x: 3 }, { x: 2 }];
    const sampler = manualSampler(points);
    const run = ({ point }: { point: Point }): number => Number(point.x);
    const { best, trials } = await tune({ space: { x: whole(1, 3) }, sampler, direction: 'max', run });
    expect(trials.map(({ point }) => point)).toEqual(points);
    expect(best).toEqual({ number: 1, point: { x: 3 }, value: 3 });
  });

  it('depends on the seed, and on nothing else', async () => {
    const search = async (seed: number): Promise<readonly Trial[]> => {
      const [, space, of] = functions[2];
      const sampler = bayesianSampler();
      const { trials } = await tune({
        space,
        sampler,
        direction: 'min',
        trials: 12,
        seed,
        run: ({ point }) => of(point),
      });
      return trials;
    };
    const one = await search(1);
    expect(await search(1)).toEqual(one);
    expect(await search(2)).not.toEqual(one);
  });
});

const settings = (journal: string, more: Partial<TuneOptions> = {}): TuneOptions => ({
  space: functions[2][1],
  sampler: bayesianSampler(),
  direction: 'min',
  trials: 14,
  seed: 5,
  settings: { data: 'digits' },
  run: ({ point, number }) => ({ value: number === 3 ? Number.NaN : functions[2][2](point), more: { number } }),
  journal,
  ...more,
});

describe('parameters that exist only beside values of others', () => {
  const when = (...is: number[]): { when: { parameter: string; is: number[] } } => ({
    when: { parameter: 'layers', is },
  });
  const space: Space = {
    layers: whole(1, 3),
    units1: choice([8, 16]),
    units2: choice([4, 8, 12], when(2, 3)),
    rate2: choice(['slow', 'fast'], when(3)),
  };

  it('are counted, tried, and left out', async () => {
    expect(pointCount(space)).toBe(2 + 2 * 3 + 2 * 3 * 2);
    for (const sampler of [randomSampler(), bayesianSampler({ startup: 4 })]) {
      const { trials } = await tune({
        space,
        sampler,
        direction: 'max',
        run: ({ point }) => Number(point.layers) + Number(point.units2 ?? 0),
      });
      expect(trials).toHaveLength(20);
      for (const { point } of trials) {
        expect(Object.keys(point)).toEqual(Object.keys(space).slice(0, Number(point.layers) + 1));
      }
    }
  });

  it('are checked', async () => {
    const bad = (more: Space, points: readonly Point[] = [{}]): Promise<unknown> =>
      tune({ space: { ...space, ...more }, sampler: manualSampler(points), direction: 'max', run: () => 1 });
    const one = (parameter: string, is: readonly number[]): Space => ({
      late: choice([1, 2], { when: { parameter, is } }),
    });
    await expect(bad(one('late', [1]))).rejects.toThrow(
      "when.parameter 'late' stands not before it in the space; it can be",
    );
    await expect(bad(one('layers', []))).rejects.toThrow("when.is names no value of 'layers'");
    await expect(bad(one('layers', [7]))).rejects.toThrow("when.is holds 7, but 'layers' is a whole number in 1 … 3");
    await expect(
      bad({ rate: real(0, 1), late: choice([1], { when: { parameter: 'rate', is: [0] } }) }),
    ).rejects.toThrow("'rate' is a real number");
    await expect(bad({}, [{ layers: 1, units1: 8, units2: 4 }])).rejects.toThrow(
      "'units2' exists only when 'layers' is one of 2, 3; leave it out",
    );
    await expect(bad({}, [{ layers: 2, units1: 8 }])).rejects.toThrow("no value for parameter 'units2'");
  });
});

describe('the journal', () => {
  it('makes a search that was killed at any byte give what an undisturbed one does', async () => {
    const file = join(folder, 'whole.jsonl');
    const whole = await tune(settings(file));
    const bytes = await readFile(file);
    const lines = bytes.toString().split('\n').length - 1;
    expect(lines).toBe(15);
    const again = await tune(settings(file, { run: () => expect.unreachable('all trials are in the journal') }));
    expect(again).toEqual(whole);
    const cut = join(folder, 'cut.jsonl');
    const ends = [bytes.indexOf('\n') + 1, bytes.lastIndexOf('\n', -2) + 1];
    const sizes = [0, 1, 700, 1500, bytes.length - 1, ...ends.flatMap((end) => [end - 1, end, end + 1])];
    for (const size of sizes) {
      await writeFile(cut, bytes.subarray(0, size));
      let run = 0;
      const resumed = await tune(settings(cut, { onTrial: () => run++ }));
      expect(resumed).toEqual(whole);
      expect(run).toBe(14 - Math.max(0, bytes.subarray(0, size).toString().split('\n').length - 2));
      expect(await readFile(cut)).toEqual(bytes);
    }
  });

  it('goes on after an abort and an error, and further when more trials are asked for', async () => {
    const whole = await tune(settings(join(folder, 'long.jsonl'), { trials: 20 }));
    const file = join(folder, 'stopped.jsonl');
    const abort = new AbortController();
    const onTrial = ({ number }: Trial): void => (number === 4 ? abort.abort() : undefined);
    const first = await tune(settings(file, { signal: abort.signal, onTrial }));
    expect([first.stopped, first.trials.length]).toEqual(['aborted', 5]);
    const run: TuneOptions['run'] = (trial) => {
      if (trial.number === 9) throw new Error('power cut');
      return settings(file).run(trial);
    };
    await expect(tune(settings(file, { run }))).rejects.toThrow('power cut');
    await tune(settings(file));
    expect(await tune(settings(file, { trials: 20 }))).toEqual(whole);
  });

  it('is refused by searches of other settings, when it is damaged, and while another search writes it', async () => {
    const file = join(folder, 'other.jsonl');
    await tune(settings(file));
    const refused = (more: Partial<TuneOptions>): Promise<unknown> => tune(settings(file, more));
    await expect(refused({ seed: 6 })).rejects.toThrow(/other\.jsonl' was begun with seed 5, not 6; give what/);
    await expect(refused({ settings: {} })).rejects.toThrow('was begun with data "digits", not none');
    await expect(refused({ sampler: randomSampler() })).rejects.toThrow('was begun with sampler {"name":"Bayesian"');
    await expect(refused({ space: { x: real(0, 1) } })).rejects.toThrow('was begun with space');
    await expect(openJournal(file, 'pruning', {})).rejects.toThrow('has journal "tuning", not "pruning"');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"number":4', '"number":5'));
    await expect(refused({})).rejects.toThrow('is damaged in line 6: its checksum does not fit; cut the file off');
    await writeFile(file, text);
    await expect(
      refused({ trials: 15, run: () => tune(settings(file, { trials: 15 })).then(() => 0) }),
    ).rejects.toThrow('is being written by this process');
  });
});

describe('tune', () => {
  it('refuses what makes no sense', async () => {
    const bad = (more: Partial<TuneOptions>): Promise<unknown> =>
      tune({ space: { x: real(0, 1) }, sampler: randomSampler(), direction: 'max', trials: 2, run: () => 1, ...more });
    await expect(bad({ space: {} })).rejects.toThrow('the space has no parameters; give');
    await expect(bad({ direction: 'up' as 'max' })).rejects.toThrow("direction 'up' is none of max, min");
    await expect(bad({ trials: 0 })).rejects.toThrow('trials 0 is not a whole number ≥ 1');
    await expect(bad({ trials: undefined } as unknown as Partial<TuneOptions>)).rejects.toThrow(
      "'random' does not end of itself here; say how many",
    );
    await expect(bad({ seed: 0.5 })).rejects.toThrow('seed 0.5 is not a whole number');
    await expect(bad({ runs: 3 } as Partial<TuneOptions>)).rejects.toThrow(
      "unknown option 'runs', did you mean 'run'?",
    );
    await expect(bad({ sampler: manualSampler([{ y: 1 }]) })).rejects.toThrow("'y' is no parameter; they are x");
    await expect(bad({ sampler: manualSampler([{ x: 2 }]) })).rejects.toThrow('x 2 is not a real number in 0 … 1');
    await expect(bad({ sampler: manualSampler([{}]) })).rejects.toThrow("no value for parameter 'x'");
    expect(() => choice([])).toThrow(OptionError);
    expect(() => choice([1, 1])).toThrow('a value stands twice in the list');
    expect(() => choice([Number.NaN])).toThrow('NaN is no finite number, text or boolean');
    expect(() => choice([1, 2], { default: 3 })).toThrow('the default 3 is not one of 1, 2');
    expect(() => real(1, 0)).toThrow('1 … 0 is no range');
    expect(() => real(0, 1, { scale: 'log' })).toThrow("scale 'log' needs numbers > 0, not 0");
    expect(() => whole(0.5, 2)).toThrow('the ends 0.5 and 2 are not whole numbers');
    expect(() => bayesianSampler({ startup: 0 })).toThrow('startup 0 is not a whole number ≥ 1');
    expect(() => hyperbandSampler({ maxEpochs: 9, factor: 1 })).toThrow('factor 1 is not a whole number ≥ 2');
  });
});
