import * as tf from '@tensorflow/tfjs';
import { type RandomSource, randomSource } from '../data/random.ts';
import { OptionError } from '../option-error.ts';

let seed: number | undefined;
let initialWeights: RandomSource | undefined;

/**
 * Makes everything after it that draws random numbers repeatable: the initial weights of all layers, those of TensorFlow.js included, in the order
 * in which they are made; and, by the default of `seed` of `fit`, `resumeFit` and `checkpoint`, the order of the images, dropout and noise. Call it
 * before the model is made: then two runs of a program, or of a function of it, give the same numbers. Initializers, layers and functions that are
 * given a seed of their own keep it.
 *
 * Initial weights are drawn from `Math.random`, as ever, which gives the numbers of `seed` for as long as a weight is being made.
 *
 * @throws OptionError for a number that is not whole.
 * @example
 * setSeed(7);
 * const model = build();
 * await fit(model, train, { epochs: 20 });
 */
export function setSeed(value: number): void {
  if (!Number.isInteger(value)) throw new OptionError(`setSeed: ${String(value)} is not a whole number`);
  seed = value;
  initialWeights = randomSource(value, 0x77656967);
  seedInitialWeights();
}

/** The seed that functions use which are not given one: that of `setSeed`, else 0. */
export function defaultSeed(): number {
  return seed ?? 0;
}

/** Runs `compute`, for which `Math.random` draws from `source`. It must not wait for anything. */
export function drawingFrom<T>(source: RandomSource, compute: () => T): T {
  const own = Math.random;
  Math.random = source.unit;
  try {
    return compute();
  } finally {
    Math.random = own;
  }
}

const seeded: unique symbol = Symbol.for('@sp/train: layers draw their weights from the seed');

/** The method of all layers in which tfjs draws weights; types hide it. */
interface MakesWeights {
  addWeight(this: tf.layers.Layer, ...settings: unknown[]): tf.LayerVariable;
  [seeded]?: true;
}

function seedInitialWeights(): void {
  const layers = tf.layers.Layer.prototype as unknown as MakesWeights;
  if (layers[seeded]) return;
  layers[seeded] = true;
  const { addWeight } = layers;
  layers.addWeight = function (...settings) {
    const make = (): tf.LayerVariable => addWeight.apply(this, settings);
    return initialWeights === undefined ? make() : drawingFrom(initialWeights, make);
  };
}
