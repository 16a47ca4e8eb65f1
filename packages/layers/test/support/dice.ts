import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import type { QuantizerOptions } from '../../src/config/quantizer-settings.ts';
import type { QLayer } from '../../src/index.ts';
import { stateVariableOf } from '../../src/quantizer/state-variable.ts';

/** Seeded draws. */
export interface Dice {
  pick<Value>(options: readonly Value[]): Value;
  /** From `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  /** From −1 to 1. */
  real(): number;
}

export function dice(seed: number): Dice {
  const random = seededRandom(seed);
  return {
    pick: (options) => options[Math.floor(random() * options.length)],
    whole: (low, high) => low + Math.floor(random() * (high - low + 1)),
    chance: (share) => random() < share,
    real: () => 2 * random() - 1,
  };
}

const roundModes = ['TRN', 'RND', 'RND_CONV', 'TRN_ZERO', 'RND_ZERO', 'RND_INF', 'RND_MIN_INF'] as const;
const overflowModes = ['WRAP', 'SAT', 'SAT_SYM'] as const;

/** Formats of activations with every mode and sharing; the widths themselves come from `randomise`. */
export function activationFormat(die: Dice): QuantizerOptions {
  const axes = [
    { homogeneousAxis: [0] },
    { heterogeneousAxis: [-1] },
    { heterogeneousAxis: [] },
    { homogeneousAxis: [0, -1] },
  ];
  return {
    ...die.pick(axes),
    qType: die.pick(['kif', 'kbi'] as const),
    k0: die.chance(0.7),
    roundMode: die.pick(roundModes),
    overflowMode: die.pick(overflowModes),
  };
}

/** Formats of weights. */
export function weightFormat(die: Dice): QuantizerOptions {
  return {
    ...die.pick([{ homogeneousAxis: [] }, { heterogeneousAxis: [-1] }, { heterogeneousAxis: [] }]),
    qType: die.pick(['kif', 'kbi'] as const),
    roundMode: die.pick(roundModes),
    overflowMode: die.pick(overflowModes),
  };
}

/** Random weights, statistics and bit widths; some widths are 0 or less. */
export function randomise(die: Dice, layer: QLayer): void {
  for (const weight of layer.weights) {
    const variable = weight.read() as tf.Variable;
    const name = weight.originalName.split('/').at(-1) as string;
    const fill = (value: () => number): void =>
      tf.tidy(() => variable.assign(tf.tensor(Float32Array.from({ length: variable.size }, value), variable.shape)));
    if (['kernel', 'recurrent_kernel', 'bias', 'bn_gamma', 'bn_beta', 'moving_mean'].includes(name))
      fill(() => 1.5 * die.real());
    else if (name === 'moving_variance') fill(() => 0.1 + die.real() ** 2);
    else if (stateVariableOf(variable) == null) continue;
    // Few bits, so that sums stay within the 24 bits of float32 that the comparison needs.
    else if (name === 'b') fill(() => die.whole(0, 6));
    else if (name === 'f') fill(() => die.whole(-1, 4));
    else if (name === 'i') fill(() => die.whole(-1, 2));
    else if (name === 'k') fill(() => (die.chance(0.8) ? 1 : 0));
    else if (name === 'm') fill(() => die.whole(-1, 3));
    else if (name === 'e') fill(() => die.whole(0, 3));
    else if (name === 'e0') fill(() => die.whole(-2, 2));
  }
}
