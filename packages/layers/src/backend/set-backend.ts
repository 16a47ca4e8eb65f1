import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import type { HostBackend } from './kernel-memory.ts';
import { registerKernels } from './register-kernels.ts';
import { withoutRethrowing } from './without-rethrowing.ts';

/** What `setBackend` chose. */
export interface BackendChoice {
  readonly backend: HostBackend;
  /** One line for the user: the choice and its reason. */
  readonly note: string;
}

/**
 * Selects the tfjs backend that computes from here on and registers the kernels that training on it needs.
 *
 * `'auto'` takes wasm when it can be started and cpu otherwise; the note says why. In Node the wasm binary is found
 * inside the installed package; in a browser call `setWasmPaths` of `@tensorflow/tfjs-backend-wasm` before this.
 * Prints nothing.
 *
 * @param name default `'auto'`
 * @throws if `'wasm'` is asked for and cannot be started (the reason is in the message and in `cause`).
 * @example
 * const { note } = await setBackend();
 * console.log(note); // backend wasm (SIMD), with our gradient kernels
 */
export async function setBackend(name: 'auto' | HostBackend = 'auto'): Promise<BackendChoice> {
  if (name !== 'auto' && name !== 'wasm' && name !== 'cpu') {
    throw new LayerError(`setBackend: unknown backend '${String(name)}'. Use 'auto', 'wasm' or 'cpu'.`, {
      option: 'name',
      value: name,
    });
  }
  if (name === 'cpu') return startCpu('as asked');
  try {
    return await withoutRethrowing(startWasm);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String((cause as { message?: unknown })?.message ?? cause);
    if (name === 'wasm') {
      throw new LayerError(
        `setBackend: the wasm backend could not be started (${reason}). ` +
          "Install @tensorflow/tfjs-backend-wasm, in a browser call its setWasmPaths first, or use 'cpu'.",
        { cause },
      );
    }
    return startCpu(`wasm could not be started: ${reason}`);
  }
}

async function startWasm(): Promise<BackendChoice> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const directory = installedWasmDirectory();
  if (directory != null && tf.getBackend() !== 'wasm') setWasmPaths(directory);
  if (!(await tf.setBackend('wasm'))) throw new LayerError('tfjs refused it');
  await tf.ready();
  registerKernels('wasm');
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? ' (SIMD)' : '';
  return { backend: 'wasm', note: `backend wasm${simd}, with our gradient kernels` };
}

async function startCpu(why: string): Promise<BackendChoice> {
  // The first write of the cpu backend prints an advertisement on Node unless this private flag is down.
  const cpu = tf.findBackend('cpu') as unknown as { firstUse: boolean };
  cpu.firstUse = false;
  if (!(await tf.setBackend('cpu'))) throw new LayerError('setBackend: tfjs refused the cpu backend.');
  await tf.ready();
  registerKernels('cpu');
  return { backend: 'cpu', note: `backend cpu (${why}), with our convolution kernels` };
}

/** Folder of the wasm binaries in Node, with a trailing slash; nothing in a browser, where they come by URL. */
function installedWasmDirectory(): string | undefined {
  // Asked at run time, so that bundlers for the browser see no import of a Node module.
  const nodeModule = globalThis.process?.getBuiltinModule?.('node:module');
  if (nodeModule == null) return undefined;
  const entry = nodeModule.createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  return entry.slice(0, Math.max(entry.lastIndexOf('/'), entry.lastIndexOf('\\')) + 1);
}
