import type * as tf from '@tensorflow/tfjs';
import { OptionError } from '../../option-error.ts';
import { attributesFromModel } from './attributes-from-model.ts';
import { type HardwareAttributes, hardwareAttributes } from './hardware-attributes.ts';
import { type LayerAttributes, type ModelAttributes, withArguments } from './layer-attributes.ts';

/** Options of a layer or of all layers, in hls4ml's spelling. */
export interface FirmwareOptions {
  readonly ReuseFactor?: number;
  readonly ParallelizationFactor?: number;
  readonly Strategy?: string;
  /** One type for all, or by variable: `weight`, `result`, `bias`, …; of the model also `{ default }`. */
  readonly Precision?: string | Readonly<Record<string, string>>;
}

/** hls4ml's configuration as far as the optimisation reads it. */
export interface FirmwareConfig {
  /** Default `'io_parallel'`. */
  readonly IOType?: string;
  readonly Model: FirmwareOptions;
  /** Options by layer class: `Dense`, `Conv2D`, `QDense`, … */
  readonly LayerType?: Readonly<Record<string, FirmwareOptions>>;
  readonly LayerName?: Readonly<Record<string, FirmwareOptions>>;
}

/**
 * Attributes of a model's layers with how hardware builds them (upstream `get_attributes_from_keras_model_and_hls4ml_config`): reuse factor, strategy
 * and precision of each layer with a kernel from `LayerName`, else `LayerType`, else `Model`. A precision `'auto'` is the model's. Upstream raises for layers
 * that `LayerName` lacks and for `'auto'`. hls4ml's whole dictionary, with the configuration under `HLSConfig`, is read too.
 *
 * @throws OptionError naming layer and option for what `hardwareAttributes` refuses, for options that no level has, and for names in `LayerName`
 * that are no layers
 */
export function attributesFromModelAndConfig(
  model: tf.LayersModel,
  config: FirmwareConfig | { readonly IOType?: string; readonly HLSConfig: Omit<FirmwareConfig, 'IOType'> },
): ModelAttributes {
  const where = 'attributesFromModelAndConfig';
  const plain: FirmwareConfig = 'HLSConfig' in config ? { ...config.HLSConfig, ...ioTypeOf(config) } : config;
  if (typeof plain.Model !== 'object' || plain.Model === null) {
    throw new OptionError(
      `${where}: the configuration has no Model; give { Model: { ReuseFactor, Strategy, Precision } }`,
    );
  }
  const attributes = attributesFromModel(model);
  const unknown = Object.keys(plain.LayerName ?? {}).find((name) => !isNameOf(name, attributes));
  if (unknown !== undefined) {
    throw new OptionError(
      `${where}: LayerName has '${unknown}', which is no layer; they are ${[...attributes.keys()].join(', ')}`,
    );
  }
  return new Map(
    [...attributes].map(([name, layer]) => [
      name,
      layer.kind === null ? layer : withArguments(layer, { hardware: hardwareOf(layer, plain) }),
    ]),
  );
}

/** hls4ml keeps activations inside a layer under names of their own, `dense1_relu`. */
function isNameOf(name: string, attributes: ModelAttributes): boolean {
  return attributes.has(name) || [...attributes.keys()].some((layer) => name.startsWith(`${layer}_`));
}

function ioTypeOf({ IOType }: { readonly IOType?: string }): { readonly IOType?: string } {
  return IOType === undefined ? {} : { IOType };
}

function hardwareOf(layer: LayerAttributes, config: FirmwareConfig): HardwareAttributes {
  const { name, layerType, kind, weightShape, inputShape, outputShape } = layer;
  const where = `Layer '${name}'`;
  const levels = [config.LayerName?.[name], config.LayerType?.[layerType], config.Model];
  const option = <K extends 'ReuseFactor' | 'ParallelizationFactor' | 'Strategy'>(
    key: K,
  ): FirmwareOptions[K] | undefined => levels.find((level) => level?.[key] !== undefined)?.[key];
  const reuseFactor = option('ReuseFactor');
  const strategy = option('Strategy');
  if (reuseFactor === undefined) throw missing(where, 'ReuseFactor', 1);
  if (strategy === undefined) throw missing(where, 'Strategy', 'Latency');
  const precision = (variable: 'weight' | 'result'): string => {
    const given = levels.map((level) => precisionOf(level?.Precision, variable));
    const found = given.find((type) => type !== undefined && type !== 'auto');
    if (found === undefined) throw missing(where, `Precision of its ${variable}`, 'ap_fixed<16,6>');
    return found;
  };
  const perOutput = weightShape.slice(0, -1).reduce((product, extent) => product * extent, 1);
  const sizes =
    kind === 'dense'
      ? { nIn: size(inputShape), nOut: size(outputShape), multNIn: perOutput }
      : { nIn: size(weightShape.slice(0, -2)), nOut: weightShape[weightShape.length - 1], multNIn: perOutput };
  return hardwareAttributes(
    {
      ...sizes,
      ioType: (config.IOType ?? 'io_parallel') as 'io_parallel',
      strategy,
      reuseFactor,
      weightPrecision: precision('weight'),
      outputPrecision: precision('result'),
      parallelizationFactor: option('ParallelizationFactor') ?? 1,
    },
    where,
  );
}

function precisionOf(given: FirmwareOptions['Precision'], variable: string): string | undefined {
  if (given === undefined || typeof given === 'string') return given;
  return given[variable] ?? given.default;
}

function missing(where: string, option: string, example: unknown): OptionError {
  return new OptionError(
    `${where}: the configuration has no ${option}; give it in Model, e.g. ${JSON.stringify(example)}`,
  );
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
