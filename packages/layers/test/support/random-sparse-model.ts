import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import type { QuantizerOptions } from '../../src/config/quantizer-settings.ts';
import {
  averagePooling2DSparse,
  globalAveragePooling2DSparse,
  globalMaxPooling2DSparse,
  inputReduce,
  maxPooling2DSparse,
  type QLayer,
  qConv2DSparse,
  qDense,
  quantizer,
  removeDilatedPixels,
  sparseFlatten,
} from '../../src/index.ts';
import { stateVariableOf } from '../../src/quantizer/state-variable.ts';
import { type Dice, dice } from './dice.ts';

const roundModes = ['TRN', 'RND', 'RND_CONV', 'TRN_ZERO', 'RND_ZERO', 'RND_INF', 'RND_MIN_INF'] as const;
const overflowModes = ['WRAP', 'SAT', 'SAT_SYM'] as const;

function formats(die: Dice, axes: readonly QuantizerOptions[]): QuantizerOptions {
  return {
    ...die.pick(axes),
    qType: die.pick(['kif', 'kbi'] as const),
    k0: die.chance(0.7),
    roundMode: die.pick(roundModes),
    overflowMode: die.pick(overflowModes),
  };
}

const ofActivations: readonly QuantizerOptions[] = [
  { homogeneousAxis: [0] },
  { heterogeneousAxis: [-1] },
  { heterogeneousAxis: [] },
  { homogeneousAxis: [0, -1] },
];
const perChannel = ofActivations.slice(1, 3);
const ofWeights: readonly QuantizerOptions[] = [
  { homogeneousAxis: [] },
  { heterogeneousAxis: [-1] },
  { heterogeneousAxis: [] },
];

/** Random bit widths, some 0 or less, and random weights; thresholds and budgets as training may leave them. */
function randomise(die: Dice, layer: tf.layers.Layer): void {
  for (const weight of layer.weights) {
    const variable = weight.read() as tf.Variable;
    const name = weight.originalName.split('/').at(-1) as string;
    const fill = (value: () => number): void =>
      tf.tidy(() => variable.assign(tf.tensor(Float32Array.from({ length: variable.size }, value), variable.shape)));
    if (name === 'kernel' || name === 'bias') fill(() => 1.5 * die.real());
    else if (name === 'threshold') fill(() => die.pick([0, 0.25, Math.abs(die.real())]));
    else if (name === 'n_frac') fill(() => 0.5 + Math.abs(die.real()));
    else if (stateVariableOf(variable) == null) continue;
    // Few bits, so that sums stay within the 24 bits of float32 that the comparison needs.
    else if (name === 'b') fill(() => die.whole(0, 6));
    else if (name === 'f') fill(() => die.whole(-1, 4));
    else if (name === 'i') fill(() => die.whole(-1, 2));
    else if (name === 'k') fill(() => (die.chance(0.8) ? 1 : 0));
  }
}

