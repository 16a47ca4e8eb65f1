import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SearchError } from '../errors.ts';
import type { WholeSettings } from '../study/settings.ts';
import type { Task } from '../study/trial.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { Ended, Runner } from './runner.ts';
import { workerArguments } from './worker-arguments.ts';

/** Processes that run tasks. */
export interface WorkerPool extends Runner {
  /** Process numbers of the workers, for tests and curious users. */
  pids(): readonly number[];
}

/** How often a task may lose its worker without coming further, before it counts as one that kills them. */
const ATTEMPTS = 10;

interface Job {
  readonly task: Task;
  readonly folder: string;
  resolve(ended: Ended): void;
  reject(error: Error): void;
  lost: number;
  epochs: number;
}

interface Worker {
  readonly child: ChildProcess;
  ready: boolean;
  job: Job | undefined;
}

/**
 * Starts worker processes. They load the problem first; the promise comes back when all are ready.
 *
 * @throws SearchError when the problem cannot be loaded or the workers do not start
 */
export async function workerPool(
  settings: WholeSettings,
  count: number,
  say: (line: string) => void,
): Promise<WorkerPool> {
  const file = fileURLToPath(workerFile());
  const workers = new Set<Worker>();
  const waiting: Job[] = [];
  let closed = false;
  let broken: Error | undefined;

  const fail = (error: Error): void => {
    broken ??= error;
    for (const { job } of workers) job?.reject(broken);
    for (const job of waiting.splice(0)) job.reject(broken);
  };
  const give = (): void => {
    for (const worker of workers) {
      if (!worker.ready || worker.job !== undefined) continue;
      const job = waiting.shift();
      if (job === undefined) return;
      worker.job = job;
      send(worker, { kind: 'run', task: job.task, folder: job.folder });
    }
  };
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker: Worker = {
        child: fork(file, [], {
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
          serialization: 'json',
          execArgv: [...workerArguments(process.execArgv)],
        }),
        ready: false,
        job: undefined,
      };
      workers.add(worker);
      send(worker, { kind: 'begin', settings });
      worker.child.on('message', (message: FromWorker) => {
        switch (message.kind) {
          case 'ready':
            worker.ready = true;
            resolve();
            give();
            return;
          case 'line':
            say(message.line);
            return;
          case 'rung':
            if (worker.job !== undefined && message.epochs > worker.job.epochs) {
              worker.job.epochs = message.epochs;
              worker.job.lost = 0;
            }
            return;
          case 'ended': {
            const { job } = worker;
            worker.job = undefined;
            job?.resolve({ outcome: message.outcome, seconds: message.seconds });
            give();
            return;
          }
          case 'error': {
            const about = worker.job === undefined ? '' : `trial ${worker.job.task.number}: `;
            const error = new SearchError(`${about}${message.message}`, { cause: message.stack });
            reject(error);
            fail(error);
            return;
          }
          default:
            throw new Error(`unknown message ${JSON.stringify(message satisfies never)}`);
        }
      });
      worker.child.on('error', (error) => {
        reject(error);
        fail(error);
      });
      worker.child.on('exit', (code, signal) => {
        workers.delete(worker);
        if (closed) return resolve();
        const { job } = worker;
        const how = signal === null ? `has ended with status ${code}` : `was ended by ${signal}`;
        if (broken !== undefined) return;
        if (job !== undefined) {
          if (++job.lost >= ATTEMPTS) {
            const reason = `its worker process ${how}, ${ATTEMPTS} times without coming further`;
            job.resolve({ outcome: { state: 'failed', metrics: {}, rungs: [], reason }, seconds: 0 });
          } else {
            say(`trial ${job.task.number}: its worker process ${how}; it is begun again`);
            waiting.unshift(job);
          }
        } else if (!worker.ready && ++neverReady >= ATTEMPTS) {
          const error = new SearchError(`worker processes do not start: the last one ${how} before it was ready`);
          reject(error);
          fail(error);
          return;
        }
        start().then(resolve, (error: Error) => {
          reject(error);
          fail(error);
        });
      });
    });
  let neverReady = 0;
  const pool: WorkerPool = {
    capacity: count,
    run(task, folder) {
      if (broken !== undefined) return Promise.reject(broken);
      return new Promise((resolve, reject) => {
        waiting.push({ task, folder, resolve, reject, lost: 0, epochs: 0 });
        give();
      });
    },
    pids: () => [...workers].flatMap(({ child }) => child.pid ?? []),
    async close() {
      closed = true;
      const gone = [...workers].map(({ child }) => ended(child));
      for (const { child } of workers) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
  try {
    await Promise.all(Array.from({ length: count }, start));
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}

/** The compiled worker: beside this file, or where the repository's own tests, which run the sources, have it. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../../dist/run/worker.js' : './worker.js', import.meta.url);
}

function send({ child }: Worker, message: ToWorker): void {
  // One that has just ended is replaced, and what it had goes to the next.
  if (child.connected) child.send(message, () => {});
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}
