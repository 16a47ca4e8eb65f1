import type { Point, Space } from './space.ts';

/** Whether more is better. */
export type Direction = 'max' | 'min';

/** Plain data, as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What to try. */
export interface Proposal {
  readonly point: Point;
  /** How far to go, in epochs or whatever the work counts; undefined: as far as it goes. */
  readonly epochs?: number;
  /** Number of the trial whose work is gone on with: same point, fewer epochs. */
  readonly from?: number;
}

/** What was tried. Plain data: a line of the journal. */
export interface Trial extends Proposal {
  /** Counts from 0. */
  readonly number: number;
  /** What came of it; null: nothing, it failed. */
  readonly value: number | null;
  /** Why it failed. */
  readonly reason?: string;
  /** What else the work wanted to be remembered. */
  readonly more?: Json;
}

/** What samplers know besides the trials. */
export interface Search {
  readonly space: Space;
  readonly direction: Direction;
  readonly seed: number;
}

/**
 * Decides what to try. A pure function of the search and the trials done, so that a search goes on in another process as if it had not stopped: random
 * numbers come from the seed and the number of the trial.
 */
export interface Sampler {
  readonly name: string;
  /** What it was made with; plain data: a journal refuses to go on with another. */
  readonly settings: Json;
  /** The next one; null: there is none. */
  next(trials: readonly Trial[], search: Search): Proposal | null;
}

/** Trials that did not fail, best first; equal ones in the order in which they were tried. */
export function ranked(
  trials: readonly Trial[],
  direction: Direction,
): readonly (Trial & { readonly value: number })[] {
  const sign = direction === 'max' ? -1 : 1;
  return trials
    .filter((trial): trial is Trial & { readonly value: number } => trial.value !== null)
    .sort((a, b) => sign * (a.value - b.value) || a.number - b.number);
}
