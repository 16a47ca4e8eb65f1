import * as tf from '@tensorflow/tfjs';
import {
  clip,
  elementFunction,
  exponentialLinear,
  meanOfInputs,
  type QLayer,
  qAveragePooling2D,
  qBatchNormalization,
  qDense,
  qGlobalAveragePooling2D,
  quantizer,
  rectifier,
  reduceAxes,
  scaleShift,
  take,
  zeroPad,
} from '../../src/index.ts';
import { activationFormat, type Dice, dice, randomise, weightFormat } from './dice.ts';

type Symbolic = tf.SymbolicTensor;

/** Layers that compute with floats what the quantizer behind them rounds. */
const float = { enableIq: false, enableOq: false, enableEbops: false } as const;
const dummy = { kqConf: { qType: 'dummy' }, bqConf: { qType: 'dummy' } } as const;

/** A layer that moves numbers only, on data of `shape` (without batch). */
function moving(die: Dice, shape: readonly number[], name: string): tf.layers.Layer {
  const axis = die.whole(1, shape.length);
  const size = shape[axis - 1];
  const indices = Array.from({ length: die.whole(1, Math.min(4, size + 1)) }, () => die.whole(0, size - 1));
  const total = shape.reduce((product, extent) => product * extent, 1);
  const options: (() => tf.layers.Layer)[] = [
    () => take({ selections: [{ axis, indices }], name }),
    () => tf.layers.reshape({ targetShape: [total / size, size], name }),
    () => tf.layers.activation({ activation: 'linear', name }),
    () => tf.layers.dropout({ rate: 0.3, name }),
  ];
  if (shape.length > 1) options.push(() => tf.layers.flatten({ name }));
  if (shape.length > 1) options.push(() => tf.layers.permute({ dims: shape.map((_, d) => shape.length - d), name }));
  if (shape.length === 1) options.push(() => tf.layers.repeatVector({ n: die.whole(1, 3), name }));
  if (shape.length > 1) {
    options.push(() => take({ selections: [{ axis, indices: [die.whole(0, size - 1)] }], dropAxes: [axis], name }));
  }
  return die.pick(options)();
}

/** A layer that computes, on data of `shape`. */
function computing(die: Dice, shape: readonly number[], name: string): tf.layers.Layer {
  const rank = shape.length;
  const axes = shape.map((_, d) => d + 1).filter(() => die.chance(0.5));
  const slope = die.pick([0, 0.25, 0.3]);
  const options: (() => tf.layers.Layer)[] = [
    () => zeroPad({ pads: shape.map(() => [die.whole(0, 1), die.whole(0, 1)]), name }),
    () => scaleShift({ scale: die.pick([0.5, -1, 0.3]), offset: die.pick([null, 0.25, 0.7]), name }),
    () => scaleShift({ divisor: die.pick([3, 4, 6]), name }),
    () =>
      rectifier({ negativeSlope: slope, maxValue: die.pick([null, 1, 1.7]), threshold: die.pick([0, 0, 0.5]), name }),
    () => tf.layers.leakyReLU({ alpha: die.pick([0.25, 0.3]), name }),
    () => clip({ min: die.pick([null, -0.5, -0.7]), max: die.pick([1, 0.3]), name }),
    () => exponentialLinear({ alpha: die.pick([1, 0.5]), name }),
    () => elementFunction({ activation: die.pick(['tanh', 'sigmoid', 'gelu', 'softplus', 'hardSigmoid']), name }),
    () => tf.layers.prelu({ alphaInitializer: tf.initializers.constant({ value: die.pick([0.25, 0.3]) }), name }),
    () => qBatchNormalization({ ...float, ...dummy, epsilon: 0.01, name }),
    () =>
      qDense({
        ...float,
        units: die.whole(1, 3),
        activation: die.pick(['linear', 'relu', 'tanh', 'elu']),
        kqConf: weightFormat(die),
        bqConf: weightFormat(die),
        name,
      }),
  ];
  if (axes.length > 0) {
    const mode = die.pick(['sum', 'mean', 'max', 'min'] as const);
    options.push(() => reduceAxes({ mode, axes, keepDims: die.chance(0.5), name }));
  }
  if (rank === 3) {
    const poolSize = [die.whole(1, Math.min(3, shape[0])), die.whole(1, Math.min(3, shape[1]))];
    options.push(
      () =>
        qAveragePooling2D({ ...float, poolSize, strides: die.whole(1, 2), padding: die.pick(['valid', 'same']), name }),
      () => qGlobalAveragePooling2D({ ...float, keepdims: die.chance(0.5), name }),
      () => tf.layers.upSampling2d({ size: [die.whole(1, 2), die.whole(1, 2)], name }),
      () => tf.layers.maxPooling2d({ poolSize: poolSize as [number, number], strides: [1, 1], name }),
    );
  }
  return die.pick(options)();
}

function merging(die: Dice, name: string): tf.layers.Layer {
  return die.pick([
    () => tf.layers.concatenate({ axis: -1, name }),
    () => tf.layers.add({ name }),
    () => tf.layers.maximum({ name }),
    () => tf.layers.minimum({ name }),
    () => tf.layers.multiply({ name }),
    () => meanOfInputs({ name }),
  ])();
}

/**
 * A random model of plain layers between quantizers with random state, on data of rank 1 to 3 without batch; seeded.
 * Functions, normalisations and averages are followed by a quantizer, perhaps behind layers that move numbers.
 */
export function randomPlainModel(seed: number): tf.LayersModel {
  const die = dice(seed);
  const shape = Array.from({ length: die.whole(1, 3) }, () => die.whole(2, 4));
  const input = tf.input({ shape, name: 'x' });
  const made: tf.layers.Layer[] = [];
  const apply = (layer: tf.layers.Layer, ...xs: Symbolic[]): Symbolic => {
    made.push(layer);
    return layer.apply(xs.length === 1 ? xs[0] : xs) as Symbolic;
  };
  const sizes = (x: Symbolic): number[] => x.shape.slice(1) as number[];
  let count = 0;
  const rounded = (x: Symbolic): Symbolic => {
    const { homogeneousAxis: _, heterogeneousAxis: __, ...one } = activationFormat(die);
    // One number has one format.
    const config = sizes(x).length > 0 && die.chance(0.7) ? activationFormat(die) : { ...one, heterogeneousAxis: [] };
    return apply(quantizer({ config, name: `q${count++}` }), x);
  };
  let x: Symbolic = rounded(input);
  const steps = die.whole(1, 4);
  for (let step = 0; step < steps && sizes(x).length > 0; step++) {
    const before = x;
    if (die.chance(0.4)) x = apply(moving(die, sizes(x), `m${step}`), x);
    x = apply(computing(die, sizes(x), `c${step}`), x);
    if (sizes(x).length > 0 && die.chance(0.3)) x = apply(moving(die, sizes(x), `n${step}`), x);
    x = rounded(x);
    if (sizes(x).join() === sizes(before).join() && sizes(x).length > 0 && die.chance(0.7)) {
      x = rounded(apply(merging(die, `j${step}`), before, x));
    }
  }
  for (const layer of made) if ('quantizers' in layer) randomise(die, layer as QLayer);
  return tf.model({ inputs: input, outputs: x });
}
