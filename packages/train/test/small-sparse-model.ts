import { averagePooling2DSparse, inputReduce, qConv2DSparse, qDense, sparseFlatten } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../src/data/dataset.ts';
import { randomSource } from '../src/data/random.ts';

/** A small sparse model for tests: 6 × 6 images, by default 2 outputs. */
export function smallSparseModel(seed = 1, units = 2): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed });
  const iqConf = { i0: 2, f0: 5, heterogeneousAxis: [-1] };
  const input = tf.input({ shape: [6, 6, 1], name: 'image' });
  const reduced = inputReduce({ name: 'reduce', n: 5, threshold: 0.2, betaN: 1e-3 }).apply(
    input,
  ) as tf.SymbolicTensor[];
  const conv = qConv2DSparse({
    name: 'conv',
    filters: 2,
    kernelSize: 3,
    activation: 'relu',
    kernelInitializer,
    iqConf,
  });
  const features = conv.apply(reduced) as tf.SymbolicTensor;
  const pooled = averagePooling2DSparse({ name: 'pool', poolSize: 2 }).apply([
    features,
    reduced[1],
  ]) as tf.SymbolicTensor[];
  const flat = sparseFlatten({ name: 'flatten' }).apply(pooled);
  const logits = qDense({ name: 'dense', units, kernelInitializer, iqConf: { i0: 2, f0: 5 } }).apply(flat);
  return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor });
}

/** Images whose class says in which half most of their few hits are. */
export function upperOrLower(count: number, seed: number): Dataset {
  const random = randomSource(seed);
  const images = new Float32Array(count * 36);
  const labels = new Int32Array(count);
  for (let j = 0; j < count; j++) {
    labels[j] = random.below(2);
    for (let hit = 0; hit < 4; hit++) images[j * 36 + labels[j] * 18 + random.below(18)] = 0.5 + random.below(8) / 16;
  }
  return { images, labels, shape: [6, 6, 1], classes: 2 };
}
