import type { QuantizerOptions, QuantizerType } from '../config/quantizer-config.ts';
import { type Constraint, constantConstraint, minMax } from '../quantizer/constraint.ts';
import { Options } from './options.ts';
import type { JsonObject } from './read-keras.ts';

/**
 * A serialised HGQ2 `QuantizerConfig` (hgq2 §3.1, §5.10) as options of ours. Every parameter is given, so scopes around
 * the import have no effect on it.
 *
 * @returns null when the file has none
 * @throws naming what cannot be expressed.
 */
export function quantizerOptions(given: unknown, where: string): QuantizerOptions | null {
  if (given == null) return null;
  const values = ((given as JsonObject)['config'] ?? given) as JsonObject;
  const options = new Options(values, where);
  const qType = options.string('q_type');
  const place = options.string('place') as NonNullable<QuantizerOptions['place']>;
  if (qType === 'dummy') return { qType, place };
  if (qType !== 'kbi' && qType !== 'kif') return options.fail('q_type', "'kbi', 'kif' or 'dummy'");
  const result: QuantizerOptions = {
    qType: qType satisfies QuantizerType,
    place,
    k0: Boolean(initial(options, 'k0')),
    i0: initial(options, 'i0'),
    ...(qType === 'kbi' ? { b0: initial(options, 'b0') } : { f0: initial(options, 'f0') }),
    roundMode: options.string('round_mode') as NonNullable<QuantizerOptions['roundMode']>,
    overflowMode: options.string('overflow_mode') as NonNullable<QuantizerOptions['overflowMode']>,
    ic: constraint(options, 'ic'),
    ir: monoL1(options, 'ir'),
    ...(qType === 'kbi'
      ? { bc: constraint(options, 'bc'), br: monoL1(options, 'br') }
      : { fc: constraint(options, 'fc'), fr: monoL1(options, 'fr') }),
    iDecaySpeed: initial(options, 'i_decay_speed'),
    ...axes(options),
    trainable: options.boolean('trainable', true),
    isWeight: options.boolean('is_weight', false),
    scaler: (options.raw('scaler') ?? null) as number | null,
    affine: (options.raw('affine') ?? null) as readonly [number, number] | null,
    qnoiseFactor: (options.raw('qnoise_factor') ?? null) as number | null,
  };
  options.done();
  return result;
}

/** A number, a boolean, or a serialised Constant initializer. */
function initial(options: Options, key: string): number {
  const value = options.raw(key);
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  const { class_name: className, config } = (value ?? {}) as JsonObject;
  const constant = (config as JsonObject | undefined)?.['value'];
  if (className === 'Constant' && typeof constant === 'number') return constant;
  return options.fail(key, 'a number or a Constant initializer');
}

function constraint(options: Options, key: string): Constraint | null {
  const value = options.raw(key) as JsonObject | null | undefined;
  if (value == null) return null;
  const settings = (value['config'] ?? {}) as JsonObject;
  const bound = (name: string, fallback: number): number =>
    typeof settings[name] === 'number' ? settings[name] : fallback;
  switch (value['class_name']) {
    case 'MinMax':
    case 'Min':
    case 'Max':
      return minMax(bound('min_value', Number.NEGATIVE_INFINITY), bound('max_value', Number.POSITIVE_INFINITY));
    case 'Constant':
      return constantConstraint(bound('value', Number.NaN));
    default:
      return options.fail(key, 'MinMax, Min, Max or Constant');
  }
}

function monoL1(options: Options, key: string): number {
  const value = options.raw(key) as JsonObject | null | undefined;
  if (value == null) return 0;
  const strength = (value['config'] as JsonObject | undefined)?.['l1'];
  return value['class_name'] === 'MonoL1' && typeof strength === 'number' ? strength : options.fail(key, 'MonoL1');
}

function axes(options: Options): Pick<QuantizerOptions, 'homogeneousAxis' | 'heterogeneousAxis'> {
  const mapper = options.raw('bw_mapper') as JsonObject | null | undefined;
  const [homogeneous, heterogeneous] = [options.raw('homogeneous_axis'), options.raw('heterogeneous_axis')];
  if (mapper != null) {
    if (mapper['class_name'] !== 'DefaultBitwidthMapper') return options.fail('bw_mapper', 'DefaultBitwidthMapper');
    return axes(new Options(mapper['config'] as JsonObject, `${options.where}: bw_mapper`));
  }
  return homogeneous != null
    ? { homogeneousAxis: homogeneous as readonly number[] }
    : { heterogeneousAxis: heterogeneous as readonly number[] };
}
