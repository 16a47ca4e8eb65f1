// From images to firmware in five steps. Change what you like and run `npm start` again.
import { rm } from 'node:fs/promises';
import {
  checkPlan,
  compare,
  compile,
  countFindings,
  emit,
  estimate,
  goldenVectors,
  NoCompilerError,
  plan,
  write,
} from '@sp/hls';
import {
  averagePooling2DSparse,
  inputReduce,
  lower,
  qConv2DSparse,
  qDense,
  saveModel,
  setBackend,
  sparseFlatten,
  traceMinMax,
} from '@sp/layers';
import { cosineLr, evaluate, fit, loadDigits, setSeed, splitDataset } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

// 0. WebAssembly where it is there, before any tensor is made; and the same initial weights in every run.
await setBackend('auto');
setSeed(1);

// 1. Data: images as one Float32Array, labels, shape. A tenth of the training images validates.
const digits = await loadDigits(); // 28 × 28, about 22 active pixels each
const { rest: train, heldOut: validation } = splitDataset(digits.train, 0.1, 1);

// 2. Model: keep 24 pixels above 0.4 at first. Both numbers are learned, and so are all bit widths.
const perChannel = { i0: 4, f0: 8, heterogeneousAxis: [-1] };
const image = tf.input({ name: 'image', shape: [...train.shape] });
const [x, mask] = inputReduce({ name: 'reduce', n: 24, threshold: 0.4, betaMaskedE: 0.5 }).apply(image);
const conv = qConv2DSparse({ name: 'conv', filters: 4, kernelSize: 5, activation: 'relu', iqConf: perChannel });
const pooled = averagePooling2DSparse({ name: 'pool', poolSize: 4 }).apply([conv.apply([x, mask]), mask]);
const flat = sparseFlatten({ name: 'flat' }).apply(pooled);
const logits = qDense({ name: 'dense', units: 10, iqConf: { i0: 4, f0: 8 } }).apply(flat);
const model = tf.model({ inputs: image, outputs: logits });

// 3. Training: the loss contains the cost in bit operations. Budget and threshold follow the network slowly.
const [epochs, batchSize] = [30, 16];
const stepsPerEpoch = Math.ceil(train.labels.length / batchSize);
const learningRate = cosineLr(1e-2, { epochs, stepsPerEpoch });
await fit(model, train, {
  epochs,
  batchSize,
  learningRate,
  rates: (variable) => (variable.startsWith('reduce/') ? 0.05 : 1),
  seed: 1,
  validation,
});
await saveModel(model, 'model');

// 4. Integers: find the ranges of all activations, then translate exactly.
const images = tf.tensor4d(train.images, [train.labels.length, ...train.shape]);
traceMinMax(model, images);
const graph = lower(model, { calibration: images });

// 5. Firmware: decide, check, write, and prove on real images that it computes the same.
const design = plan(graph, { model: { clockPeriod: 5 } });
await rm('firmware', { recursive: true, force: true });
await write(emit(design, { golden: goldenVectors(graph, digits.test.images) }), 'firmware');
const { latencyNs } = estimate(design);
console.log(`validation accuracy  ${(100 * evaluate(model, validation).accuracy).toFixed(1)} %`);
console.log(`test accuracy        ${(100 * evaluate(model, digits.test).accuracy).toFixed(1)} %`);
console.log(`estimated latency    ${latencyNs} ns`);
console.log(`check                ${countFindings(checkPlan(design))}`);
try {
  const { mismatches, table } = await compare(graph, await compile('firmware'), digits.test.images);
  console.log(`${table}\nmismatching codes    ${mismatches}`);
  if (mismatches > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof NoCompilerError)) throw error;
  console.log(error.message);
}
console.log('files                model/, firmware/');
