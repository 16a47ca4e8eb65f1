import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '@sp/quant/files';
import type { Job, Worker } from 'bullmq';
import { SearchError } from '../errors.ts';
import { type WorkerPool, workerPool } from '../run/worker-pool.ts';
import type { WholeSettings } from '../study/settings.ts';
import { queuePackages, redisConnection } from './redis-connection.ts';
import { QUEUE, type QueueOptions } from './redis-runner.ts';
import { LOSSES, packFolder, type TrialJob, type TrialJobResult } from './trial-job.ts';

/** A worker of a queue. */
export interface RedisWorkerOptions extends QueueOptions {
  /** Trials at a time, each in a process. Default: as many as cores. */
  readonly workers?: number;
  /** A worker that gives no sign of life for so many seconds counts as lost, and its trials are given out again. Default 30. */
  readonly patience?: number;
  /** Takes no more trials, and ends when those at work have ended. */
  readonly signal?: AbortSignal;
  /** Ends at once; what was at work is given out again. */
  readonly killSignal?: AbortSignal;
}

/**
 * Works on trials of any study in a queue until it is stopped. The trials run in processes of their own, so that this one can always say that it lives.
 *
 * @throws SearchError when the packages are missing or the server does not answer
 */
export async function redisWorker(options: RedisWorkerOptions): Promise<void> {
  const { url, queue = QUEUE, say = console.warn, signal, killSignal } = options;
  const { workers = availableParallelism(), patience = 30 } = options;
  if (!Number.isInteger(workers) || workers < 1) throw new SearchError(`workers ${workers} is not a whole number ≥ 1`);
  if (!(patience > 0)) throw new SearchError(`patience ${patience} is not a number of seconds > 0`);
  const packages = await queuePackages();
  const connection = await redisConnection(packages, url, say);
  const folder = await mkdtemp(join(tmpdir(), 'sp-search-worker-'));
  const pools = poolsOf(workers, say);
  const worker: Worker<TrialJob, TrialJobResult> = new packages.bullmq.Worker(
    queue,
    async ({ data, id }: Job<TrialJob, TrialJobResult>): Promise<TrialJobResult> => {
      const { settings, task } = data;
      const home = join(folder, String(id));
      say(`trial ${task.number} of study ${String(id).split('-')[0]}`);
      try {
        const ended = await pools.use(settings, (pool) => pool.run(task, home));
        return { ...ended, files: ended.outcome.state === 'finished' ? await packFolder(home) : {} };
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
    {
      connection,
      name: `${hostname()} ${process.pid}`,
      concurrency: workers,
      maxStalledCount: LOSSES,
      lockDuration: patience * 1000,
      stalledInterval: patience * 1000,
    },
  );
  // A trial that was given to somebody else meanwhile is not this one's to end.
  worker.on('error', (error) => say(`worker: ${error.message}`));
  worker.on('stalled', (id) => say(`trial ${id.split('-')[1]}: its worker is lost; it is given out again`));
  try {
    await worker.waitUntilReady();
    say(`waiting for trials in the queue '${queue}'`);
    await Promise.race([stopped(signal).then(() => worker.close()), stopped(killSignal)]);
  } finally {
    await pools.close();
    connection.disconnect();
    await worker.close(true).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

function stopped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

interface Pools {
  use<T>(settings: WholeSettings, work: (pool: WorkerPool) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A pool of processes for each study that is at work; those that have nothing to do make room for others. */
function poolsOf(workers: number, say: (line: string) => void): Pools {
  const pools = new Map<string, { readonly pool: Promise<WorkerPool>; users: number }>();
  const drop = async (key: string): Promise<void> => {
    const found = pools.get(key);
    pools.delete(key);
    await found?.pool.then((pool) => pool.close()).catch(() => {});
  };
  return {
    async use(settings, work) {
      const { trials: _, ...rest } = settings;
      const key = sha256Hex(JSON.stringify(rest));
      for (const [other, { users }] of pools) if (other !== key && users === 0) await drop(other);
      const found = pools.get(key) ?? { pool: workerPool(settings, workers, say), users: 0 };
      pools.set(key, found);
      found.users++;
      try {
        return await work(await found.pool);
      } catch (error) {
        // A pool that has met an error takes no more tasks.
        if (pools.get(key) === found) await drop(key);
        throw error;
      } finally {
        found.users--;
      }
    },
    async close() {
      for (const key of [...pools.keys()]) await drop(key);
    },
  };
}
