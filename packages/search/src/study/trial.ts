import type { Point } from '@sp/train/internal';

/** Measured quantities by name, e.g. `valAccuracy`, `lut`; all finite. */
export type Metrics = Readonly<Record<string, number>>;

/** What was measured when a trial had done so many epochs. */
export interface Rung {
  readonly epochs: number;
  readonly metrics: Metrics;
}

/** What came of a trial. */
export interface Outcome {
  /** `finished`: went all the way; `pruned`: was given up at its last rung; `failed`: could not be done. */
  readonly state: 'finished' | 'pruned' | 'failed';
  /** Of a finished trial all that its problem measures; of others nothing. */
  readonly metrics: Metrics;
  readonly rungs: readonly Rung[];
  /** Why it failed. */
  readonly reason?: string;
}

/**
 * A trial that has ended. Everything but `seconds` depends on the study's settings and the number only, whatever was killed meanwhile and however many
 * workers there were.
 */
export interface Trial extends Outcome {
  /** Counts from 0. */
  readonly number: number;
  readonly point: Point;
  /** Time that its last attempt took. */
  readonly seconds: number;
}

/** How far a trial may go: at a rung it goes on only if it is among the best of those that were there before it. */
export interface RungCheck {
  readonly epochs: number;
  /** What is compared: metrics, and whether less is better (+1) or more (−1). */
  readonly by: readonly (readonly [metric: string, sign: 1 | -1])[];
  /** What the others had there, in the order of `by`, all to be made small. */
  readonly peers: readonly (readonly number[])[];
  /** One in so many goes on. */
  readonly factor: number;
}

/** A trial to be run: plain data, all that its result depends on besides the problem. */
export interface Task {
  readonly number: number;
  readonly point: Point;
  /** For initial weights, order of images and whatever else is drawn. */
  readonly seed: number;
  /** By rising epochs; empty: it goes all the way. */
  readonly rungs: readonly RungCheck[];
}
