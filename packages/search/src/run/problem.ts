import type { Json, Space } from '@sp/train/internal';
import type { WholeSettings } from '../study/settings.ts';
import type { Metrics, Outcome, Task } from '../study/trial.ts';

/** What a trial gets besides its task. */
export interface TrialContext {
  /**
   * A folder for what a trial leaves behind to go on from when it is killed, and for what is to be kept of it: the trial that is given out again finds it as it was.
   */
  readonly folder: string;
  /** Asks to stop early; the result is thrown away. */
  readonly signal: AbortSignal;
  /**
   * Says what was measured after so many epochs.
   *
   * @returns whether the trial goes on; false: end now, it is pruned
   */
  rung(epochs: number, metrics: Metrics): boolean;
  /** A line for the user. */
  say(line: string): void;
}

/** What is searched: does the work of trials. */
export interface Problem {
  /**
   * Does a trial. The result may depend on the task only, whatever a killed attempt has left in the folder.
   *
   * @returns what was measured; ignored when a rung has ended it
   * @throws whatever makes this point impossible (`PointError`): the trial has failed, and the study goes on. All other errors end the study
   */
  run(task: Task, context: TrialContext): Promise<Metrics>;
  /** @throws for settings that the problem cannot work with; called once before anything else */
  check?(settings: WholeSettings): void;
}

/** The default export of a problem's module. */
export type MakeProblem = (settings: Json, space: Space) => Problem | Promise<Problem>;

/** A point that cannot be tried, e.g. a kernel larger than the image: its trial fails, and the study goes on. */
export class PointError extends Error {
  override readonly name: string = 'PointError';
}

/** Runs a task of a problem to its outcome; errors other than of the point are thrown on. */
export async function outcomeOf(
  problem: Problem,
  task: Task,
  context: Omit<TrialContext, 'rung'>,
  goesOn: (task: Task, epochs: number, metrics: Metrics) => boolean,
): Promise<Outcome> {
  const rungs: { readonly epochs: number; readonly metrics: Metrics }[] = [];
  let pruned = false;
  const rung = (epochs: number, metrics: Metrics): boolean => {
    if (!rungs.some((one) => one.epochs === epochs)) rungs.push({ epochs, metrics: finite(metrics, task.number) });
    pruned ||= !goesOn(task, epochs, metrics);
    return !pruned;
  };
  try {
    const metrics = await problem.run(task, { ...context, rung });
    // A trial that went on from its middle may say what came before it last.
    const inOrder = rungs.sort((a, b) => a.epochs - b.epochs);
    if (pruned) return { state: 'pruned', metrics: {}, rungs: inOrder };
    return { state: 'finished', metrics: finite(metrics, task.number), rungs: inOrder };
  } catch (error) {
    if (!(error instanceof PointError)) throw error;
    return { state: 'failed', metrics: {}, rungs, reason: error.message };
  }
}

function finite(metrics: Metrics, number: number): Metrics {
  const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined) throw new PointError(`trial ${number}: ${bad[0]} is ${bad[1]}`);
  return { ...metrics };
}
