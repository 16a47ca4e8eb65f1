import type { Point, Space } from '@sp/train/internal';
import type { Goals } from '../objectives/objectives.ts';
import type { Trial } from '../study/trial.ts';

/** What samplers know besides the trials. */
export interface Search extends Goals {
  readonly space: Space;
  readonly seed: number;
}

/** What is known when a point is chosen. */
export interface History {
  /** The trials whose results may count, 0 … so many, all ended. */
  readonly ended: readonly Trial[];
  /** Points of all earlier trials, those included that are still at work. */
  readonly points: readonly Point[];
}

/**
 * Chooses points. What it gives depends on the search, the number and the history only, so that a study comes out the same whoever was killed: it may
 * remember what it concluded from a beginning of the history, but nothing else.
 */
export interface Sampler {
  /** The point of trial `number`; null: there is none left. */
  next(number: number, history: History): Point | null;
}
