import * as tf from '@tensorflow/tfjs';
import { QLayer, qLinformerAttention, qMaxPooling1D, qMultiHeadAttention, quantizer } from '../../src/index.ts';
import { activationFormat, type Dice, dice, randomise, weightFormat } from './dice.ts';

type Tensor = tf.SymbolicTensor;

/** Formats of what addresses tables, or comes out of them. */
const table = (die: Dice) => ({ ...activationFormat(die), overflowMode: 'SAT' }) as const;

/** A random attention layer on a sequence or an image, to itself or another tensor, with random state; seeded. */
export function randomAttentionModel(seed: number): tf.LayersModel {
  const die = dice(seed);
  const image = die.chance(0.3);
  const shape = image ? [2, die.whole(1, 3), die.whole(1, 3)] : [die.whole(2, 4), die.whole(1, 3)];
  const input = tf.input({ shape, name: 'x' });
  const linformer = die.chance(0.4);
  const axes = image ? die.pick([[1, 2], [1], [2], null]) : die.pick([[1], null]);
  // One format per score does not fit where some axes only are attended to; the same in the reference.
  const args = {
    name: 'attention',
    numHeads: die.whole(1, 2),
    keyDim: die.whole(1, 3),
    valueDim: die.pick([null, 1, 2]),
    useBias: die.chance(0.7),
    outputShape: die.pick([null, 2, [2, 1]]),
    attentionAxes: axes,
    enableIq: die.chance(0.9),
    enableEbops: false,
    enableOq: die.chance(0.3),
    oqConf: activationFormat(die),
    qkvoIqConf: activationFormat(die),
    qkvoKqConf: weightFormat(die),
    qkvoBqConf: weightFormat(die),
    qkvoOqConf: activationFormat(die),
    softmaxExpIqConf: table(die),
    softmaxExpOqConf: activationFormat(die),
    softmaxInvIqConf: table(die),
    softmaxInvOqConf: activationFormat(die),
    softmaxOqConf: activationFormat(die),
    stableSoftmax: die.chance(0.8),
    softmaxAllowHeterogeneousTable: die.chance(0.3),
  };
  const layer = linformer
    ? qLinformerAttention({
        ...args,
        linKvProjDim: (axes ?? shape.slice(0, -1)).map(() => die.whole(1, 2)),
        shareKvProj: die.chance(0.4),
        linEnableOq: die.chance(0.4),
      })
    : qMultiHeadAttention({
        ...args,
        fuse: die.pick(['none', 'kv', 'qkv']),
        useCausalMask: !image && die.chance(0.3),
      });
  const copy = (name: string): Tensor => quantizer({ name, config: activationFormat(die) }).apply(input) as Tensor;
  const shorter = (): Tensor =>
    qMaxPooling1D({ name: 'shorter', poolSize: 2, iqConf: activationFormat(die) }).apply(input) as Tensor;
  const fused = layer.fuse === 'qkv';
  const inputs = die.pick<() => readonly Tensor[]>([
    () => [input],
    () => [input, image || fused ? copy('value') : shorter()],
    () => [input, copy('value'), copy('key')],
  ])();
  const outputs = layer.apply(inputs.length === 1 ? inputs[0] : [...inputs]) as Tensor;
  const model = tf.model({ inputs: input, outputs });
  for (const each of model.layers) if (each instanceof QLayer) randomise(die, each);
  return model;
}
