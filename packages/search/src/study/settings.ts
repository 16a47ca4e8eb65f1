import { didYouMean } from '@sp/quant/suggest';
import type { Json, Space } from '@sp/train/internal';
import { checkSpace } from '@sp/train/tune';
import { SearchError } from '../errors.ts';
import { type Constraint, checkGoals, type Objective } from '../objectives/objectives.ts';
import { checkPruner, type PrunerSettings } from '../pruner/pruner.ts';
import { checkSampler, type SamplerSettings } from '../samplers/settings.ts';

/** What trials do. */
export interface ProblemSettings {
  /**
   * Module whose default export makes the problem (`MakeProblem`): a path or `file:` URL, or the name of an installed package. Default: networks, see
   * `@sp/search/network`.
   */
  readonly module?: string;
  /** What it gets; plain data. */
  readonly settings?: Json;
}

/** A study as plain data. All but `trials` decides its results, and is in its journal. */
export interface StudySettings {
  readonly space: Space;
  readonly objectives: readonly Objective[];
  readonly constraints?: readonly Constraint[];
  /** How many trials; may be raised later. */
  readonly trials: number;
  /** Default `{ kind: 'tpe' }`. */
  readonly sampler?: SamplerSettings;
  /** Default: every trial goes all the way. */
  readonly pruner?: PrunerSettings;
  readonly problem?: ProblemSettings;
  /** Default 0. */
  readonly seed?: number;
  /**
   * A trial is chosen from the results of all trials but the last `lag` before it, so that it does not matter in what order those end: so many, and one more, can be at
   * work at a time. Default 8.
   */
  readonly lag?: number;
}

/** With all defaults. */
export type WholeSettings = Required<Omit<StudySettings, 'pruner'>> & Pick<StudySettings, 'pruner'>;

const NAMES: readonly (keyof StudySettings)[] = [
  'space',
  'objectives',
  'constraints',
  'trials',
  'sampler',
  'pruner',
  'problem',
  'seed',
  'lag',
];

/**
 * Checks the settings of a study and fills in what was left out.
 *
 * @throws SearchError (and OptionError for the space) naming what is wrong and what to do
 */
export function wholeSettings(settings: StudySettings, where = 'study'): WholeSettings {
  if (typeof settings !== 'object' || settings === null) throw new SearchError(`${where}: the settings are no object`);
  for (const name of Object.keys(settings)) {
    if (!NAMES.includes(name as keyof StudySettings)) {
      throw new SearchError(
        `${where}: unknown setting '${name}'${didYouMean(name, NAMES)} (known: ${NAMES.join(', ')})`,
      );
    }
  }
  const { space, objectives, constraints = [], trials, seed = 0, lag = 8, problem = {}, pruner } = settings;
  const { sampler = { kind: 'tpe' } } = settings;
  checkSpace(space, where);
  checkGoals({ objectives, constraints }, where);
  checkSampler(sampler, where);
  if (pruner !== undefined) checkPruner(pruner, where);
  for (const [name, value, least] of [
    ['trials', trials, 1],
    ['lag', lag, 0],
    ['seed', seed, Number.MIN_SAFE_INTEGER],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      const asked = least === Number.MIN_SAFE_INTEGER ? 'a whole number' : `a whole number ≥ ${least}`;
      throw new SearchError(`${where}: ${name} ${String(value)} is not ${asked}`);
    }
  }
  const { module } = problem;
  if (module !== undefined && (typeof module !== 'string' || module === '')) {
    throw new SearchError(`${where}: problem.module ${String(module)} names no module`);
  }
  const whole = { space, objectives, constraints, trials, seed, lag, problem, sampler };
  return pruner === undefined ? whole : { ...whole, pruner };
}
