import { didYouMean } from '@sp/quant/suggest';
import { ConfigError } from '../errors.ts';
import type { LayerOptionName, LayerOptions, ModelOptions, NamedLayerOptions } from './config.ts';
import { shown } from './shown.ts';

type Check = (value: unknown) => string | undefined;

const integer: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1 ? undefined : 'use an integer of at least 1';
const positive: Check = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? undefined : 'use a number above 0';
const percent: Check = (value) =>
  typeof value === 'number' && value >= 0 && value < 100 ? undefined : 'use a percentage from 0 to below 100';
const text: Check = (value) =>
  typeof value === 'string' && /^[\w.-]+$/.test(value)
    ? undefined
    : 'use a part number of letters, digits, ".", "_", "-"';
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value)
      ? undefined
      : `use ${values.map((v) => `"${v}"`).join(', ')}${typeof value === 'string' ? didYouMean(value, values) : ''}`;

const LAYER_CHECKS: Readonly<Record<LayerOptionName, Check>> = {
  strategy: oneOf('auto', 'latency', 'resource', 'resource_unrolled', 'distributed_arithmetic'),
  reuseFactor: integer,
  parallelizationFactor: integer,
  pixelParallelFactor: integer,
  filtParallelFactor: integer,
  chanParallelFactor: integer,
  parallelFactor: integer,
  convArchitecture: oneOf('auto', 'pairs', 'gather'),
  variant: oneOf('tree', 'stream', 'prefix'),
};

const MODEL_CHECKS: Readonly<Record<keyof ModelOptions, Check>> = {
  ...LAYER_CHECKS,
  ioType: oneOf('io_parallel', 'io_stream'),
  pipelineStyle: oneOf('auto', 'dataflow', 'pipeline'),
  clockPeriod: positive,
  clockUncertainty: percent,
  part: text,
  backend: oneOf('Vitis', 'Vivado'),
};

const NAMED_CHECKS: Readonly<Record<keyof NamedLayerOptions, Check>> = {
  ...LAYER_CHECKS,
  precision: (value) => (typeof value === 'string' ? undefined : 'use a type like "ap_fixed<8,3,RND,SAT>" or "auto"'),
};

/** Every option a layer can have. */
export const layerOptionNames: readonly LayerOptionName[] = Object.keys(LAYER_CHECKS) as LayerOptionName[];

/** Fails unless `options` holds known keys with values of the right kind. */
export function checkModelOptions(options: ModelOptions, where: string): void {
  checkOptions(options, MODEL_CHECKS, where);
}

/** Fails unless `options` holds known keys with values of the right kind. */
export function checkLayerOptions(options: LayerOptions, where: string): void {
  checkOptions(options, LAYER_CHECKS, where);
}

/** Fails unless `options` holds known keys with values of the right kind. */
export function checkNamedOptions(options: NamedLayerOptions, where: string): void {
  checkOptions(options, NAMED_CHECKS, where);
}

function checkOptions(options: object, checks: Readonly<Record<string, Check>>, where: string): void {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new ConfigError(`${where}: expected an object of options`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, key)) {
      const known = Object.keys(checks);
      throw new ConfigError(`${where}: unknown option "${key}"${didYouMean(key, known)} (known: ${known.join(', ')})`);
    }
    if (value === undefined) continue;
    const problem = checks[key](value);
    if (problem !== undefined) throw new ConfigError(`${where}: ${key} = ${shown(value)}; ${problem}`);
  }
}
