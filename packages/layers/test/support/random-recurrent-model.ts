import * as tf from '@tensorflow/tfjs';
import type { QuantizerOptions } from '../../src/config/quantizer-settings.ts';
import { hardSigmoidConfig, hardTanhConfig, QLayer, qDense, qGRU, qSimpleRNN } from '../../src/index.ts';
import { activationFormat, type Dice, dice, randomise, weightFormat } from './dice.ts';

type Tensor = tf.SymbolicTensor;

/** What rounds gates and candidates: the presets in most cases. */
function cellFormat(die: Dice): QuantizerOptions {
  const axes = die.pick([{ heterogeneousAxis: [] }, { homogeneousAxis: [0] }]);
  return die.pick<() => QuantizerOptions>([
    () => hardTanhConfig({ f0: 3, ...axes, symmetric: die.chance(0.3) }),
    () => hardSigmoidConfig({ f0: 2, ...axes }),
    () => ({ ...activationFormat(die), overflowMode: 'SAT' }),
    () => ({ ...activationFormat(die), affine: [0.5, 0.25] }),
  ])();
}

const activations = ['linear', 'linear', 'relu', 'tanh', 'hardSigmoid'];

/** One or two random recurrent layers, some behind each other, with random state; seeded. */
export function randomRecurrentModel(seed: number): tf.LayersModel {
  const die = dice(seed);
  const input = tf.input({ shape: [die.whole(1, 3), die.whole(1, 3)], name: 'x' });
  const layer = (name: string, inside: boolean): tf.layers.Layer => {
    const enableSq = die.chance(0.5);
    const args = {
      name,
      units: die.whole(1, 3),
      useBias: die.chance(0.7),
      goBackwards: die.chance(0.3),
      returnSequences: inside || die.chance(0.4),
      iqConf: activationFormat(die),
      kqConf: weightFormat(die),
      rkqConf: weightFormat(die),
      bqConf: weightFormat(die),
      sqConf: die.chance(0.3) ? { ...activationFormat(die), affine: [0.5, 0.25] as const } : activationFormat(die),
      paqConf: cellFormat(die),
      enableOq: die.chance(0.2),
      oqConf: activationFormat(die),
    };
    if (die.chance(0.4)) {
      return qSimpleRNN({
        ...args,
        enableSq,
        activation: enableSq ? die.pick(activations) : die.pick(['linear', 'relu']),
      });
    }
    return qGRU({
      ...args,
      activation: die.pick(activations),
      recurrentActivation: die.pick(activations),
      resetAfter: die.chance(0.5),
      praqConf: cellFormat(die),
      rhqConf: cellFormat(die),
    });
  };
  let x: Tensor = input;
  if (die.chance(0.3)) x = layer('first', true).apply(x) as Tensor;
  x = layer('last', false).apply(x) as Tensor;
  x = qDense({ units: 2, name: 'dense', iqConf: activationFormat(die), kqConf: weightFormat(die) }).apply(x) as Tensor;
  const model = tf.model({ inputs: input, outputs: x });
  for (const each of model.layers) if (each instanceof QLayer) randomise(die, each);
  return model;
}
