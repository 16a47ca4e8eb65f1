import { availableParallelism } from 'node:os';
import { averagePooling2DSparse, inputReduce, qConv2DSparse, qDense, sparseFlatten } from '@sp/layers';
import { adam, compileEngine, type Dataset, type EngineBackend, fit, randomSource, wasmBackend } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { randomImages } from '../networks.ts';
import type { Report } from '../row.ts';

/** A network to train: image side, sides of kernels and of the pooling cells behind them, active pixels and slots. */
interface Network {
  readonly name: string;
  readonly side: number;
  readonly active: number;
  readonly stages: readonly { readonly kernel: number; readonly pool: number; readonly filters: number }[];
}

const networks: readonly Network[] = [
  { name: 'a: 28 × 28, k3', side: 28, active: 20, stages: [{ kernel: 3, pool: 2, filters: 3 }] },
  {
    name: 'b: 32 × 32, k7 + k5',
    side: 32,
    active: 20,
    stages: [
      { kernel: 7, pool: 4, filters: 1 },
      { kernel: 5, pool: 2, filters: 3 },
    ],
  },
  {
    name: 'c: 63 × 63, k7 + k7',
    side: 63,
    active: 40,
    stages: [
      { kernel: 7, pool: 1, filters: 1 },
      { kernel: 7, pool: 7, filters: 3 },
    ],
  },
];

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
    const value = fusedSpeed({ name: '', side, active, stages }, false, await wasm(1));
    const note = `${(1e6 / value).toFixed(1)} µs per image, ${(1e6 / value / active).toFixed(2)} µs per active pixel`;
    report({ name: `scaling: ${side} × ${side}, k7, ${active} active, fused`, value, unit: 'images/s', note });
  }
}

async function wasm(threads: number): Promise<EngineBackend> {
  const backend = await wasmBackend({ threads });
  if (backend == null) throw new Error('WebAssembly does not run here');
  return backend;
}

function model({ side, active, stages }: Network, learnN: boolean): tf.LayersModel {
  const iqConf = { i0: 2, f0: 6, heterogeneousAxis: [-1] };
  const input = tf.input({ shape: [side, side, 1] });
  let [x, mask] = inputReduce({ n: active, learnN, learnThreshold: false }).apply(input) as tf.SymbolicTensor[];
  for (const { kernel, pool, filters } of stages) {
    const y = qConv2DSparse({ filters, kernelSize: kernel, activation: 'relu', iqConf }).apply([x, mask]);
    if (pool === 1) x = y as tf.SymbolicTensor;
    else
      [x, mask] = averagePooling2DSparse({ poolSize: pool }).apply([
        y as tf.SymbolicTensor,
        mask,
      ]) as tf.SymbolicTensor[];
  }
  const hidden = qDense({ units: 16, activation: 'relu', iqConf }).apply(sparseFlatten().apply([x, mask]));
  return tf.model({ inputs: input, outputs: qDense({ units: 10, iqConf }).apply(hidden) as tf.SymbolicTensor });
}

function data({ side, active }: Network): Dataset {
  const labels = Int32Array.from({ length: count }, (_, j) => j % 10);
  return { images: randomImages(count, side, active, 5), labels, shape: [side, side, 1], classes: 10 };
}

/** Images per second of the layers themselves. */
async function tensorSpeed(network: Network, learnN: boolean): Promise<number> {
  const trained = model(network, learnN);
  const { epochs } = await fit(trained, data(network), { epochs: 4, batchSize, engine: 'tfjs' });
  trained.dispose();
  return perSecond(epochs.slice(1).map(({ seconds }) => seconds as number));
}

/** Images per second of the engine, default in TypeScript. */
function fusedSpeed(network: Network, learnN: boolean, backend?: EngineBackend): number {
  const trained = model(network, learnN);
  const images = data(network);
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
