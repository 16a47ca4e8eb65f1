import type { NetworkSpec } from './network.ts';
import type { TrainingSettings } from './training-settings.ts';

/** Numbers of one epoch by name, as `fit` gives them. */
export type EpochLogs = Readonly<Record<string, number>>;

/** How far a training is. `interrupted`: the page was closed; its newest checkpoint is there. */
export type RunState = 'training' | 'pausing' | 'paused' | 'interrupted' | 'finished' | 'stopped' | 'failed';

/** What a training led to. */
export interface RunResult {
  /** Epoch whose weights were kept, counted from 1. */
  readonly bestEpoch: number;
  /** Shares of right answers. */
  readonly testAccuracy: number;
  readonly valAccuracy: number | null;
  readonly ebops: number;
  readonly n: number;
  readonly threshold: number;
  /** What computed it. */
  readonly engine: string;
  readonly seconds: number;
}

/** One training: what it began with, how it went, and what it led to. */
export interface Run {
  readonly id: string;
  readonly name: string;
  readonly network: NetworkSpec;
  readonly training: TrainingSettings;
  readonly state: RunState;
  readonly history: readonly EpochLogs[];
  readonly result: RunResult | null;
  /** What went wrong, and what should be known; in sentences. */
  readonly notes: readonly string[];
}

/** Whether there is a network to look at. */
export function isDone({ state, result }: Run): boolean {
  return result !== null && (state === 'finished' || state === 'stopped');
}

/** Whether a run can go on from its newest checkpoint. */
export function canGoOn({ state }: Run): boolean {
  return state === 'interrupted' || state === 'failed' || state === 'stopped';
}

/** Runs whose worker went away with the page. */
export function interrupted(runs: readonly Run[]): readonly Run[] {
  return runs.map((run) =>
    run.state === 'training' || run.state === 'pausing' || run.state === 'paused'
      ? { ...run, state: 'interrupted' }
      : run,
  );
}
