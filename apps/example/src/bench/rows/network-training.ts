import { availableParallelism } from 'node:os';
import { adam, compileEngine, type EngineBackend, fit, randomSource, wasmBackend } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import type { Report } from '../row.ts';
import { networks, type SparseNetwork, sparseImages, sparseModel } from '../sparse-networks.ts';

/** Images per step in `trainNetworks`. */
export const batchSize = 128;
const count = 4 * batchSize;

/** Training steps on lists of active pixels, against the same on tensors, and how their cost grows. */
export async function trainNetworks(report: Report): Promise<void> {
  const tensors = tf.getBackend();
  const threads = availableParallelism();
  for (const { name, ...network } of networks) {
    for (const learnN of [false, true]) {
      const what = `${name}, ${network.active} active, ${learnN ? 'learned' : 'fixed'} n`;
      const slow = await tensorSpeed({ name, ...network }, learnN);
      report({ name: `${what}, ${tensors}`, value: slow, unit: 'images/s' });
      const ratio = (value: number): string => `${(value / slow).toFixed(1)} × ${tensors}`;
      const typescript = fusedSpeed({ name, ...network }, learnN);
      report({ name: `${what}, fused`, value: typescript, unit: 'images/s', note: ratio(typescript) });
      for (const count of new Set([1, threads])) {
        const value = fusedSpeed({ name, ...network }, learnN, await wasm(count));
        const note = `${ratio(value)}, ${(value / typescript).toFixed(1)} × TypeScript`;
        const label = `fused WebAssembly, ${count} thread${count === 1 ? '' : 's'}`;
        report({ name: `${what}, ${label}`, value, unit: 'images/s', note });
      }
    }
  }
  for (const active of [10, 20, 50, 100, 200]) await scaling(63, active);
  for (const side of [28, 64, 128, 256]) await scaling(side, 20);

  async function scaling(side: number, active: number): Promise<void> {
    // Pooled to about the same vector for the dense layers, so that only the images differ.
    const stages = [{ kernel: 7, pool: Math.floor(side / 7), filters: 2 }];
    const value = fusedSpeed({ name: '', shape: [side, side, 1], active, stages }, false, await wasm(1));
    const note = `${(1e6 / value).toFixed(1)} µs per image, ${(1e6 / value / active).toFixed(2)} µs per active pixel`;
    report({ name: `scaling: ${side} × ${side}, k7, ${active} active, fused`, value, unit: 'images/s', note });
  }
}

async function wasm(threads: number): Promise<EngineBackend> {
  const backend = await wasmBackend({ threads });
  if (backend == null) throw new Error('WebAssembly does not run here');
  return backend;
}

/** Images per second of the layers themselves. */
async function tensorSpeed(network: SparseNetwork, learnN: boolean): Promise<number> {
  const trained = sparseModel(network, learnN);
  const { epochs } = await fit(trained, sparseImages(network, count), { epochs: 4, batchSize, engine: 'tfjs' });
  trained.dispose();
  return perSecond(epochs.slice(1).map(({ seconds }) => seconds as number));
}

/** Images per second of the engine, default in TypeScript. */
function fusedSpeed(network: SparseNetwork, learnN: boolean, backend?: EngineBackend): number {
  const trained = sparseModel(network, learnN);
  const images = sparseImages(network, count);
  const compiled = compileEngine(trained, {
    loss: { kind: 'softmaxCrossEntropy' },
    ...(backend === undefined ? {} : { backend }),
  });
  if (typeof compiled === 'string') throw new Error(compiled);
  const optimizer = adam();
  const order = randomSource(3);
  const indices = Int32Array.from({ length: count }, () => order.below(count));
  const seconds: number[] = [];
  for (let epoch = 0; epoch < 60; epoch++) {
    const start = performance.now();
    for (let from = 0; from < count; from += batchSize) {
      compiled.differentiate(images, indices, from, from + batchSize);
      compiled.update(optimizer, 1e-3, () => 1);
    }
    seconds.push((performance.now() - start) / 1000);
  }
  compiled.dispose();
  trained.dispose();
  // The first epochs make lists and compile code.
  return perSecond(seconds.slice(20));
}

function perSecond(seconds: readonly number[]): number {
  return count / [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
}
