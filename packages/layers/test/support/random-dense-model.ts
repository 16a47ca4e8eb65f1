import * as tf from '@tensorflow/tfjs';
import {
  type QLayer,
  type QuantizerOptions,
  qAveragePooling1D,
  qAveragePooling2D,
  qBatchNormalization,
  qBatchNormDense,
  qConv1D,
  qConv2D,
  qConv2DBatchNorm,
  qDense,
  qDenseBatchNorm,
  qGlobalAveragePooling1D,
  qGlobalAveragePooling2D,
  qGlobalMaxPooling1D,
  qGlobalMaxPooling2D,
  qMaxPooling1D,
  qMaxPooling2D,
} from '../../src/index.ts';
import { stateVariableOf } from '../../src/quantizer/state-variable.ts';
import { generator } from './default-network.ts';

/** Draws from a list, and numbers. */
interface Dice {
  pick<Value>(options: readonly Value[]): Value;
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  real(): number;
}

function dice(seed: number): Dice {
  const random = generator(seed);
  return {
    pick: (options) => options[Math.floor(random() * options.length)],
    whole: (low, high) => low + Math.floor(random() * (high - low + 1)),
    chance: (share) => random() < share,
    real: () => 2 * random() - 1,
  };
}

const roundModes = ['TRN', 'RND', 'RND_CONV', 'TRN_ZERO', 'RND_ZERO', 'RND_INF', 'RND_MIN_INF'] as const;
const overflowModes = ['WRAP', 'SAT', 'SAT_SYM'] as const;

/** Formats of activations; `i0`, `f0` are only where the random widths start. */
function activation(die: Dice): QuantizerOptions {
  const perPosition = { homogeneousAxis: [0] };
  const perChannel = { heterogeneousAxis: [-1] };
  const one = { heterogeneousAxis: [] };
  const mixed = { homogeneousAxis: [0, -1] };
  return {
    ...die.pick([perPosition, perChannel, one, mixed]),
    qType: die.pick(['kif', 'kbi'] as const),
    k0: die.chance(0.7),
    roundMode: die.pick(roundModes),
    overflowMode: die.pick(overflowModes),
  };
}

function weight(die: Dice): QuantizerOptions {
  return {
    ...die.pick([{ homogeneousAxis: [] }, { heterogeneousAxis: [-1] }, { heterogeneousAxis: [] }]),
    qType: die.pick(['kif', 'kbi'] as const),
    roundMode: die.pick(roundModes),
    overflowMode: die.pick(overflowModes),
  };
}

