import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { removeFolder } from '@sp/quant/files';
import { didYouMean } from '@sp/quant/suggest';
import { SearchError } from '../errors.ts';
import { paretoTrials } from '../objectives/objectives.ts';
import type { StudySettings } from '../study/settings.ts';
import { openStudy, type Study } from '../study/study.ts';
import type { Task, Trial } from '../study/trial.ts';
import { localRunner } from './local-runner.ts';
import type { Problem } from './problem.ts';
import type { Runner } from './runner.ts';
import { trialFolder } from './trial-folder.ts';
import { workerPool } from './worker-pool.ts';

/** A study and who works on it. */
export interface RunStudyOptions {
  /** Folder of the study (path or `file:` URL); made when absent. */
  readonly folder: string | URL;
  readonly settings: StudySettings;
  /** Worker processes of this machine. Default: as many as cores. */
  readonly workers?: number;
  /** Does the trials in this process, in the place of workers that load `settings.problem`. */
  readonly problem?: Problem;
  /** Does the trials elsewhere, e.g. `redisRunner`; it is closed at the end. */
  readonly runner?: Runner;
  /** Ends the study; what was at work goes on from its last rung when the same call is made again. */
  readonly signal?: AbortSignal;
  /** Told of every trial that has ended here. */
  readonly onTrial?: (trial: Trial) => void;
  /** Receives lines, e.g. of workers that were lost. Default `console.warn`. */
  readonly say?: (line: string) => void;
}

/** What a study found. */
export interface StudyResult {
  /** By number. */
  readonly trials: readonly Trial[];
  /** Those that no other beats and that keep all constraints. */
  readonly front: readonly Trial[];
  readonly stopped: 'finished' | 'aborted';
}

const NAMES = Object.keys({
  folder: 0,
  settings: 0,
  workers: 0,
  problem: 0,
  runner: 0,
  signal: 0,
  onTrial: 0,
  say: 0,
} satisfies Record<keyof RunStudyOptions, 0>);

/** Milliseconds between two looks at what other processes have done. */
const PATIENCE = 100;

/**
 * Runs a study to its end, or goes on with it. May be killed at any moment, and called by several processes of a machine at the same time on the same folder: no
 * trial is done twice, and the trials are the same as if nothing had happened.
 *
 * @throws SearchError, OptionError and FileError as `openStudy`; SearchError when the problem cannot be loaded or fails for another reason than its point
 * @example
 * const { front } = await runStudy({
 *   folder: 'runs/study',
 *   settings: {
 *     space: { n: integer(8, 32), filters1: integer(1, 8), units1: choice([8, 16, 32]) },
 *     objectives: [{ metric: 'valAccuracy', direction: 'max' }, { metric: 'lut', direction: 'min' }],
 *     constraints: [{ metric: 'latencyNs', most: 300 }],
 *     trials: 100,
 *     problem: { settings: { data: 'digits', epochs: 30 } },
 *   },
 * });
 */
export async function runStudy(options: RunStudyOptions): Promise<StudyResult> {
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw new SearchError(`runStudy: unknown option '${name}'${didYouMean(name, NAMES)}`);
  }
  const { folder, settings, problem, signal, onTrial, say = console.warn } = options;
  const { workers = availableParallelism() } = options;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new SearchError(`runStudy: workers ${workers} is not a whole number ≥ 1`);
  }
  let study: Study | undefined;
  let runner = options.runner;
  try {
    study = await openStudy(folder, settings);
    problem?.check?.(study.settings);
    if (await hasEnded(study)) return await closing(study);
    const { lag } = study.settings;
    runner ??= problem === undefined ? await workerPool(study.settings, workers, say) : localRunner(problem, say);
    if (runner.capacity > lag + 1) {
      say(`${runner.capacity} workers, but a lag of ${lag} lets only ${lag + 1} trials be at work: give a larger lag`);
    }
    const stopped = await work(study, runner, signal, onTrial);
    return stopped === 'aborted' ? resultOf(study, stopped) : await closing(study);
  } finally {
    await runner?.close();
    await study?.close();
  }
}

/** Takes and runs trials until there is none left. */
async function work(
  study: Study,
  runner: Runner,
  signal: AbortSignal | undefined,
  onTrial: RunStudyOptions['onTrial'],
): Promise<StudyResult['stopped']> {
  const atWork = new Set<Promise<void>>();
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal?.aborted) resolve('aborted');
    signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  let failure: unknown;
  const one = async (task: Task): Promise<void> => {
    const folder = trialFolder(study.folder, task.number);
    const { outcome, seconds } = await runner.run(task, folder);
    await study.end(task.number, outcome, seconds);
    await runner.done?.(task);
    // Without a result there is nothing to keep.
    if (outcome.state !== 'finished') await removeFolder(folder);
    onTrial?.({ number: task.number, point: task.point, ...outcome, seconds });
  };
  for (;;) {
    if (signal?.aborted) return 'aborted';
    if (failure !== undefined) throw failure;
    const task = atWork.size < runner.capacity ? await study.take() : 'wait';
    if (task === null && atWork.size === 0) return 'finished';
    if (task !== null && task !== 'wait') {
      const job = one(task).catch((error: unknown) => {
        failure ??= error;
      });
      atWork.add(job);
      job.finally(() => atWork.delete(job));
      continue;
    }
    // Others may end what is waited for; while all are busy here that does not matter.
    const others = atWork.size < runner.capacity ? [pause(PATIENCE)] : [];
    await Promise.race([...atWork, aborted, ...others]);
  }
}

async function hasEnded(study: Study): Promise<boolean> {
  await study.refresh();
  return study.trials.length >= study.settings.trials;
}

function resultOf({ trials, settings }: Study, stopped: StudyResult['stopped']): StudyResult {
  return { trials, front: paretoTrials(trials, settings), stopped };
}

/** Keeps what is left of the best only. */
async function closing(study: Study): Promise<StudyResult> {
  await study.refresh();
  const result = resultOf(study, 'finished');
  const best = new Set(result.front.map(({ number }) => number));
  for (const { number } of result.trials) {
    if (!best.has(number)) await removeFolder(trialFolder(study.folder, number));
  }
  return result;
}
