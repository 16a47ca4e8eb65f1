import { averagePooling2DSparse, inputReduce, qConv2DSparse, qDense, sparseFlatten } from '@sp/layers';
import { type Dataset, randomSource } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

/** A network to train: image, active pixels (and slots), sides of kernels and of the pooling cells behind them, units of the dense layer before the last. */
export interface SparseNetwork {
  readonly name: string;
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly active: number;
  readonly stages: readonly { readonly kernel: number; readonly pool: number; readonly filters: number }[];
  /** Default 16. */
  readonly units?: number;
}

/** Networks that trainings are measured on; most of the last one is a dense layer. */
export const networks: readonly SparseNetwork[] = [
  { name: 'a: 28 × 28, k3', shape: [28, 28, 1], active: 20, stages: [{ kernel: 3, pool: 2, filters: 3 }] },
  {
    name: 'b: 32 × 32, k7 + k5',
    shape: [32, 32, 1],
    active: 20,
    stages: [
      { kernel: 7, pool: 4, filters: 1 },
      { kernel: 5, pool: 2, filters: 3 },
    ],
  },
  {
    name: 'c: 63 × 63, k7 + k7',
    shape: [63, 63, 1],
    active: 40,
    stages: [
      { kernel: 7, pool: 1, filters: 1 },
      { kernel: 7, pool: 7, filters: 3 },
    ],
  },
  {
    name: 'd: 40 × 60 × 2, k3, 600 × 24',
    shape: [40, 60, 2],
    active: 30,
    stages: [{ kernel: 3, pool: 2, filters: 1 }],
    units: 24,
  },
];

/** The network, with formats for every weight. */
export function sparseModel({ shape, active, stages, units = 16 }: SparseNetwork, learnN: boolean): tf.LayersModel {
  const iqConf = { i0: 2, f0: 6, heterogeneousAxis: [-1] };
  const input = tf.input({ shape: [...shape] });
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
  const hidden = qDense({ units, activation: 'relu', iqConf }).apply(sparseFlatten().apply([x, mask]));
  return tf.model({ inputs: input, outputs: qDense({ units: 10, iqConf }).apply(hidden) as tf.SymbolicTensor });
}

/** Random images of ten classes with exactly `active` pixels; the network learns them by heart. Seeded. */
export function sparseImages({ shape, active }: SparseNetwork, count: number): Dataset {
  const [height, width, channels] = shape;
  const random = randomSource(5);
  const size = height * width * channels;
  const images = new Float32Array(count * size);
  for (let image = 0; image < count; image++) {
    for (let left = active; left > 0; ) {
      const pixel = image * size + random.below(height * width) * channels;
      if (images[pixel] !== 0) continue;
      for (let channel = 0; channel < channels; channel++) images[pixel + channel] = (1 + random.below(16)) / 16;
      left--;
    }
  }
  return { images, labels: Int32Array.from({ length: count }, (_, j) => j % 10), shape, classes: 10 };
}
