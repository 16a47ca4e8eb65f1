// Child of killed-pruning.test.ts: prunes a small model in the folder of its first argument, with a point on standard output for every optimizer step and a letter
// for every line of the journals, and then a line of JSON with the digest of all that came out.
import { createHash } from 'node:crypto';
import {
  averagePooling2DSparse,
  inputReduce,
  modelState,
  qConv2DSparse,
  qDense,
  setBackend,
  sparseFlatten,
} from '@sp/layers';
import { fit, randomSource } from '@sp/train';
import * as prune from '@sp/train/prune';
import * as tf from '@tensorflow/tfjs';

const [directory] = process.argv.slice(2);
await setBackend('cpu');

function images(count, seed) {
  const random = randomSource(seed);
  const pixels = new Float32Array(count * 36);
  const labels = new Int32Array(count);
  for (let j = 0; j < count; j++) {
    labels[j] = random.below(2);
    for (let hit = 0; hit < 4; hit++) pixels[j * 36 + labels[j] * 18 + random.below(18)] = 0.5 + random.below(8) / 16;
  }
  return { images: pixels, labels, shape: [6, 6, 1], classes: 2 };
}

const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
const iqConf = { i0: 2, f0: 5, heterogeneousAxis: [-1] };
const input = tf.input({ shape: [6, 6, 1], name: 'image' });
const reduced = inputReduce({ name: 'reduce', n: 5, threshold: 0.2 }).apply(input);
const conv = qConv2DSparse({ name: 'conv', filters: 2, kernelSize: 3, activation: 'relu', kernelInitializer, iqConf });
const pooled = averagePooling2DSparse({ name: 'pool', poolSize: 2 }).apply([conv.apply(reduced), reduced[1]]);
const dense = qDense({ name: 'dense', units: 2, kernelInitializer, iqConf: { i0: 2, f0: 5 } });
const model = tf.model({ inputs: input, outputs: dense.apply(sparseFlatten({ name: 'flatten' }).apply(pooled)) });

const data = images(160, 1);
const training = { batchSize: 16, learningRate: 0.02, seed: 3, say: () => {} };
await fit(model, data, { ...training, epochs: 6 });
const tick = { name: 'tick', onlyLogs: true, keepsImages: true, onStepEnd: () => process.stdout.write('.') };
const { steps, metric, strengths, stopped } = await prune.optimizeModel(
  model,
  prune.attributesFromModel(model),
  prune.ebopsObjective(model),
  prune.polynomialSparsity({ maximumSteps: 3, initialSparsity: 0.1, finalSparsity: 0.6 }),
  {
    ...training,
    data,
    validation: images(80, 2),
    epochs: 3,
    rtol: 0.8,
    tunerTrials: 4,
    directory,
    callbacks: [tick],
    progress: { write: () => process.stdout.write('j') },
  },
);
const digest = createHash('sha256');
for (const [name, { values }] of modelState(model)) digest.update(name).update(new Uint8Array(values.buffer));
process.stdout.write(`\n${JSON.stringify({ steps, metric, strengths, stopped, weights: digest.digest('hex') })}\n`);
