import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { SearchError } from '../errors.ts';
import type { Ended, Runner } from '../run/runner.ts';
import { type StudySettings, wholeSettings } from '../study/settings.ts';
import type { Task } from '../study/trial.ts';
import { queuePackages, redisConnection } from './redis-connection.ts';
import { jobId, type TrialJob, type TrialJobResult, unpackFolder } from './trial-job.ts';

/** A queue of trials on a Redis server. */
export interface QueueOptions {
  /** `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS. */
  readonly url: string;
  /** Name of the queue. Default `sp-search`. */
  readonly queue?: string;
  /** Receives lines, e.g. of a server that is away. Default `console.warn`. */
  readonly say?: (line: string) => void;
}

/** Name of the queue that is used when none is given. */
export const QUEUE = 'sp-search';

/** Milliseconds between two looks at the trials that are out. */
const PATIENCE = 200;

/** How often a trial is given to another worker after an error that is none of its point. */
const ATTEMPTS = 3;

/** Seconds for which results are kept that nobody has fetched. */
const KEEP = 7 * 24 * 3600;

type TrialQueue = Queue<TrialJob, TrialJobResult>;
type OneJob = Job<TrialJob, TrialJobResult>;

/**
 * Gives the trials of a study to workers on other machines (`redisWorker`, `sp-search worker`) over BullMQ and Redis. At most `lag + 1` trials are out at a time. A trial whose worker is lost
 * is given out again; trials that Redis has lost, too. The study may be killed: what is out goes on, and the same call fetches it. Needs the packages bullmq and ioredis.
 *
 * @param folder of the study, for the names of its trials in the queue
 * @throws SearchError when the packages are missing or the server does not answer
 * @example
 * const runner = await redisRunner('runs/digits', settings, { url: 'redis://queue-host:6379' });
 * await runStudy({ folder: 'runs/digits', settings, runner });
 */
export async function redisRunner(folder: string, settings: StudySettings, options: QueueOptions): Promise<Runner> {
  const whole = wholeSettings(settings);
  const { url, queue: name = QUEUE, say = console.warn } = options;
  const packages = await queuePackages();
  const connection = await redisConnection(packages, url, say);
  const queue: TrialQueue = new packages.bullmq.Queue(name, { connection });
  queue.on('error', () => {});
  let closed = false;

  const add = (task: Task): Promise<OneJob> =>
    queue.add(
      'trial',
      { settings: whole, task },
      {
        jobId: jobId(folder, whole, task.number),
        attempts: ATTEMPTS,
        removeOnComplete: { age: KEEP },
        removeOnFail: { age: KEEP },
      },
    );
  /** What came of a trial; undefined: it is out, or gives up what failed in an earlier run. */
  const look = async (task: Task, first: boolean): Promise<Ended | undefined> => {
    const job = await queue.getJob(jobId(folder, whole, task.number));
    if (job === undefined) {
      await add(task);
      return undefined;
    }
    if (await job.isCompleted()) {
      // It may have been completed after it was looked up.
      const found = job.returnvalue ?? (await queue.getJob(job.id as string))?.returnvalue;
      if (found == null) return undefined;
      return found;
    }
    if (!(await job.isFailed())) return undefined;
    if (first) {
      await job.remove();
      return undefined;
    }
    const { failedReason = '' } = (await queue.getJob(job.id as string)) ?? job;
    if (/stalled/.test(failedReason)) {
      const reason = `its workers were lost too often (${failedReason})`;
      return { outcome: { state: 'failed', metrics: {}, rungs: [], reason }, seconds: 0 };
    }
    throw new SearchError(`trial ${task.number}: ${failedReason}`);
  };
  return {
    capacity: whole.lag + 1,
    async run(task, target) {
      for (let first = true; !closed; first = false) {
        const ended = (await look(task, first)) as TrialJobResult | undefined;
        if (ended !== undefined) {
          const { files = {}, outcome, seconds } = ended;
          await unpackFolder(target, files);
          return { outcome, seconds };
        }
        await pause(PATIENCE);
      }
      // Whoever closes the runner does not want to know any more.
      return new Promise<Ended>(() => {});
    },
    async done(task) {
      const job = await queue.getJob(jobId(folder, whole, task.number));
      await job?.remove().catch(() => {});
    },
    async close() {
      closed = true;
      await queue.close();
      connection.disconnect();
    },
  };
}
