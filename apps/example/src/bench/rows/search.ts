import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealed } from '@sp/quant/files';
import { choice, float, integer, makeSampler, openStudy, runStudy, type StudySettings, type Trial } from '@sp/search';
import { randomSource } from '@sp/train';
import { type BenchGroup, medianMilliseconds, type Report, secondsOnce } from '../row.ts';
import { twoProcesses } from '../two-processes.ts';

const space = {
  ...Object.fromEntries(Array.from({ length: 8 }, (_, j) => [`x${j}`, float(0, 1)])),
  kind: choice(['a', 'b', 'c']),
  size: integer(1, 64),
};
const objectives = [
  { metric: 'gain', direction: 'max' },
  { metric: 'cost', direction: 'min' },
  { metric: 'time', direction: 'min' },
] as const;

/** Studies: what looking after them costs, and what a second worker brings. */
export const search: BenchGroup = {
  name: 'search',
  about: 'overheads of studies, and two workers against one',
  run: async (report) => {
    suggestions(report, await trialsOf(2000));
    await loading(report, await trialsOf(10_000));
    await throughput(report);
  },
};

/** Trials with random points and results. */
async function trialsOf(count: number): Promise<readonly Trial[]> {
  const random = randomSource(count);
  const sampler = makeSampler({ kind: 'random' }, { space, objectives, constraints: [], seed: 1 });
  const trials: Trial[] = [];
  for (let number = 0; number < count; number++) {
    const point = sampler.next(number, { ended: [], points: [] });
    if (point === null) throw new Error('the space is used up');
    const metrics = { gain: random.unit(), cost: random.unit(), time: random.unit() };
    trials.push({ number, point, state: 'finished', metrics, rungs: [{ epochs: 3, metrics }], seconds: 1 });
  }
  return trials;
}

function suggestions(report: Report, trials: readonly Trial[]): void {
  const history = { ended: trials, points: trials.map(({ point }) => point) };
  for (const kind of ['tpe', 'nsga2', 'halton'] as const) {
    const times = Array.from({ length: 7 }, () => {
      const sampler = makeSampler({ kind }, { space, objectives, constraints: [], seed: 1 });
      // As in a study that has been going on: the trials before the last one were seen.
      sampler.next(trials.length - 1, { ended: trials.slice(0, -1), points: history.points.slice(0, -1) });
      const start = performance.now();
      sampler.next(trials.length, history);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    report({
      name: `a suggestion of ${kind} after ${trials.length} trials, 3 objectives`,
      value: times[times.length >> 1],
      unit: 'ms',
      note: 'goal: < 50 ms',
    });
  }
}

async function loading(report: Report, trials: readonly Trial[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sp-bench-search-'));
  try {
    await (await openStudy(folder, { space, objectives, trials: trials.length })).close();
    const lines = trials.flatMap(({ number, point, seconds, ...outcome }) => [
      sealed({ claim: number, point, owner: 'nobody', at: 0 }),
      sealed({ result: number, ...outcome, seconds }),
    ]);
    await appendFile(join(folder, 'study.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
    const load = async (): Promise<void> => {
      const study = await openStudy(folder, null);
      if (study.trials.length !== trials.length) throw new Error(`${study.trials.length} trials were loaded`);
      await study.close();
    };
    const milliseconds = await medianMilliseconds(load);
    report({ name: `loading ${trials.length} trials`, value: milliseconds / 1000, unit: 's', note: 'goal: < 1 s' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Trials per second of one worker and of two, the start of the processes included, and what two processes can reach here. */
async function throughput(report: Report): Promise<void> {
  const settings: StudySettings = {
    space: { filters1: integer(2, 4), units1: integer(8, 24) },
    objectives: [{ metric: 'valAccuracy', direction: 'max' }],
    sampler: { kind: 'halton' },
    trials: 48,
    problem: { settings: { data: 'digits', epochs: 24 } },
  };
  const root = await mkdtemp(join(tmpdir(), 'sp-bench-search-'));
  const rate = async (workers: number): Promise<number> => {
    const folder = join(root, `${workers}`);
    const { seconds } = await secondsOnce(() => runStudy({ folder, settings, workers, say: () => {} }));
    return settings.trials / seconds;
  };
  try {
    const before = await twoProcesses();
    const [one, two] = [await rate(1), await rate(2)];
    const most = (before + (await twoProcesses())) / 2;
    report({ name: 'digits networks, 24 epochs, one worker', value: one, unit: 'trials/s' });
    report({
      name: 'digits networks, 24 epochs, two workers',
      value: two,
      unit: 'trials/s',
      note: `${(two / one).toFixed(2)} × one worker; goal: ≥ 1.7; two pure loops reach ${most.toFixed(2)} × one here`,
      more: { ratio: two / one, most },
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
