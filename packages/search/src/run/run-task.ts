import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FileError, holdFolder } from '@sp/quant/files';
import { goesOn } from '../pruner/pruner.ts';
import type { Metrics, Outcome, Task } from '../study/trial.ts';
import { outcomeOf, type Problem } from './problem.ts';

/** How a task is run. */
export interface RunTask {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly onRung?: (epochs: number) => void;
}

/** Milliseconds between two looks whether a folder is free. */
const PATIENCE = 50;

/**
 * Runs a task in its folder, alone: a worker whose study was killed may still be at it for a moment, and is waited for.
 */
export async function runTask(problem: Problem, task: Task, options: RunTask): Promise<Outcome> {
  const { folder, signal, say, onRung } = options;
  await mkdir(dirname(folder), { recursive: true });
  const decide = ({ rungs }: Task, epochs: number, metrics: Metrics): boolean => {
    onRung?.(epochs);
    const check = rungs.find((rung) => rung.epochs === epochs);
    return check === undefined || goesOn(check, metrics);
  };
  for (;;) {
    let begun = false;
    try {
      return await holdFolder(
        folder,
        () => {
          begun = true;
          return outcomeOf(problem, task, { folder, signal, say }, decide);
        },
        { note: () => {} },
      );
    } catch (error) {
      if (begun || !(error instanceof FileError) || signal.aborted) throw error;
      await pause(PATIENCE);
    }
  }
}
