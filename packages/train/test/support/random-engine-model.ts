import {
  averagePooling2DSparse,
  globalAveragePooling2DSparse,
  globalMaxPooling2DSparse,
  inputReduce,
  maxPooling2DSparse,
  qConv2DSparse,
  qDense,
  quantizer,
  sparseFlatten,
} from '@sp/layers';
import type { QuantizerOptions } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../../src/data/dataset.ts';
import { type RandomSource, randomSource } from '../../src/data/random.ts';

const roundModes = ['TRN', 'RND', 'RND_CONV', 'TRN_ZERO', 'RND_ZERO', 'RND_INF', 'RND_MIN_INF'] as const;
const overflowModes = ['WRAP', 'SAT', 'SAT_SYM'] as const;

function pick<T>(random: RandomSource, options: readonly T[]): T {
  return options[random.below(options.length)];
}

function format(random: RandomSource, axes: readonly QuantizerOptions[]): QuantizerOptions {
  const whole = (low: number, high: number): number => low + random.below(high - low + 1);
  const qType = pick(random, ['kif', 'kbi'] as const);
  return {
    ...pick(random, axes),
    qType,
    k0: random.unit() < 0.7,
    roundMode: pick(random, roundModes),
    overflowMode: pick(random, overflowModes),
    i0: whole(0, 2),
    ...(qType === 'kbi' ? { b0: whole(0, 6) } : { f0: whole(0, 4) }),
    iDecaySpeed: pick(random, [0.01, 0.3, Infinity]),
    trainable: random.unit() < 0.85,
  };
}

const ofFeatures: readonly QuantizerOptions[] = [
  { homogeneousAxis: [0] },
  { heterogeneousAxis: [-1] },
  { heterogeneousAxis: [] },
  { homogeneousAxis: [0, -1] },
];
const ofVectors: readonly QuantizerOptions[] = [{ homogeneousAxis: [0] }, { heterogeneousAxis: [] }];
const ofWeights: readonly QuantizerOptions[] = [
  { homogeneousAxis: [] },
  { heterogeneousAxis: [-1] },
  { heterogeneousAxis: [] },
];

/** A random model that the engine supports, with everything it supports somewhere; depends on `seed` only. */
export function randomEngineModel(seed: number): tf.LayersModel {
  const random = randomSource(seed);
  const whole = (low: number, high: number): number => low + random.below(high - low + 1);
  const chance = (share: number): boolean => random.unit() < share;
  const uniform = (): object => tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: random.below(1e6) });
  const common = (activation: string): object => ({
    activation,
    useBias: chance(0.75),
    kernelInitializer: uniform(),
    biasInitializer: uniform(),
    kqConf: chance(0.1) ? { qType: 'dummy' } : format(random, ofWeights),
    bqConf: chance(0.1) ? { qType: 'dummy' } : format(random, ofWeights),
    beta0: 1e-3,
    ebopsFactor: pick(random, [1, 0.5]),
    parallelizationFactor: pick(random, [-1, 1]),
  });
  const outputs = (axes: readonly QuantizerOptions[]): object =>
    chance(0.15) ? { enableOq: true, oqConf: format(random, axes) } : {};
  const input = tf.input({ shape: [whole(4, 9), whole(4, 9), whole(1, 3)], name: 'x' });
  let image: tf.SymbolicTensor = input;
  if (chance(0.2)) {
    const config = { i0: 2, f0: 2, heterogeneousAxis: [], overflowMode: 'SAT', trainable: false } as const;
    image = quantizer({ config, name: 'pixels' }).apply(image) as tf.SymbolicTensor;
  }
  const reduce = inputReduce({
    name: 'reduce',
    n: whole(1, 12),
    threshold: pick(random, [0, 0.25, 0.6]),
    learnN: chance(0.5),
    learnThreshold: chance(0.5),
    betaN: pick(random, [0, 1e-2]),
    betaMaskedE: pick(random, [0, 0, 1]),
    tauThreshold: pick(random, [0.05, 0.3]),
  });
  let [x, mask] = reduce.apply(image) as tf.SymbolicTensor[];
  const steps = whole(1, 4);
  for (let step = 0; step < steps; step++) {
    const [, height, width] = x.shape as number[];
    const kind = random.unit();
    if (kind < 0.35 && height * width > 1) {
      const poolSize = [whole(1, Math.min(3, height)), whole(1, Math.min(3, width))];
      const make = chance(0.6) ? averagePooling2DSparse : maxPooling2DSparse;
      [x, mask] = make({ poolSize, name: `pool${step}` }).apply([x, mask]) as tf.SymbolicTensor[];
    } else if (kind < 0.45) {
      x = quantizer({ config: format(random, ofFeatures), name: `q${step}` }).apply(x) as tf.SymbolicTensor;
    } else {
      const conv = qConv2DSparse({
        filters: whole(1, 3),
        kernelSize: [pick(random, [1, 3, 5]), pick(random, [1, 3, 5])],
        ...common(pick(random, ['relu', 'linear'])),
        iqConf: format(random, ofFeatures),
        name: `conv${step}`,
      });
      x = conv.apply([x, mask]) as tf.SymbolicTensor;
    }
  }
  const flatten = chance(0.5) ? sparseFlatten({ name: 'flat' }) : tf.layers.flatten({ name: 'flat' });
  // A quarter ends in a global pooling, by the seed: the draws of the others are the same with and without.
  const globalPool = [globalAveragePooling2DSparse, globalMaxPooling2DSparse][(seed >> 2) % 2];
  const end = seed % 4 === 1 ? globalPool({ name: 'global' }) : flatten;
  let y = end.apply(end.getClassName() === 'Flatten' ? x : [x, mask]) as tf.SymbolicTensor;
  const hidden = whole(0, 2);
  for (let step = 0; step <= hidden; step++) {
    const last = step === hidden;
    const layer = qDense({
      units: last ? 3 : whole(2, 5),
      ...common(last ? 'linear' : pick(random, ['relu', 'linear'])),
      iqConf: format(random, ofVectors),
      ...outputs(ofVectors),
      name: `dense${step}`,
    });
    y = layer.apply(y) as tf.SymbolicTensor;
  }
  return tf.model({ inputs: input, outputs: y });
}

/** Images for a model with 3 classes on a grid of 1/16, some values negative: one empty, one full, the others of random density. */
export function randomEngineData(model: tf.LayersModel, count: number, seed: number): Dataset {
  const random = randomSource(seed, 1);
  const shape = model.inputs[0].shape.slice(1) as [number, number, number];
  const size = shape[0] * shape[1] * shape[2];
  const images = new Float32Array(count * size);
  for (let image = 1; image < count; image++) {
    const density = image === 1 ? 1 : random.unit();
    for (let j = image * size; j < (image + 1) * size; j++) {
      if (random.unit() < density) images[j] = (random.below(48) - 12) / 16;
    }
  }
  return { images, labels: Int32Array.from({ length: count }, () => random.below(3)), shape, classes: 3 };
}
