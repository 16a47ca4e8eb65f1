/**
 * A worker process: gets settings, then task after task, and says what came of them. Ends when whoever started it does. Its standard output belongs to
 * nobody; what is to be said goes through messages.
 */

import { loadProblem } from './load-problem.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { Problem } from './problem.ts';
import { runTask } from './run-task.ts';

let problem: Problem | undefined;
const stop = new AbortController();

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

async function handle(message: ToWorker): Promise<void> {
  const say = (line: string): void => tell({ kind: 'line', line });
  if (message.kind === 'begin') {
    problem = await loadProblem(message.settings);
    tell({ kind: 'ready' });
    return;
  }
  if (problem === undefined) throw new Error('a worker got a task before its settings');
  const { task, folder } = message;
  const { number } = task;
  const start = performance.now();
  const onRung = (epochs: number): void => tell({ kind: 'rung', number, epochs });
  const outcome = await runTask(problem, task, { folder, signal: stop.signal, say, onRung });
  tell({ kind: 'ended', number, outcome, seconds: (performance.now() - start) / 1000 });
}

// A terminal sends it to the whole group: whoever started this decides when it is over.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToWorker) => {
  handle(message).catch((error: unknown) => {
    const { message: text, stack } = error instanceof Error ? error : new Error(String(error));
    tell({ kind: 'error', message: text, stack });
  });
});
