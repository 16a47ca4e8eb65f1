/**
 * Child of the bench group `memory`: trains one epoch on a stream of `COUNT` images that are drawn as they are read, and prints
 * one line of JSON, `StreamResult`. Run with --expose-gc.
 */
import { averagePooling2DSparse, inputReduce, qConv2DSparse, qDense, setBackend, sparseFlatten } from '@sp/layers';
import { fit, type StreamingDataset } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { randomImages } from './networks.ts';

/** What the child measured; bytes. */
export interface StreamResult {
  readonly seconds: number;
  readonly steps: number;
  /** Most memory that the process has held. */
  readonly peakMemory: number;
  /** Heap and array buffers after 1,000 steps and at the end, garbage collected. */
  readonly early: number;
  readonly late: number;
}

const length = Number(process.argv[2]);
const side = 64;
const batchSize = 128;

/** Stripes of eight active rows: the class says which. */
const data: StreamingDataset = {
  name: 'stripes',
  length,
  shape: [side, side, 1],
  classes: 8,
  async read(start, end) {
    const size = end - start;
    const images = new Float32Array(size * side * side);
    const labels = Int32Array.from({ length: size }, (_, j) => (start + j) % 8);
    const rows = randomImages(1, 8, 20, start + 1);
    for (let j = 0; j < size; j++) {
      const first = j * side * side + labels[j] * 8 * side;
      for (let k = 0; k < rows.length; k++) {
        if (rows[k] !== 0) images[first + ((k * 37 + (start + j) * 101) % (8 * side))] = rows[k];
      }
    }
    return { size, images, labels };
  },
  close: async () => {},
};

await setBackend('auto');
const iqConf = { i0: 2, f0: 6, heterogeneousAxis: [-1] };
const input = tf.input({ shape: [side, side, 1] });
const reduced = inputReduce({ n: 24, threshold: 0.03 }).apply(input) as tf.SymbolicTensor[];
const features = qConv2DSparse({ filters: 2, kernelSize: 5, activation: 'relu', iqConf }).apply(reduced);
const pooled = averagePooling2DSparse({ poolSize: 8 }).apply([features as tf.SymbolicTensor, reduced[1]]);
const outputs = qDense({ units: 8, iqConf }).apply(sparseFlatten().apply(pooled as tf.SymbolicTensor[]));
const model = tf.model({ inputs: input, outputs: outputs as tf.SymbolicTensor });

const memoryInUse = (): number => {
  // The first collection leaves the memory of array buffers to be freed behind its back.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
let early = 0;
const watch = {
  name: 'watch',
  onlyLogs: true,
  keepsImages: true,
  onStepEnd(_epoch: number, step: number): void {
    if (step === 999) early = memoryInUse();
  },
};
const start = performance.now();
const { engine } = await fit(model, data, { epochs: 1, batchSize, engine: 'fused', callbacks: [watch] });
if (engine !== 'fused') throw new Error(engine);
const seconds = (performance.now() - start) / 1000;
const result: StreamResult = {
  seconds,
  steps: Math.ceil(length / batchSize),
  peakMemory: process.resourceUsage().maxRSS * 1024,
  early,
  late: memoryInUse(),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
