import type { Problem } from './problem.ts';
import { runTask } from './run-task.ts';
import type { Runner } from './runner.ts';

/** Runs tasks in this process, one after the other. */
export function localRunner(problem: Problem, say: (line: string) => void): Runner {
  const stop = new AbortController();
  return {
    capacity: 1,
    async run(task, folder) {
      const start = performance.now();
      const outcome = await runTask(problem, task, { folder, signal: stop.signal, say });
      return { outcome, seconds: (performance.now() - start) / 1000 };
    },
    async close() {
      stop.abort();
    },
  };
}
