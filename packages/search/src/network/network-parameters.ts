import { didYouMean } from '@sp/quant/suggest';
import type { Dimension, Point, Space, Value } from '@sp/train/internal';
import { SearchError } from '../errors.ts';

/** What a parameter of a network is when it is not searched, and what it may be. */
export interface NetworkParameter {
  readonly default: Value;
  readonly about: string;
  readonly allows: (value: Value) => boolean;
  /** In words, for errors. */
  readonly asked: string;
}

const number = (
  value: number,
  about: string,
  [low, high]: readonly [number, number],
  whole: boolean,
): NetworkParameter => ({
  default: value,
  about,
  allows: (given) => typeof given === 'number' && given >= low && given <= high && (!whole || Number.isInteger(given)),
  asked: `a ${whole ? 'whole ' : ''}number from ${low} to ${high}`,
});
const count = (value: number, about: string, low: number, high: number): NetworkParameter =>
  number(value, about, [low, high], true);
const real = (value: number, about: string, low: number, high: number): NetworkParameter =>
  number(value, about, [low, high], false);
const name = (value: string, about: string, values: readonly string[]): NetworkParameter => ({
  default: value,
  about,
  allows: (given) => values.includes(given as string),
  asked: `one of ${values.join(', ')}`,
});

const layer = (j: number): Record<string, NetworkParameter> => ({
  [`kernel${j}`]: count(j === 1 ? 5 : 3, `side of the kernel of convolution ${j}`, 1, 31),
  [`filters${j}`]: count(4, `filters of convolution ${j}`, 1, 256),
  [`pool${j}`]: count(2, `side of the cells pooled after convolution ${j}; 1: no pooling`, 1, 16),
});

/**
 * The parameters of the networks that are searched: input reduction, sparse convolutions with relu and pooling, dense layers with relu, one score per class. The defaults are the
 * network of the example. Besides, every option of the firmware plan is one: `hls.ioType`, `hls.strategy`, `hls.reuseFactor`, …, of a single layer `hls.conv1.reuseFactor`; and with `rtl`
 * `rtl.interval` and `rtl.levelsPerStage`.
 */
export const NETWORK_PARAMETERS: Readonly<Record<string, NetworkParameter>> = {
  n: count(24, 'pixel budget to begin with, and the most it becomes', 1, 4096),
  threshold: real(0.45, 'threshold to begin with', 0, 1e6),
  betaN: real(8e-3, 'weight of the pixel budget in the loss', 0, 1e6),
  betaMaskedE: real(1, 'weight of the dropped share of intensity in the loss', 0, 1e6),
  tauThreshold: real(0.03, 'softness of the threshold while it is learned', 1e-9, 1e6),
  learn: real(0.5, 'share of the epochs in which budget and threshold are learned', 0, 1),
  convs: count(2, 'sparse convolutions', 0, 4),
  ...layer(1),
  ...layer(2),
  ...layer(3),
  ...layer(4),
  pooling: name('average', 'how cells are pooled', ['average', 'max']),
  denses: count(1, 'hidden dense layers', 0, 3),
  units1: count(24, 'units of hidden dense layer 1', 1, 4096),
  units2: count(24, 'units of hidden dense layer 2', 1, 4096),
  units3: count(24, 'units of hidden dense layer 3', 1, 4096),
  beta: real(3e-7, 'weight of the EBOPs in the loss', 0, 1),
  weightBits: count(8, 'bits of weights and biases to begin with, without sign', 1, 16),
  activationFraction: count(7, 'fraction bits of activations to begin with', 0, 16),
  learningRate: real(1.5e-2, 'learning rate to begin with; it falls like a cosine', 0, 10),
  batchSize: count(16, 'images per step', 1, 65536),
  labelSmoothing: real(0.15, 'share of every label that is spread over all classes', 0, 0.99),
};

/** Whether a name is one of a plan's options: `hls.…` or `rtl.…`. */
export function isPlanParameter(parameter: string): boolean {
  return /^(hls\.([^.]+\.)?[^.]+|rtl\.(interval|levelsPerStage))$/.test(parameter);
}

/**
 * @param fixed values of parameters that are not searched
 * @throws SearchError for names that are no parameter, values that a parameter cannot have, and a parameter that is searched and fixed
 */
export function checkNetworkSpace(space: Space, fixed: Readonly<Record<string, Value>>): void {
  const known = Object.keys(NETWORK_PARAMETERS);
  const check = (where: string, parameter: string, values: readonly Value[]): void => {
    if (isPlanParameter(parameter)) return;
    if (!Object.hasOwn(NETWORK_PARAMETERS, parameter)) {
      throw new SearchError(
        `${where}: '${parameter}' is no parameter of a network${didYouMean(parameter, known)} (known: ${known.join(', ')}, hls.OPTION, hls.LAYER.OPTION, rtl.interval, rtl.levelsPerStage)`,
      );
    }
    const { allows, asked } = NETWORK_PARAMETERS[parameter];
    const bad = values.find((value) => !allows(value));
    if (bad !== undefined) throw new SearchError(`${where}: ${parameter} ${String(bad)} is not ${asked}`);
  };
  for (const [parameter, dimension] of Object.entries(space)) check('space', parameter, endsOf(dimension));
  for (const [parameter, value] of Object.entries(fixed)) {
    check('problem.settings.fixed', parameter, [value]);
    if (Object.hasOwn(space, parameter)) {
      throw new SearchError(`'${parameter}' is searched and fixed; leave it out of one of both`);
    }
  }
}

/** Values of which all others are as good; a real number where whole ones are asked for is not. */
function endsOf(dimension: Dimension): readonly Value[] {
  if (dimension.kind === 'choice') return dimension.values;
  const { low, high, kind } = dimension;
  return kind === 'real' && low < high ? [low, high, low + (high - low) / Math.PI] : [low, high];
}

/** The value of every parameter at a point: searched, fixed or default. */
export function parametersAt(point: Point, fixed: Readonly<Record<string, Value>>): (parameter: string) => number {
  return (parameter) => (point[parameter] ?? fixed[parameter] ?? NETWORK_PARAMETERS[parameter].default) as number;
}
