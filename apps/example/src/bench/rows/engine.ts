import {
  averagePooling2DSparse,
  inputReduce,
  modelState,
  qConv2DSparse,
  qDense,
  restoreState,
  sparseFlatten,
} from '@sp/layers';
import { adam, type Dataset, fit } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { randomImages } from '../networks.ts';
import { type BenchGroup, secondsOnce } from '../row.ts';

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

const batchSize = 128;
const count = 4 * batchSize;

/** The fused engine against the same training on tensors. */
export const engine: BenchGroup = {
  name: 'engine',
  about: `training steps of ${batchSize} images on lists of active pixels, and on tensors`,
  run: async (report) => {
    const backend = tf.getBackend();
    for (const { name, ...network } of networks) {
      for (const learnN of [false, true]) {
        const what = `${name}, ${network.active} active, ${learnN ? 'learned' : 'fixed'} n`;
        const { fused, tensors } = await speeds({ name, ...network }, learnN);
        report({ name: `${what}, ${backend}`, value: tensors, unit: 'images/s' });
        report({
          name: `${what}, fused`,
          value: fused,
          unit: 'images/s',
          note: `${(fused / tensors).toFixed(1)} × ${backend}`,
        });
      }
    }
    for (const active of [10, 20, 50, 100, 200]) await scaling(63, active);
    for (const side of [28, 56, 112, 224]) await scaling(side, 20);

    async function scaling(side: number, active: number): Promise<void> {
      // Pooled to about the same vector for the dense layers, so that only the images differ.
      const stages = [{ kernel: 7, pool: Math.floor(side / 7), filters: 2 }];
      const value = await fusedSpeed({ name: '', side, active, stages }, false);
      const note = `${(1e6 / value).toFixed(1)} µs per image, ${(1e6 / value / active).toFixed(2)} µs per active pixel`;
      report({ name: `scaling: ${side} × ${side}, k7, ${active} active, fused`, value, unit: 'images/s', note });
    }
  },
};

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

/** Images per second of both engines, from the same weights on the same images. */
async function speeds(
  network: Network,
  learnN: boolean,
): Promise<{ readonly fused: number; readonly tensors: number }> {
  const trained = model(network, learnN);
  const start = modelState(trained);
  const images = data(network);
  const fused = await speed(trained, images, 'fused', 50);
  restoreState(trained, start);
  const tensors = await speed(trained, images, 'tfjs', 2);
  trained.dispose();
  return { fused, tensors };
}

async function fusedSpeed(network: Network, learnN: boolean): Promise<number> {
  const trained = model(network, learnN);
  const value = await speed(trained, data(network), 'fused', 30);
  trained.dispose();
  return value;
}

/** Epochs after the first one, which makes lists and compiles code. */
async function speed(
  trained: tf.LayersModel,
  images: Dataset,
  used: 'fused' | 'tfjs',
  epochs: number,
): Promise<number> {
  const { result } = await secondsOnce(() =>
    fit(trained, images, { epochs: epochs + 1, batchSize, optimizer: adam(), engine: used }),
  );
  const seconds = result.epochs.slice(1).map((epoch) => epoch.seconds as number);
  const median = [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
  return count / median;
}
