import type { QuantizerOptions, QuantizerType } from '../config/quantizer-settings.ts';
import { type Constraint, constantConstraint, minMax } from '../quantizer/constraint.ts';
import type { JsonObject } from './json-object.ts';
import { Options } from './options.ts';

/** The quantizer configuration that a layer's setting holds. */
export function quantizerAt(options: Options, key: string): QuantizerOptions | null {
  return quantizerOptions(options.raw(key), `${options.where}: ${key}`, options.note);
}

/**
 * A serialised HGQ2 `QuantizerConfig` (hgq2 §3.1, §5.10) or one of its presets (hgq2 §3.4) as options of ours. Every
 * parameter is given, so scopes around the import have no effect on it.
 *
 * Initial values that a file draws at random stand for nothing: its variables hold what was drawn. Regularisers and
 * constraints of the bit widths that have no counterpart here change training only; `note` tells them.
 *
 * @returns null when the file has none
 * @throws naming what cannot be expressed.
 */
export function quantizerOptions(
  given: unknown,
  where: string,
  note: (message: string) => void = () => {},
): QuantizerOptions | null {
  if (given == null) return null;
  const values = ((given as JsonObject)['config'] ?? given) as JsonObject;
  const options = new Options(values, where, note);
  const preset = presetOf(String((given as JsonObject)['class_name']), options);
  const qType = options.string('q_type');
  const place = options.string('place') as NonNullable<QuantizerOptions['place']>;
  if (qType === 'dummy') return { qType, place };
  if (qType !== 'kbi' && qType !== 'kif') return options.fail('q_type', "'kbi', 'kif' or 'dummy'");
  const fixed =
    preset == null
      ? {
          k0: Boolean(initial(options, 'k0', 1)),
          i0: initial(options, 'i0', 2),
          ic: constraint(options, 'ic'),
          overflowMode: options.string('overflow_mode') as NonNullable<QuantizerOptions['overflowMode']>,
          affine: (options.raw('affine') ?? null) as readonly [number, number] | null,
        }
      : preset;
  const result: QuantizerOptions = {
    qType: qType satisfies QuantizerType,
    place,
    ...fixed,
    ...(qType === 'kbi' ? { b0: initial(options, 'b0', 8) } : { f0: initial(options, 'f0', 6) }),
    roundMode: options.string('round_mode') as NonNullable<QuantizerOptions['roundMode']>,
    ir: monoL1(options, 'ir', fixed.ic ?? null),
    ...bitLimits(options, qType),
    iDecaySpeed: initial(options, 'i_decay_speed', Number.POSITIVE_INFINITY),
    ...axes(options),
    trainable: options.boolean('trainable', true),
    isWeight: options.boolean('is_weight', false),
    // Only where it says something: everything else stays the default.
    ...(fixed.overflowMode === 'WRAP_SM' ? { foldsBeforeCarry: true } : {}),
    scaler: (options.raw('scaler') ?? null) as number | null,
    qnoiseFactor: (options.raw('qnoise_factor') ?? null) as number | null,
  };
  if (result.overflowMode === 'WRAP_SM' && result.k0 === false) {
    return options.fail(
      'k0',
      'true with overflow_mode WRAP_SM: without sign the reference gives negative numbers. Train with WRAP or SAT',
    );
  }
  if (preset != null) for (const key of ['k0', 'i0', 'ic', 'overflow_mode', 'affine']) options.raw(key);
  options.done();
  return result;
}

/**
 * What the presets fix and their files do not hold (hgq2 §3.4). A file does not say either whether a hard tanh was
 * symmetric: the reference loads every one as not symmetric, and so do we, unless `symmetric` stands there.
 */
function presetOf(
  className: string,
  options: Options,
): Required<Pick<QuantizerOptions, 'k0' | 'i0' | 'ic' | 'overflowMode' | 'affine'>> | null {
  if (className === 'HardSigmoidConfig') {
    return { k0: true, i0: 1, ic: constantConstraint(1), overflowMode: 'SAT', affine: [0.25, 0.5] };
  }
  if (className !== 'HardTanhConfig') return null;
  if (!options.has('symmetric')) {
    options.note(
      `${options.where}: HGQ2 does not store whether a HardTanhConfig was symmetric, and loads it as not symmetric; so does this import. ` +
        'Give symmetricHardTanh: true for a model that was trained with symmetric=True.',
    );
  }
  const overflowMode = options.boolean('symmetric', false) ? 'SAT_SYM' : 'SAT';
  return { k0: true, i0: 0, ic: constantConstraint(0), overflowMode, affine: null };
}

function bitLimits(
  options: Options,
  qType: 'kbi' | 'kif',
): Pick<QuantizerOptions, 'bc' | 'br'> | Pick<QuantizerOptions, 'fc' | 'fr'> {
  if (qType === 'kbi') {
    const bc = constraint(options, 'bc');
    return { bc, br: monoL1(options, 'br', bc) };
  }
  const fc = constraint(options, 'fc');
  return { fc, fr: monoL1(options, 'fr', fc) };
}

/** A number, a boolean, or a serialised initializer: what a Constant holds, `drawn` for values drawn at random. */
function initial(options: Options, key: string, drawn: number): number {
  const value = options.raw(key);
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  const { class_name: className, config } = (value ?? {}) as JsonObject;
  const constant = (config as JsonObject | undefined)?.['value'];
  if (className === 'Constant' && typeof constant === 'number') return constant;
  if (className === 'Zeros') return 0;
  if (className === 'Ones') return 1;
  return typeof className === 'string' ? drawn : options.fail(key, 'a number or an initializer');
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
    case 'NonNeg':
      return minMax(0, Number.POSITIVE_INFINITY);
    case 'Constant':
      return constantConstraint(bound('value', Number.NaN));
    default:
      notTrained(options, key, value);
      return null;
  }
}

/** The strength of a MonoL1; L1 is the same where the constraint keeps values from being negative. */
function monoL1(options: Options, key: string, limits: Constraint | null): number {
  const value = options.raw(key) as JsonObject | null | undefined;
  if (value == null) return 0;
  const { l1, l2 } = (value['config'] ?? {}) as JsonObject;
  const strength = typeof l1 === 'number' ? l1 : 0;
  const className = value['class_name'];
  if (className === 'MonoL1') return strength;
  const positive = limits != null && (limits.kind === 'constant' ? limits.value : limits.min) >= 0;
  if ((className === 'L1' || className === 'L1L2') && positive && (l2 == null || l2 === 0)) return strength;
  notTrained(options, key, value);
  return 0;
}

/** Settings of the training alone, which the imported model goes without. */
function notTrained(options: Options, key: string, value: JsonObject): void {
  const settings = JSON.stringify(value['config'] ?? {});
  options.note(
    `${options.where}: ${key} = ${String(value['class_name'])} ${settings} has no counterpart here; training goes on without it.`,
  );
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
