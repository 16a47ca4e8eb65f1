import { holdFolder, nodeModules, pathOf } from '@sp/quant/files';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { type Journal, openJournal } from './journal.ts';
import { checkPoint, checkSpace, pointCount, type Space } from './space.ts';
import { type Direction, type Json, type Proposal, ranked, type Sampler, type Trial } from './trial.ts';

/** What came of a trial. */
export interface TrialOutcome {
  /** The number to make large or small. Not finite: the trial has failed. */
  readonly value: number;
  /** Why it failed. */
  readonly reason?: string;
  /** What else to remember, in the journal too. */
  readonly more?: Json;
}

/** A trial to be run. */
export interface PendingTrial extends Proposal {
  /** Counts from 0. */
  readonly number: number;
}

/** A search for the best point of a space. */
export interface TuneOptions {
  readonly space: Space;
  readonly sampler: Sampler;
  /** Whether values are to be large or small. */
  readonly direction: Direction;
  /**
   * Does the work of one trial. Whatever it throws ends the search; a value that is not finite is a failed trial, and the search goes on. After a kill
   * the trial that was running is run again, so that it has to give the same whatever a killed one has left.
   */
  readonly run: (trial: PendingTrial) => Promise<number | TrialOutcome> | number | TrialOutcome;
  /** Most trials; needed by samplers that do not end of themselves. Default: none. */
  readonly trials?: number;
  /** Default 0. */
  readonly seed?: number;
  /** File for the journal (Node; path or `file:` URL): trials that are in it are not run again. Default: none. */
  readonly journal?: string | URL;
  /** What else decides the values, for the journal: it is not gone on with under other settings. Default none. */
  readonly settings?: Readonly<Record<string, Json>>;
  /** Ends the search before the next trial. */
  readonly signal?: AbortSignal;
  /** Told of every trial when it is done and remembered; not of those that were in the journal. */
  readonly onTrial?: (trial: Trial, best: Trial | null) => void;
}

/** What a search found. */
export interface TuningResult {
  /** The best trial; of equal ones the first; null: all failed. */
  readonly best: Trial | null;
  readonly trials: readonly Trial[];
  /** `'finished'` or `'aborted'`. */
  readonly stopped: 'finished' | 'aborted';
}

const optionNames = Object.keys({
  space: 0,
  sampler: 0,
  direction: 0,
  run: 0,
  trials: 0,
  seed: 0,
  journal: 0,
  settings: 0,
  signal: 0,
  onTrial: 0,
} satisfies Record<keyof TuneOptions, 0>);

/**
 * Searches a space for the point with the best value, one trial after the other. The result depends on the options and the values only. With a journal, the
 * same call goes on after a kill, with the same result.
 *
 * @throws OptionError for senseless options; FileError for a journal that is of another search, damaged, or written by another process; what `run` throws
 * @example
 * const { best } = await tune({
 *   space: { rate: real(1e-4, 1e-1, { scale: 'log' }), units: choice([8, 16, 32]) },
 *   sampler: bayesianSampler(),
 *   direction: 'max',
 *   trials: 30,
 *   run: async ({ point }) => accuracyOf(await trained(point)),
 *   journal: 'runs/tuning.jsonl',
 * });
 */
export async function tune(options: TuneOptions): Promise<TuningResult> {
  checkOptionNames(options, optionNames, 'tune');
  const { space, sampler, direction, trials: most, seed = 0, journal: place, settings = {} } = options;
  checkSpace(space, 'tune');
  if (direction !== 'max' && direction !== 'min') {
    throw new OptionError(`tune: direction '${String(direction)}' is none of max, min`);
  }
  if (most !== undefined && (!Number.isInteger(most) || most < 1)) {
    throw new OptionError(`tune: trials ${most} is not a whole number ≥ 1`);
  }
  if (
    most === undefined &&
    ['random', 'Bayesian'].includes(sampler.name) &&
    pointCount(space) === Number.POSITIVE_INFINITY
  ) {
    throw new OptionError(`tune: the sampler '${sampler.name}' does not end of itself here; say how many trials`);
  }
  if (!Number.isInteger(seed)) throw new OptionError(`tune: seed ${seed} is not a whole number`);
  if (place === undefined) return search(options, null);
  const file = pathOf(place);
  const head = {
    ...settings,
    space: space as unknown as Json,
    sampler: { name: sampler.name, settings: sampler.settings },
    direction,
    seed,
  };
  const { fs, path } = nodeModules();
  await fs.mkdir(path.dirname(file), { recursive: true });
  return holdFolder(file, async () => {
    const journal = await openJournal<Trial>(file, 'tuning', head);
    try {
      return await search(options, journal);
    } finally {
      await journal.close();
    }
  });
}

async function search(options: TuneOptions, journal: Journal<Trial> | null): Promise<TuningResult> {
  const {
    space,
    sampler,
    direction,
    run,
    trials: most = Number.POSITIVE_INFINITY,
    seed = 0,
    signal,
    onTrial,
  } = options;
  const trials: Trial[] = [...(journal?.entries ?? [])].slice(0, most);
  const best = (): Trial | null => ranked(trials, direction)[0] ?? null;
  while (trials.length < most) {
    if (signal?.aborted) return { best: best(), trials, stopped: 'aborted' };
    const proposal = sampler.next(trials, { space, direction, seed });
    if (proposal === null) break;
    const pending = { number: trials.length, ...proposal };
    checkPoint(space, pending.point, `tune: trial ${pending.number} of the sampler '${sampler.name}'`);
    const outcome = await run(pending);
    // What an abort has cut short is no result.
    if (signal?.aborted) return { best: best(), trials, stopped: 'aborted' };
    const trial = trialOf(pending, typeof outcome === 'number' ? { value: outcome } : outcome);
    await journal?.append(trial);
    trials.push(trial);
    onTrial?.(trial, best());
  }
  return { best: best(), trials, stopped: 'finished' };
}

function trialOf(pending: PendingTrial, { value, reason, more }: TrialOutcome): Trial {
  const fine = Number.isFinite(value);
  return {
    ...pending,
    value: fine ? value : null,
    ...(!fine && { reason: reason ?? `its value is ${value}` }),
    ...(more !== undefined && { more }),
  };
}
