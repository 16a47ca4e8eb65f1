import type { WholeSettings } from '../study/settings.ts';
import type { Outcome, Task } from '../study/trial.ts';

/** What a worker process is told. */
export type ToWorker =
  | { readonly kind: 'begin'; readonly settings: WholeSettings }
  | { readonly kind: 'run'; readonly task: Task; readonly folder: string };

/** What a worker process says. */
export type FromWorker =
  | { readonly kind: 'ready' }
  /** The trial has come to a rung, from which it can go on. */
  | { readonly kind: 'rung'; readonly number: number; readonly epochs: number }
  | { readonly kind: 'ended'; readonly number: number; readonly outcome: Outcome; readonly seconds: number }
  | { readonly kind: 'line'; readonly line: string }
  /** An error that is none of a point: the study cannot go on. */
  | { readonly kind: 'error'; readonly message: string; readonly stack?: string | undefined };
