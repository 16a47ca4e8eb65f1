import * as tf from '@tensorflow/tfjs';
import {
  type QLayer,
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
import { activationFormat, type Dice, dice, randomise, weightFormat } from './dice.ts';

/** A random layer that fits on data of `shape` (without batch). */
function randomLayer(die: Dice, shape: readonly number[], name: string): QLayer {
  const rank = shape.length;
  const io = {
    name,
    iqConf: activationFormat(die),
    ...(die.chance(0.2) ? { enableOq: true, oqConf: activationFormat(die) } : {}),
  };
  const weights = {
    ...io,
    kqConf: weightFormat(die),
    bqConf: weightFormat(die),
    activation: die.pick(['relu', 'linear']),
  };
  const norm = { epsilon: 0.01, center: die.chance(0.7), scale: die.chance(0.7) };
  if (rank === 1) {
    const units = die.whole(1, 4);
    return die.pick([
      () => qDense({ ...weights, units, useBias: die.chance(0.7) }),
      () => qDenseBatchNorm({ ...weights, ...norm, units }),
      () => qBatchNormDense({ ...weights, epsilon: 0.01, units }),
      () => qBatchNormalization({ ...io, ...norm, kqConf: weightFormat(die), bqConf: weightFormat(die) }),
    ])();
  }
  const first = die.chance(0.2);
  const dataFormat = first ? 'channelsFirst' : 'channelsLast';
  const spatial = first ? shape.slice(1) : shape.slice(0, -1);
  const channels = first ? shape[0] : shape[rank - 1];
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
    dataFormat,
    ...(stretched ? { dilationRate: 2 } : { strides: die.whole(1, 2) }),
  };
  const pool = {
    ...io,
    poolSize: sizes,
    strides: die.whole(1, 3),
    padding: padding === 'causal' ? 'valid' : padding,
    dataFormat,
  };
  const flat = { ...io, keepdims: die.chance(0.3), dataFormat };
  const normalisation = () =>
    qBatchNormalization({ ...io, ...norm, kqConf: weightFormat(die), bqConf: weightFormat(die) });
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
