import type { Workers } from './start-threads.ts';

/** Where threads of a page can be waited for: in a Web Worker of a page that is isolated from others (COOP and COEP), which alone has SharedArrayBuffer. */
export function hasWebThreads(): boolean {
  return (
    typeof Worker !== 'undefined' &&
    typeof document === 'undefined' &&
    typeof SharedArrayBuffer !== 'undefined' &&
    globalThis.crossOriginIsolated === true
  );
}

/**
 * `count` threads as Web Workers. They are loaded before they are needed: a worker that has just been made loads while its maker
 * does nothing, and the engine's thread computes and waits all the time. So there are no others when these are used up.
 */
export async function webThreads(count: number): Promise<Workers> {
  const started = await Promise.all(Array.from({ length: count }, loaded));
  const ready = started.filter((worker) => worker !== null);
  class Ready {
    private readonly worker: Worker;
    constructor(_: URL, { workerData }: { readonly workerData: unknown }) {
      // `left` says whether there is one.
      this.worker = ready.pop() as Worker;
      this.worker.postMessage(workerData);
    }
    unref(): void {}
    on(event: 'error' | 'exit', listener: () => void): void {
      // A worker does not say that it has ended, only that it has failed.
      if (event === 'exit') this.worker.addEventListener('error', listener);
    }
    terminate(): void {
      this.worker.terminate();
    }
  }
  return { Worker: Ready, left: () => ready.length, patience: 5000, startPatience: 10_000 };
}

/** A worker that has said that it is there; null if it cannot be loaded. */
function loaded(): Promise<Worker | null> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('../../../assets/kernel-web-thread.js', import.meta.url), { type: 'module' });
    worker.addEventListener('message', () => resolve(worker), { once: true });
    worker.addEventListener(
      'error',
      (event) => {
        event.preventDefault();
        resolve(null);
      },
      { once: true },
    );
  });
}
