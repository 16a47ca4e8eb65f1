import type { FixedGraph } from '@sp/quant';
import { type OptionValues, readOptions, UsageError } from '@sp/quant/cli';
import type { RtlOptions } from '../plan/options.ts';

/** Names of the program's options. */
export type OptionName =
  | 'interval'
  | 'levels'
  | 'clock'
  | 'part'
  | 'config'
  | 'images'
  | 'random'
  | 'out'
  | 'products'
  | 'cache'
  | 'latency'
  | 'lut'
  | 'ff'
  | 'dsp';

/** Values of the program's options, as typed. */
export type Options = OptionValues<OptionName>;

/** Help on the options. */
export const OPTIONS: Readonly<Record<OptionName, string>> = {
  interval: 'N   clocks between two images (default 1); of explore the most',
  levels: 'N     LUT levels between two registers (default 5)',
  clock: 'NS    clock period in nanoseconds, for constraints and scripts (default 5)',
  part: 'PART   device (default xcu250-figd2104-2L-e)',
  config: 'FILE  options of planRtl as JSON: { "interval": …, "layers": { … } }; the options above come first',
  images: 'FILE  data: numbers as JSON, text or .npy; of several inputs JSON by name, or .npz',
  random: 'N     constructed images: N of them, the same every time',
  out: 'FILE  where results go, as JSON',
  products: 'KIND   products of two variables in dsp (default) or lut',
  cache: 'DIR   where areas of blocks are kept (default none)',
  latency: 'N    most clocks from image to result',
  lut: 'N     most LUTs',
  ff: 'N     most flip-flops',
  dsp: 'N     most DSPs',
};

/** Options that say how a graph is built. */
export const BUILD: readonly OptionName[] = ['interval', 'levels', 'clock', 'part', 'config'];

/** The options of `planRtl` that were typed. */
export async function rtlOptions(options: Options): Promise<RtlOptions> {
  const file = (await readOptions('config', options.config)) as RtlOptions;
  const { interval, levels, clock, part } = options;
  return {
    ...file,
    ...(interval === undefined ? {} : { interval: number('interval', interval) }),
    ...(levels === undefined ? {} : { levelsPerStage: number('levels', levels) }),
    ...(clock === undefined ? {} : { clockPeriod: number('clock', clock) }),
    ...(part === undefined ? {} : { part }),
  };
}

/** A number that was typed. */
export function number(name: OptionName, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new UsageError(`--${name} ${text}: give a number, 0 or more`);
  }
  return value;
}

/** A number of images that was typed. */
export function count(text: string, graph: FixedGraph): number {
  const value = Number(text);
  const size = graph.nodes.reduce(
    (sum, { op, shape }) => sum + (op === 'input' ? shape.reduce((product, length) => product * length, 1) : 0),
    0,
  );
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--random ${text}: give a number of images, at least 1`);
  const most = Math.max(1, Math.floor(2 ** 24 / Math.max(1, size)));
  if (value > most)
    throw new UsageError(`--random ${text}: too many images of ${size} numbers each; give at most ${most}`);
  return value;
}
