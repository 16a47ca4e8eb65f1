import * as tf from '@tensorflow/tfjs';
import type { QuantizerOptions } from '../../src/config/quantizer-settings.ts';
import {
  hardSigmoidConfig,
  hardTanhConfig,
  inputReduce,
  QLayer,
  qAdd,
  qAveragePow2,
  qConv2DSparse,
  qDot,
  qEinsum,
  qEinsumDense,
  qMaximum,
  qMeanPow2,
  qMinimum,
  qMultiply,
  qRelu,
  qSoftmax,
  qSubtract,
  qSum,
  qUnaryFunctionLUT,
  quantizer,
} from '../../src/index.ts';
import { activationFormat, type Dice, dice, randomise, weightFormat } from './dice.ts';

type Tensor = tf.SymbolicTensor;

/** A quantizer of every kind: fixed, minifloat weights, presets, with scaler and affine map. */
function anyConfig(die: Dice): QuantizerOptions {
  const map = die.chance(0.3)
    ? {
        affine: die.pick([
          [0.5, 0.25],
          [-2, 0],
          [0.75, -1.5],
        ] as const),
      }
    : {};
  const scaler = die.chance(0.3) ? { scaler: die.pick([0.25, 2, 8]) } : {};
  return die.pick<() => QuantizerOptions>([
    () => ({ ...activationFormat(die), ...map, ...scaler }),
    () => hardTanhConfig({ f0: 3, heterogeneousAxis: [], symmetric: die.chance(0.5) }),
    () => hardSigmoidConfig({ f0: 3, heterogeneousAxis: [] }),
  ])();
}

const functions = ['sigmoid', 'tanh', 'exp', 'softplus', 'elu', 'swish', 'square', 'hardSigmoid', 'relu', 'gelu'];

/** Applies a random layer to some of the tensors there are. */
function step(die: Dice, tensors: readonly Tensor[], name: string): Tensor {
  const x = die.pick(tensors.filter((tensor) => tensor.shape.length < 5));
  const shape = x.shape.slice(1) as number[];
  const rank = x.shape.length;
  const last = shape[shape.length - 1];
  const oq = die.chance(0.2) ? { enableOq: true, oqConf: anyConfig(die) } : {};
  const io = { name, iqConf: activationFormat(die), ...oq };
  const merge = { name, iqConfs: activationFormat(die), ...oq };
  const table = { qType: 'kbi', ...activationFormat(die), overflowMode: 'SAT' } as const;
  // Equal shapes, or size 1 against anything.
  const fits = tensors.filter(
    (y) => y.shape.length === rank && y.shape.every((n, axis) => n === x.shape[axis] || n === 1 || x.shape[axis] === 1),
  );
  // A tensor that one layer takes twice is freed too early by tfjs' inference, so a second use goes through a quantizer.
  let copies = 0;
  const other = (y: Tensor): Tensor =>
    y === x ? (quantizer({ name: `${name}c${copies++}`, config: activationFormat(die) }).apply(x) as Tensor) : y;
  const partners = (): Tensor[] => [x, other(die.pick(fits)), ...(die.chance(0.3) ? [other(x)] : [])];
  // What addresses a table has few bits.
  const narrow = (): Tensor =>
    quantizer({ name: `${name}in`, config: { ...activationFormat(die), overflowMode: 'SAT' } }).apply(x) as Tensor;
  const axes = [die.whole(1, rank - 1)];
  const letters = 'abcdefgh'.slice(0, rank - 1);
  return die.pick<() => unknown>([
    () => qAdd(merge).apply(partners()),
    () => qAveragePow2(merge).apply(partners()),
    () => qSubtract(merge).apply(partners().slice(0, 2)),
    () => qMultiply(merge).apply(partners().slice(0, 2)),
    () => qMaximum(merge).apply(partners()),
    () => qMinimum(merge).apply(partners()),
    () => qSum({ ...io, axes, keepDims: rank === 2 || die.chance(0.5), scale: die.pick([1, 0.25, 4]) }).apply(x),
    () => qMeanPow2({ ...io, axes, keepDims: rank === 2 || die.chance(0.5) }).apply(x),
    () => qDot({ ...merge, axes: -1 }).apply([x, other(x)]),
    () => qEinsum({ ...merge, equation: `z${letters},z${letters}->z${letters[0]}` }).apply([x, other(x)]),
    () =>
      qEinsumDense({
        ...io,
        kqConf: die.chance(0.3) ? { qType: 'float' } : weightFormat(die),
        bqConf: weightFormat(die),
        ...die.pick([
          { equation: '...x,xy->...y', outputShape: die.whole(1, 3), biasAxes: die.pick([null, 'y']) },
          { equation: `z${letters},${letters}p->zp`, outputShape: 2, biasAxes: 'p' },
          {
            equation: `z${letters},p${letters.at(-1)}->zp${letters.slice(0, -1)}`,
            outputShape: [2, ...shape.slice(0, -1)],
          },
          { equation: `z${letters},${letters}->z${letters}`, outputShape: shape, biasAxes: letters.at(-1) as string },
        ]),
        activation: die.pick(['relu', 'linear']),
      }).apply(x),
    () =>
      qRelu({
        ...io,
        enableIq: die.chance(0.5),
        negativeSlope: die.pick([0, 0.25]),
        maxValue: die.pick([null, 1.5]),
      }).apply(x),
    () =>
      qUnaryFunctionLUT({
        ...io,
        ...(die.chance(0.3) ? { allowHeterogeneousInput: false } : {}),
        enableOq: true,
        oqConf: die.chance(0.2) ? { qType: 'float' } : { ...table, affine: die.pick([null, [0.5, 0]]) },
        activation: die.pick(functions),
      }).apply(narrow()),
    () =>
      qSoftmax({
        ...io,
        enableIq: true,
        axis: last > 1 ? -1 : axes,
        stable: die.chance(0.6),
        expIqConf: activationFormat(die),
        invIqConf: activationFormat(die),
        allowHeterogeneousTable: die.chance(0.5),
      }).apply(narrow()),
    () => quantizer({ name, config: anyConfig(die) }).apply(x),
    () => quantizer({ name, config: { qType: 'float' } }).apply(narrow()),
  ])() as Tensor;
}

/** A random network of merges, sums, tables and quantizers, with random state; seeded. */
export function randomArithmeticModel(seed: number): tf.LayersModel {
  const die = dice(seed);
  const sparse = die.chance(0.4);
  const shape = sparse ? [4, 4, die.whole(1, 2)] : Array.from({ length: die.whole(1, 3) }, () => die.whole(1, 4));
  const input = tf.input({ shape, name: 'x' });
  const tensors: Tensor[] = [input];
  if (sparse) {
    const [x, mask] = inputReduce({ n: 6, threshold: 0.5, name: 'reduce' }).apply(input) as Tensor[];
    const conv = (name: string): Tensor =>
      qConv2DSparse({ filters: 2, kernelSize: 3, iqConf: activationFormat(die), name }).apply([x, mask]) as Tensor;
    tensors.splice(0, 1, x, conv('conv1'), conv('conv2'));
  }
  const start = tensors.length;
  const count = die.whole(1, 4);
  for (let index = 0; index < count; index++) tensors.push(step(die, tensors, `l${index}`));
  const model = tf.model({ inputs: input, outputs: tensors.slice(start) });
  for (const layer of model.layers) if (layer instanceof QLayer) randomise(die, layer);
  return model;
}
