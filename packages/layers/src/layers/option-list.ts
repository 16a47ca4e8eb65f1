import type { LayerArgs } from './layer-args.ts';

/** A layer's options, the one that Keras takes first in front. */
export interface OptionNames {
  readonly first: string;
  readonly known: readonly string[];
  /** What makes the layer. Default: its name with a small letter. */
  readonly maker?: string;
}

/** One entry per option, so that TypeScript misses none; the values mean nothing. */
export type Names<Args> = Record<keyof Args, 0>;

/** Options of all tfjs layers. */
export const base: Names<LayerArgs> = {
  name: 0,
  trainable: 0,
  dtype: 0,
  inputShape: 0,
  batchInputShape: 0,
  batchSize: 0,
  inputDType: 0,
  weights: 0,
};

/** Lists a layer's options. */
export function names<Args extends object>(first: keyof Args & string, all: Names<Args>, maker?: string): OptionNames {
  return { first, known: Object.keys(all), ...(maker === undefined ? {} : { maker }) };
}

/** All entries but some. */
export function without<T extends object, K extends keyof T>(all: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}
