import type { Outcome, Task } from '../study/trial.ts';

/** A result and the time it took. */
export interface Ended {
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** What runs tasks: this process, others, other machines. */
export interface Runner {
  /** How many tasks may be at work at a time. */
  readonly capacity: number;
  /** Runs a task. Whoever is lost at it is replaced, and the task begun again, from where it can go on. */
  run(task: Task, folder: string): Promise<Ended>;
  /** Told when the result of a task is on the disk. */
  done?(task: Task): Promise<void>;
  /** Ends at once whatever is at work here. */
  close(): Promise<void>;
}
