/**
 * Runs yosys in a worker thread: it computes without a pause, and a thread can be ended in the middle.
 *
 * The thread's program is a text, since a module of ours would have to be found as JavaScript beside this one, which it is not when TypeScript runs directly.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { RtlError } from '../errors.ts';

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const loaded = import(workerData);
parentPort.on('message', async ({ files, script, wanted }) => {
  const text = { stdout: '', stderr: '' };
  const into = (name) => {
    const decoder = new TextDecoder();
    return (bytes) => { text[name] += bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true }); };
  };
  try {
    const { runYosys } = await loaded;
    const out = await runYosys(['-Q', '-T', 'script.ys'], { ...files, 'script.ys': script }, { stdout: into('stdout'), stderr: into('stderr') });
    const result = out[wanted];
    parentPort.postMessage({ log: text.stdout + text.stderr, result: typeof result === 'string' ? result : new TextDecoder().decode(result) });
  } catch (error) {
    parentPort.postMessage({ log: text.stdout + text.stderr, failure: String(error?.message ?? error) });
  }
});
`;

/** One run. */
export interface YosysJob {
  readonly files: Readonly<Record<string, string>>;
  readonly script: string;
  /** The file to be read when it has ended. */
  readonly wanted: string;
}

/** What a run left: all that was printed, and the file asked for or the reason why there is none. */
export interface YosysResult {
  readonly log: string;
  readonly result?: string;
  readonly failure?: string;
}

/** Where yosys is. */
export function findYosys(): string {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve('@yowasp/yosys')).href;
  } catch (cause) {
    throw new RtlError('area needs the open synthesiser yosys: npm install @yowasp/yosys@0.55.944 (38 MB)', { cause });
  }
}

/** A thread with yosys in it, for one run after the other. */
export class YosysThread {
  readonly #worker: Worker;

  constructor() {
    this.#worker = new Worker(PROGRAM, { eval: true, workerData: findYosys(), stdout: false, stderr: false });
    this.#worker.unref();
  }

  /**
   * Runs a script.
   *
   * @param seconds the run is ended after that time
   * @throws RtlError when the time is over or the thread ends; the signal's reason when it is aborted
   */
  run(job: YosysJob, what: string, seconds: number, signal: AbortSignal | undefined): Promise<YosysResult> {
    return new Promise((resolve, reject) => {
      const worker = this.#worker;
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        worker.off('message', answered).off('error', failed).off('exit', ended).unref();
        act();
      };
      const stop = (error: unknown): void => {
        finish(() => reject(error));
        void this.close();
      };
      const answered = (result: YosysResult): void => finish(() => resolve(result));
      const failed = (cause: Error): void =>
        stop(new RtlError(`yosys broke off in ${what}: ${cause.message}`, { cause }));
      const ended = (): void => stop(new RtlError(`yosys broke off in ${what}`));
      const aborted = (): void => stop(signal?.reason);
      const timer = setTimeout(
        () => stop(new RtlError(`yosys took more than ${seconds} s for ${what}; allow more with timeLimit`)),
        seconds * 1000,
      );
      signal?.addEventListener('abort', aborted);
      worker.ref();
      worker.on('message', answered).on('error', failed).on('exit', ended);
      if (signal?.aborted) aborted();
      else worker.postMessage(job);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
