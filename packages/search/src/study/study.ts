import { join } from 'node:path';
import { newOwner, pathOf, retireOwner, stateOf } from '@sp/quant/files';
import type { Json, Point, SharedJournal } from '@sp/train/internal';
import { checkPoint, openSharedJournal, randomSource } from '@sp/train/tune';
import { SearchError } from '../errors.ts';
import { rungChecks } from '../pruner/pruner.ts';
import { makeSampler } from '../samplers/make-sampler.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { type StudySettings, type WholeSettings, wholeSettings } from './settings.ts';
import type { Outcome, Task, Trial } from './trial.ts';

/** A line of the journal: somebody takes a trial, or says what came of it. */
type Entry = Claim | Result;

interface Claim {
  readonly claim: number;
  readonly point: Point;
  /** Who works on it: a process. */
  readonly owner: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** The owner it is taken over from, who has ended. */
  readonly instead?: string;
}

interface Result extends Outcome {
  readonly result: number;
  readonly seconds: number;
}

/** A study in a folder. Several processes of a machine may have it open at a time. */
export interface Study {
  readonly folder: string;
  readonly settings: WholeSettings;
  /** Trials that have ended, by number. What others have done since is seen after `refresh`. */
  readonly trials: readonly Trial[];
  /** Looks at what other processes have done. */
  refresh(): Promise<void>;
  /**
   * Takes the next trial, for this process alone: one that nobody has or whose process has ended.
   *
   * @returns `'wait'` while what it is to be chosen from is at work, null when there is none left
   */
  take(): Promise<Task | 'wait' | null>;
  /** Says what came of a trial that was taken; on the disk when it returns. */
  end(number: number, outcome: Outcome, seconds: number): Promise<void>;
  /** Gives up what was taken, so that others may have it at once. */
  close(): Promise<void>;
}

/** Name of the journal in the folder of a study. */
export const JOURNAL = 'study.jsonl';

/** In the place of an owner: of a trial that was given back. */
const NOBODY = 'nobody';

/**
 * Opens a study, or begins one. Its journal, `study.jsonl`, has one line of JSON for every claim and every result, each on the disk before anything else happens. Node only.
 *
 * @param settings those it was begun with (`trials` may differ); null: whatever they were, to look at it
 * @throws SearchError and OptionError for settings that make no sense; FileError for a journal of other settings or a damaged one
 */
export async function openStudy(place: string | URL, settings: StudySettings | null): Promise<Study> {
  const folder = pathOf(place);
  const given = settings === null ? null : wholeSettings(settings);
  const journal = await openSharedJournal<Entry>(
    join(folder, JOURNAL),
    'search',
    given === null ? null : (withoutTrials(given) as unknown as Record<string, Json>),
  );
  try {
    const whole = given ?? wholeSettings({ ...(journal.settings as unknown as StudySettings), trials: 1 });
    return study(folder, whole, journal, await newOwner());
  } catch (error) {
    await journal.close();
    throw error;
  }
}

function withoutTrials({ trials: _, ...rest }: WholeSettings): Omit<WholeSettings, 'trials'> {
  return rest;
}

function study(folder: string, settings: WholeSettings, journal: SharedJournal<Entry>, owner: string): Study {
  const claims: Claim[] = [];
  const results = new Map<number, Trial>();
  const points: Point[] = [];
  const ended: Trial[] = [];
  let seen = 0;
  const sampler: Sampler = makeSampler(settings.sampler, settings);
  const { trials: count, lag, seed } = settings;

  const look = (): void => {
    for (; seen < journal.entries.length; seen++) {
      const entry = journal.entries[seen];
      if ('claim' in entry) {
        const holder = claims[entry.claim];
        // Of two that took the same the first one has it.
        if (holder === undefined ? entry.instead === undefined : entry.instead === holder.owner) {
          claims[entry.claim] = entry;
          points[entry.claim] ??= entry.point;
        }
      } else if (!results.has(entry.result)) {
        const { result: number, ...rest } = entry;
        const point = points[number];
        if (point === undefined) throw new SearchError(`trial ${number} has ended in the journal, but never begun`);
        results.set(number, { number, point, ...rest });
      }
    }
  };
  /** The trials 0 … `until`, when all have ended. */
  const endedBefore = (until: number): readonly Trial[] | null => {
    while (ended.length < until) {
      const next = results.get(ended.length);
      if (next === undefined) return null;
      ended.push(next);
    }
    return ended.length === until ? ended : ended.slice(0, until);
  };
  const free = async (number: number): Promise<boolean> => {
    const claim = claims[number];
    if (claim === undefined || claim.owner === NOBODY) return true;
    return claim.owner !== owner && (await stateOf(claim.owner, claim.at)) === 'dead';
  };
  const claimed = async (number: number, point: Point, who: string): Promise<boolean> => {
    const holder = claims[number];
    await journal.append({
      claim: number,
      point,
      owner: who,
      at: Date.now(),
      ...(holder !== undefined && { instead: holder.owner }),
    });
    look();
    return claims[number].owner === who;
  };
  const next = async (): Promise<Task | 'wait' | null> => {
    await journal.refresh();
    look();
    endedBefore(count);
    for (let number = ended.length; number < count; number++) {
      if (results.has(number) || !(await free(number))) continue;
      const known = endedBefore(Math.max(0, number - lag));
      if (known === null) return 'wait';
      const point = points[number] ?? sampler.next(number, { ended: known, points: points.slice(0, number) });
      if (point === null) return results.size < number ? 'wait' : null;
      checkPoint(settings.space, point, `trial ${number}`);
      if (!(await claimed(number, point, owner))) {
        number--;
        continue;
      }
      const own = randomSource(seed, number, 1).below(2 ** 31);
      return { number, point, seed: own, rungs: rungChecks(settings.pruner, number, known) };
    }
    return results.size < count ? 'wait' : null;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.catch(() => {}).then(work);
    turn = next;
    return next;
  };
  look();
  return {
    folder,
    settings,
    get trials() {
      return [...results.values()].sort((a, b) => a.number - b.number);
    },
    async refresh() {
      await journal.refresh();
      look();
    },
    take: () => inTurn(next),
    async end(number, outcome, seconds) {
      if (results.has(number)) return;
      await journal.append({ result: number, ...outcome, seconds });
      look();
    },
    async close() {
      for (const { claim, point, owner: who } of claims.filter((one) => one !== undefined)) {
        if (who === owner && !results.has(claim)) await claimed(claim, point, NOBODY);
      }
      retireOwner(owner);
      await journal.close();
    },
  };
}
