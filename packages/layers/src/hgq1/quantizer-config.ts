import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';

/** Rounding of values (hgq1 §1.1). `auto` is decided when the layer is built. */
export type RoundStrategy = 'standard_round' | 'stochastic_round' | 'fast_uniform_noise_injection' | 'floor' | 'auto';

/** Dimensions that share a bit width: a list, or a word. Of activations the batch counts as dimension 0. */
export type SkipDims = readonly number[] | 'all' | 'batch' | 'none' | 'except_last' | 'except_1st' | null;

/** Cost of a tensor of fraction bits, added to the loss. */
export type BitRegularizer = (fractionBits: tf.Tensor) => tf.Scalar;

/** Settings of one HGQ v1 quantizer. */
export interface HQuantizerConfig {
  /** Fraction bits at the start; a kernel's are adapted to its values. */
  readonly initBw: number;
  readonly skipDims: SkipDims;
  readonly rndStrategy: RoundStrategy;
  /** Round bit widths while training too; otherwise only in inference. */
  readonly exactQValue: boolean;
  /** Range of bit widths, enforced at every call; null: none. */
  readonly bwClip: readonly [number, number] | null;
  /** Whether bit widths are trained. */
  readonly trainable: boolean;
  /** Weight of the sum of bit widths in the loss (signed, MonoL1). */
  readonly l1: number;
  /** Weight of the sum of their magnitudes (Keras' L1). Default 0. */
  readonly absL1: number;
  /** Weight of the sum of their squares (Keras' L2). Default 0. */
  readonly l2: number;
  /** Another cost of the bit widths, differentiable; it cannot be saved with the model. Default null: none. */
  readonly regularizer: BitRegularizer | null;
  /** Keep the range of what it gives; needed for activations. */
  readonly minmaxRecord: boolean;
}

const common = {
  initBw: 2,
  // The documents say `auto`; the shipped code, and all recorded numbers, use this (hgq1 D1).
  rndStrategy: 'standard_round',
  exactQValue: true,
  bwClip: [-23, 23],
  trainable: true,
  l1: 1e-6,
  absL1: 0,
  l2: 0,
  regularizer: null,
} as const;

let kernelDefaults: HQuantizerConfig = { ...common, skipDims: null, minmaxRecord: false };
let activationDefaults: HQuantizerConfig = { ...common, skipDims: [0], minmaxRecord: true };

/** A copy of the settings kernels have unless told otherwise. */
export function getDefaultKqConf(): HQuantizerConfig {
  return { ...kernelDefaults };
}

/** A copy of the settings pre-activations have unless told otherwise. */
export function getDefaultPaqConf(): HQuantizerConfig {
  return { ...activationDefaults };
}

/** Replaces the defaults of kernels, for layers made from now on. @throws LayerError unless all settings are given */
export function setDefaultKqConf(conf: HQuantizerConfig): void {
  kernelDefaults = complete(conf, kernelDefaults, 'setDefaultKqConf');
}

/** Replaces the defaults of pre-activations, for layers made from now on. @throws LayerError unless all are given */
export function setDefaultPaqConf(conf: HQuantizerConfig): void {
  activationDefaults = complete(conf, activationDefaults, 'setDefaultPaqConf');
}

/** Given settings on top of the defaults. @throws LayerError naming layer, setting, value and remedy */
export function hQuantizerConfig(
  given: Partial<HQuantizerConfig> | null | undefined,
  defaults: HQuantizerConfig,
  where: string,
): HQuantizerConfig {
  const unknown = Object.keys(given ?? {}).find((key) => !(key in defaults));
  if (unknown != null) {
    throw new LayerError(`${where}: no setting '${unknown}'. Known: ${Object.keys(defaults).join(', ')}.`, {
      option: unknown,
    });
  }
  const conf = { ...defaults, ...given };
  const refuse = (option: keyof HQuantizerConfig, wanted: string): never => {
    throw new LayerError(`${where}: ${option} = ${JSON.stringify(conf[option])}; expected ${wanted}.`, {
      option,
      value: conf[option],
    });
  };
  if (!Number.isFinite(conf.initBw)) refuse('initBw', 'a finite number');
  if (!strategies.includes(conf.rndStrategy)) refuse('rndStrategy', `one of ${strategies.join(', ')}`);
  for (const weight of ['l1', 'absL1', 'l2'] as const) if (!(conf[weight] >= 0)) refuse(weight, 'a number ≥ 0');
  if (conf.regularizer !== null && typeof conf.regularizer !== 'function') refuse('regularizer', 'a function or null');
  if (conf.bwClip != null && !(conf.bwClip.length === 2 && conf.bwClip[0] <= conf.bwClip[1]))
    refuse('bwClip', 'null or [low, high]');
  if (typeof conf.skipDims === 'string' && !words.includes(conf.skipDims))
    refuse('skipDims', `a list, null, or one of ${words.join(', ')}`);
  return conf;
}

/**
 * The settings as plain data, for `getConfig`.
 *
 * @throws LayerError for a regulariser that is a function, which no file can hold
 */
export function savedConfig({ regularizer, ...conf }: HQuantizerConfig, where: string): tf.serialization.ConfigDict {
  if (regularizer !== null) {
    throw new LayerError(
      `${where}: regularizer is a function, which cannot be saved. Use l1, absL1 or l2, or save the weights alone.`,
      { option: 'regularizer' },
    );
  }
  return { ...conf } as unknown as tf.serialization.ConfigDict;
}

/** Shape of the bit widths of data of `shape` (batch counted, as 1): 1 in every dimension that shares. */
export function bitShapeOf(conf: HQuantizerConfig, shape: readonly number[], where: string): readonly number[] {
  const rank = shape.length;
  const skipped = (axis: number): boolean => {
    const { skipDims } = conf;
    if (skipDims === null || skipDims === 'none') return false;
    if (skipDims === 'all') return true;
    if (skipDims === 'batch') return axis === 0;
    if (skipDims === 'except_last') return axis !== rank - 1;
    if (skipDims === 'except_1st') return axis !== 1;
    return skipDims.some((dim) => (dim < 0 ? dim + rank : dim) === axis);
  };
  if (Array.isArray(conf.skipDims)) {
    const wrong = conf.skipDims.find((dim) => !Number.isInteger(dim) || dim >= rank || dim < -rank);
    if (wrong != null)
      throw new LayerError(`${where}: skipDims has ${wrong}; the data have ${rank} dimensions.`, {
        option: 'skipDims',
        value: wrong,
      });
  }
  return shape.map((extent, axis) => (skipped(axis) ? 1 : extent));
}

const strategies: readonly RoundStrategy[] = [
  'standard_round',
  'stochastic_round',
  'fast_uniform_noise_injection',
  'floor',
  'auto',
];
const words: readonly string[] = ['all', 'batch', 'none', 'except_last', 'except_1st'];

function complete(conf: HQuantizerConfig, defaults: HQuantizerConfig, where: string): HQuantizerConfig {
  const missing = Object.keys(defaults).find((key) => !(key in conf));
  if (missing != null)
    throw new LayerError(`${where}: the setting '${missing}' is missing; give all of them.`, { option: missing });
  return hQuantizerConfig(conf, defaults, where);
}