/** A random layer that fits on data of `shape` (without batch). */
function randomLayer(die: Dice, shape: readonly number[], name: string): QLayer {
  const rank = shape.length;
  const io = {
    name,
    iqConf: activation(die),
    ...(die.chance(0.2) ? { enableOq: true, oqConf: activation(die) } : {}),
  };
  const weights = { ...io, kqConf: weight(die), bqConf: weight(die), activation: die.pick(['relu', 'linear']) };
  const norm = { epsilon: 0.01, center: die.chance(0.7), scale: die.chance(0.7) };
  if (rank === 1) {
    const units = die.whole(1, 4);
    return die.pick([
      () => qDense({ ...weights, units, useBias: die.chance(0.7) }),
      () => qDenseBatchNorm({ ...weights, ...norm, units }),
      () => qBatchNormDense({ ...weights, epsilon: 0.01, units }),
      () => qBatchNormalization({ ...io, ...norm, kqConf: weight(die), bqConf: weight(die) }),
    ])();
  }
  const spatial = shape.slice(0, -1);
  const channels = shape[rank - 1];
  const padding = die.pick(rank === 2 ? ['valid', 'same', 'causal'] : ['valid', 'same']);
  const sizes = spatial.map((size) => die.whole(1, Math.min(3, size)));
  const dilated = spatial.map((size, axis) => (padding === 'valid' ? (sizes[axis] - 1) * 2 < size : true));
  const stretched = die.chance(0.3) && dilated.every(Boolean);
  const groups = die.pick([1, 1, channels, channels % 2 === 0 ? 2 : 1]);
  const window = {
    filters: groups * die.whole(1, 2),
    kernelSize: sizes,
    padding,
    groups,
    ...(stretched ? { dilationRate: 2 } : { strides: die.whole(1, 2) }),
  };
  const pool = {
    ...io,
    poolSize: sizes,
    strides: die.whole(1, 3),
    padding: padding === 'causal' ? 'valid' : padding,
  };
  const flat = { ...io, keepdims: die.chance(0.3) };
  const normalisation = () => qBatchNormalization({ ...io, ...norm, kqConf: weight(die), bqConf: weight(die) });
  const dense = () => qDenseBatchNorm({ ...weights, ...norm, units: 3 });
  return die.pick<() => QLayer>(
    rank === 2
      ? [
          () => qConv1D({ ...weights, ...window, useBias: die.chance(0.7) }),
          () => qMaxPooling1D(pool),
          () => qAveragePooling1D(pool),
          () => qGlobalMaxPooling1D(flat),
          () => qGlobalAveragePooling1D(flat),
          normalisation,
          dense,
        ]
      : [
          () => qConv2D({ ...weights, ...window, useBias: die.chance(0.7) }),
          () => qConv2DBatchNorm({ ...weights, ...norm, ...window }),
          () => qMaxPooling2D(pool),
          () => qAveragePooling2D(pool),
          () => qGlobalMaxPooling2D(flat),
          () => qGlobalAveragePooling2D(flat),
          normalisation,
          dense,
        ],
  )();
}

/** Random weights, statistics and bit widths; some widths are 0 or less. */
function randomise(die: Dice, layer: QLayer): void {
  for (const weight of layer.weights) {
    const variable = weight.read() as tf.Variable;
    const name = weight.originalName.split('/').at(-1) as string;
    const fill = (value: () => number): void =>
      tf.tidy(() => variable.assign(tf.tensor(Float32Array.from({ length: variable.size }, value), variable.shape)));
    if (['kernel', 'bias', 'bn_gamma', 'bn_beta', 'moving_mean'].includes(name)) fill(() => 1.5 * die.real());
    else if (name === 'moving_variance') fill(() => 0.1 + die.real() ** 2);
    else if (stateVariableOf(variable) == null) continue;
    // Few bits, so that sums stay within the 24 bits of float32 that the comparison needs.
    else if (name === 'b') fill(() => die.whole(0, 6));
    else if (name === 'f') fill(() => die.whole(-1, 4));
    else if (name === 'i') fill(() => die.whole(-1, 2));
    else if (name === 'k') fill(() => (die.chance(0.8) ? 1 : 0));
  }
}

/** A random chain of dense layers with random state, on data of rank 2 or 3 without batch; seeded. */
export function randomDenseModel(seed: number): tf.LayersModel {
  const die = dice(seed);
  const channels = die.whole(1, 4);
  const shape = die.chance(0.4) ? [die.whole(3, 8), channels] : [die.whole(3, 6), die.whole(3, 6), channels];
  const input = tf.input({ shape, name: 'x' });
  let x: tf.SymbolicTensor = input;
  const count = die.whole(1, 4);
  const layers: QLayer[] = [];
  for (let index = 0; index < count; index++) {
    if (x.shape.length > 2 && die.chance(0.15))
      x = tf.layers.flatten({ name: `flat${index}` }).apply(x) as tf.SymbolicTensor;
    const layer = randomLayer(die, x.shape.slice(1) as number[], `l${index}`);
    x = layer.apply(x) as tf.SymbolicTensor;
    layers.push(layer);
  }
  for (const layer of layers) randomise(die, layer);
  return tf.model({ inputs: input, outputs: x });
}
