import { OptionError } from '../../option-error.ts';
import { checkOptionNames } from '../../option-names.ts';
import type { EngineBackend } from '../engine-backend.ts';
import { typescriptBackend } from './heap-memory.ts';
import type { Memory, MemoryBackend } from './memory.ts';
import { startThread, type Workers } from './start-threads.ts';
import { byAddress, kernelsBy, type WasmInstance, wasmMemory } from './wasm-memory.ts';
import { hasWebThreads, webThreads } from './web-threads.ts';

/** Settings of `wasmBackend`. */
export interface WasmBackendOptions {
  /**
   * Threads that compute a step, this one included; more than 1 need Node, or a Web Worker of a page that is cross-origin isolated
   * (COOP, COEP), else there is one, with a note. Does not change the results. Default 1.
   */
  readonly threads?: number;
  /**
   * Told in a sentence when the engine computes in another way than it was asked to: without a thread that died, on one
   * thread, with the kernels in JavaScript. Default `console.warn`.
   */
  readonly note?: (message: string) => void;
}

/**
 * The engine's kernels compiled to WebAssembly; null, with a note, where that cannot run (no WebAssembly, or a
 * content-security policy without 'wasm-unsafe-eval'). An engine whose WebAssembly memory the system refuses has the kernels in JavaScript.
 *
 * @throws OptionError for unknown options, and if `threads` is not a whole number ≥ 1.
 */
export async function wasmBackend(options: WasmBackendOptions = {}): Promise<EngineBackend | null> {
  checkOptionNames(options, ['threads', 'note'], 'wasmBackend');
  return wasmBackendOn(options, await workerThreads(options.threads ?? 1));
}

/** `wasmBackend` with these threads, or null for none. */
export async function wasmBackendOn(
  { threads = 1, note = (message) => console.warn(message) }: WasmBackendOptions,
  workers: Workers | null,
): Promise<EngineBackend | null> {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new OptionError(`wasmBackend: threads ${threads} is not a whole number ≥ 1`);
  }
  const missing =
    workers === null
      ? 'there are no worker threads'
      : typeof SharedArrayBuffer === 'undefined'
        ? 'there is no SharedArrayBuffer'
        : null;
  const own = await compiled('own');
  if (own === null) {
    note(
      "the engine computes with its kernels in JavaScript, on one thread: WebAssembly cannot run here (there is none, or the page's policy lacks 'wasm-unsafe-eval')",
    );
    return null;
  }
  if (threads > 1 && missing !== null) note(`the engine computes on one thread instead of ${threads}: ${missing} here`);
  const shared = threads > 1 && missing === null ? await compiled('shared') : null;
  const onOneThread = (): Memory => {
    try {
      return wasmMemory({ open: () => opened(own, { initial: 16 }), note });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      note('the engine computes with its kernels in JavaScript: the system refuses WebAssembly memory');
      return typescriptBackend.createMemory();
    }
  };
  const onThreads = (module: WebAssembly.Module, started: Workers): Memory => {
    try {
      return wasmMemory({
        open: () => opened(module, { initial: 16, maximum: 65536, shared: true }),
        startThread: ({ memory }, allocator, lost) =>
          startThread({ workers: started, module, memory, allocator, lost }),
        threads: threads - 1,
        note,
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      note(`the engine computes on one thread instead of ${threads}: the system refuses shared WebAssembly memory`);
      return onOneThread();
    }
  };
  const backend: MemoryBackend = {
    name: 'wasm',
    createMemory: () => (shared === null || workers === null ? onOneThread() : onThreads(shared, workers)),
  };
  return backend;
}

function opened(module: WebAssembly.Module, size: WebAssembly.MemoryDescriptor): WasmInstance {
  const memory = new WebAssembly.Memory(size);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, kernels: kernelsBy((name) => byAddress(exports[name] as (...values: number[]) => unknown)) };
}

const modules = new Map<string, Promise<WebAssembly.Module | null>>();

/** The module, compiled once; null if it cannot be. */
function compiled(kind: 'own' | 'shared'): Promise<WebAssembly.Module | null> {
  const known = modules.get(kind);
  if (known !== undefined) return known;
  const module = compile(kind).catch(() => null);
  modules.set(kind, module);
  return module;
}

async function compile(kind: 'own' | 'shared'): Promise<WebAssembly.Module> {
  const binaries = await import('../../../assets/kernels.js');
  return WebAssembly.compile(Uint8Array.from(atob(binaries[kind]), (character) => character.charCodeAt(0)));
}

/** Node's threads, or a page's, or null where there are none. A thread beats after every kernel, which takes milliseconds. */
async function workerThreads(threads: number): Promise<Workers | null> {
  if (hasWebThreads()) return webThreads(Number.isInteger(threads) ? Math.max(0, threads - 1) : 0);
  if (typeof process === 'undefined' || process.versions?.node === undefined) return null;
  const { Worker } = await import('node:worker_threads');
  return { Worker, patience: 5000, startPatience: 10_000 };
}
