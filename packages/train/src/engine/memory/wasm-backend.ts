import { OptionError } from '../../option-error.ts';
import type { EngineBackend } from '../engine-backend.ts';
import type { MemoryBackend } from './memory.ts';
import { startThreads } from './start-threads.ts';
import { byAddress, kernelsBy, wasmMemory } from './wasm-memory.ts';

/** Settings of `wasmBackend`. */
export interface WasmBackendOptions {
  /**
   * Threads that compute a step, this one included; more than 1 need Node and worker threads. Does not change the results.
   * Default 1.
   */
  readonly threads?: number;
}

/**
 * The engine's kernels compiled to WebAssembly; null where that cannot run (no WebAssembly, or a content-security policy
 * without 'wasm-unsafe-eval').
 *
 * @throws OptionError if `threads` is not a whole number ≥ 1.
 */
export async function wasmBackend({ threads = 1 }: WasmBackendOptions = {}): Promise<EngineBackend | null> {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new OptionError(`wasmBackend: threads ${threads} is not a whole number ≥ 1`);
  }
  const workers = threads > 1 ? await workerThreads() : null;
  const module = await compiled(workers == null ? 'own' : 'shared');
  if (module == null) return null;
  const backend: MemoryBackend = {
    name: 'wasm',
    createMemory() {
      const memory = new WebAssembly.Memory(
        workers == null ? { initial: 16 } : { initial: 16, maximum: 65536, shared: true },
      );
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      const kernels = kernelsBy((name) => byAddress(exports[name] as (...values: number[]) => unknown));
      if (workers == null) return wasmMemory(memory, kernels);
      return startThreads({ workers, module, memory, kernels, count: threads - 1 });
    },
  };
  return backend;
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

/** Node's threads, or null elsewhere. */
async function workerThreads(): Promise<typeof import('node:worker_threads') | null> {
  if (typeof process === 'undefined' || process.versions?.node === undefined) return null;
  return import('node:worker_threads');
}