/** A random sparse network: reduction, convolutions and poolings, flatten, perhaps dense layers; seeded. */
export function randomSparseModel(seed: number): tf.LayersModel {
  const die = dice(seed);
  const weights = (): { readonly kqConf: QuantizerOptions; readonly bqConf: QuantizerOptions } => ({
    kqConf: formats(die, ofWeights),
    bqConf: formats(die, ofWeights),
  });
  const output = (): object => (die.chance(0.15) ? { enableOq: true, oqConf: formats(die, ofActivations) } : {});
  const input = tf.input({ shape: [die.whole(3, 9), die.whole(3, 9), die.whole(1, 3)], name: 'x' });
  const layers: tf.layers.Layer[] = [];
  const keep = <Layer extends tf.layers.Layer>(layer: Layer): Layer => {
    layers.push(layer);
    return layer;
  };
  let image: tf.SymbolicTensor = input;
  if (die.chance(0.2)) {
    image = keep(quantizer({ config: formats(die, ofActivations), name: 'q' })).apply(image) as tf.SymbolicTensor;
  }
  const reduce = keep(inputReduce({ n: die.whole(1, 12), threshold: 0.25, name: 'reduce' }));
  let [x, mask] = reduce.apply(image) as tf.SymbolicTensor[];
  // An average that was not rounded must not meet a product: only then may iq be left out.
  let exact = true;
  const steps = die.whole(1, 4);
  for (let step = 0; step < steps; step++) {
    const [, height, width] = x.shape as number[];
    if (die.chance(0.35) && height * width > 1) {
      const poolSize = [die.whole(1, Math.min(3, height)), die.whole(1, Math.min(3, width))];
      const average = die.chance(0.6);
      const pool = (average ? averagePooling2DSparse : maxPooling2DSparse)({ poolSize, name: `pool${step}` });
      [x, mask] = pool.apply([x, mask]) as tf.SymbolicTensor[];
      if (average) exact = false;
      continue;
    }
    // A function other than relu becomes the table of the quantizer behind it, per channel on a list.
    const curved = die.chance(0.15);
    const grouped = (x.shape[3] as number) === 2 && die.chance(0.3);
    const conv = qConv2DSparse({
      filters: grouped ? 2 : die.whole(1, 3),
      groups: grouped ? 2 : 1,
      kernelSize: [die.pick([1, 2, 3, 4, 5]), die.pick([1, 2, 3, 5])],
      dilationRate: die.chance(0.2) ? [die.whole(1, 2), die.whole(1, 3)] : 1,
      activation: die.pick(curved ? ['tanh', 'sigmoid', 'leakyRelu', 'elu', 'softplus'] : ['relu', 'linear']),
      useBias: die.chance(0.7),
      ...weights(),
      ...(exact && die.chance(0.15) ? { enableIq: false } : { iqConf: formats(die, ofActivations) }),
      ...(curved ? { enableOq: true, oqConf: formats(die, perChannel) } : output()),
      name: `conv${step}`,
    });
    x = keep(conv).apply([x, mask]) as tf.SymbolicTensor;
    exact = true;
    if (curved) {
      x = keep(quantizer({ config: formats(die, perChannel), name: `round${step}` })).apply(x) as tf.SymbolicTensor;
    }
    if (die.chance(0.1)) x = removeDilatedPixels({ name: `remove${step}` }).apply([x, mask]) as tf.SymbolicTensor;
  }
  const flatten = die.chance(0.5) ? sparseFlatten({ name: 'flat' }) : tf.layers.flatten({ name: 'flat' });
  // A quarter ends in a global pooling, by the seed: the draws of the others are the same with and without.
  const globalPool = [globalAveragePooling2DSparse, globalMaxPooling2DSparse][(seed >> 2) % 2];
  const end = seed % 4 === 1 ? globalPool({ name: 'global' }) : flatten;
  let y = end.apply(end.getClassName() === 'Flatten' ? x : [x, mask]) as tf.SymbolicTensor;
  for (let step = 0; step < die.whole(0, 2); step++) {
    const dense = qDense({
      units: die.whole(1, 5),
      activation: die.pick(['relu', 'linear']),
      useBias: die.chance(0.7),
      ...weights(),
      iqConf: formats(die, [...ofActivations.slice(0, 1), ...ofActivations.slice(2, 3)]),
      ...output(),
      name: `dense${step}`,
    });
    y = keep(dense as QLayer).apply(y) as tf.SymbolicTensor;
  }
  for (const layer of layers) randomise(die, layer);
  return tf.model({ inputs: input, outputs: y });
}

/** Images of one model on a grid of 1/16: one empty, one full, the rest of random density; seeded. */
export function randomImages(model: tf.LayersModel, count: number, seed: number): tf.Tensor4D {
  const random = seededRandom(seed);
  const [height, width, channels] = model.inputs[0].shape.slice(1) as [number, number, number];
  const values = new Float32Array(count * height * width * channels);
  const size = values.length / count;
  for (let image = 1; image < count; image++) {
    const density = image === 1 ? 1 : random();
    for (let j = image * size; j < (image + 1) * size; j++) {
      if (random() < density) values[j] = Math.floor(random() * 64 - 20) / 16;
    }
  }
  return tf.tensor4d(values, [count, height, width, channels]);
}
