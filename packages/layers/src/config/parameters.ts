import type { OverflowMode, RoundMode } from '@sp/quant';
import { LayerError } from '../layer-error.ts';
import { type Constraint, constantConstraint, minMax } from '../quantizer/constraint.ts';
import type { TrainedType } from './default-table.ts';
import type { AllParameters } from './quantizer-settings.ts';

const roundModes: readonly RoundMode[] = ['TRN', 'RND', 'RND_CONV', 'TRN_ZERO', 'RND_ZERO', 'RND_INF', 'RND_MIN_INF'];
const overflowModes: readonly OverflowMode[] = ['WRAP', 'SAT', 'SAT_SYM', 'WRAP_SM'];

/** Parameter names by quantizer type. */
export const parameterNames: Readonly<Record<TrainedType, readonly (keyof AllParameters)[]>> = (() => {
  const common = ['homogeneousAxis', 'heterogeneousAxis', 'trainable', 'scaler', 'affine', 'qnoiseFactor'] as const;
  const fixed = [
    'k0',
    'i0',
    'roundMode',
    'overflowMode',
    'ic',
    'ir',
    'iDecaySpeed',
    ...common,
    'isWeight',
    'foldsBeforeCarry',
  ] as const;
  return {
    kbi: [...fixed, 'b0', 'bc', 'br'],
    kif: [...fixed, 'f0', 'fc', 'fr'],
    float: ['m0', 'e0', 'e00', 'mc', 'ec', 'e0c', 'mr', 'er', 'e0r', ...common],
  };
})();

/**
 * Checks user-given or deserialised parameters and brings them to canonical form; `undefined` entries are dropped.
 *
 * Saved models come back with mangled strings (tfjs turns `SAT_SYM` into `satSym`) and infinities as text, so mode names
 * are read without regard to case and underscores.
 *
 * @param names the parameters that are allowed
 * @throws on an unknown name, a wrong type or a value out of range.
 */
export function normaliseParameters(
  given: Readonly<Record<string, unknown>>,
  qType: TrainedType | 'any',
  where: string,
): Partial<AllParameters> {
  const names = qType === 'any' ? [...new Set(Object.values(parameterNames).flat())] : parameterNames[qType];
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!(names as readonly string[]).includes(name)) {
      throw new LayerError(`${where}: unknown parameter '${name}'. Known: ${names.join(', ')}.`, {
        option: name,
        value,
      });
    }
    result[name] = normalise(name as keyof AllParameters, value, where);
  }
  if (result.homogeneousAxis != null && result.heterogeneousAxis != null) {
    throw new LayerError(`${where}: give homogeneousAxis or heterogeneousAxis, not both.`, {
      option: 'heterogeneousAxis',
      value: result.heterogeneousAxis,
    });
  }
  // Naming one list of axes replaces whatever default the other one had.
  if (result.homogeneousAxis != null) result.heterogeneousAxis = null;
  if (result.heterogeneousAxis != null) result.homogeneousAxis = null;
  return result as Partial<AllParameters>;
}

function normalise(name: keyof AllParameters, value: unknown, where: string): unknown {
  const fail = (expected: string): never => {
    throw new LayerError(`${where}: ${name} = ${JSON.stringify(value)}; expected ${expected}.`, {
      option: name,
      value,
    });
  };
  switch (name) {
    case 'k0':
    case 'trainable':
    case 'isWeight':
    case 'foldsBeforeCarry':
      return typeof value === 'boolean' || value === 0 || value === 1 ? Boolean(value) : fail('true or false');
    case 'b0':
    case 'i0':
    case 'f0':
    case 'm0':
    case 'e0':
    case 'e00':
      return finite(value) ?? fail('a finite number');
    case 'br':
    case 'ir':
    case 'fr':
    case 'mr':
    case 'er':
    case 'e0r':
      return value == null ? 0 : (finite(value) ?? fail('a finite number'));
    case 'iDecaySpeed': {
      const speed = number(value);
      // The reference accepts negative speeds, which make the range grow without end.
      return speed != null && speed >= 0 ? speed : fail('a number ≥ 0 or Infinity');
    }
    case 'roundMode':
      return modeOf(stripStochastic(value), roundModes) ?? fail(`one of ${roundModes.join(', ')}`);
    case 'overflowMode':
      return (
        modeOf(value, overflowModes) ?? fail(`one of ${overflowModes.join(', ')} (there is no 'SYM'; use SAT_SYM)`)
      );
    case 'bc':
    case 'ic':
    case 'fc':
    case 'mc':
    case 'ec':
    case 'e0c':
      return value == null ? null : constraintOf(value, fail);
    case 'homogeneousAxis':
    case 'heterogeneousAxis':
      return value == null ? null : axes(value, fail);
    case 'scaler':
      return value == null ? null : finite(value) || fail('a number other than 0');
    case 'affine':
      return value == null ? null : affine(value, fail);
    case 'qnoiseFactor': {
      if (value == null) return null;
      const factor = finite(value);
      return factor != null && factor >= 0 && factor <= 1 ? factor : fail('a number from 0 to 1');
    }
    default:
      throw new LayerError(`Unknown parameter ${String(name satisfies never)}.`);
  }
}

function number(value: unknown): number | undefined {
  if (typeof value === 'string' && /^-?infinity$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
}

function finite(value: unknown): number | undefined {
  const result = number(value);
  return result != null && Number.isFinite(result) ? result : undefined;
}

/** S_RND and S_RND_CONV of the reference are deterministic: accepted as aliases (hgq2 §1.2). */
function stripStochastic(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/^s_?(?=rnd)/i, '') : value;
}

function modeOf<Mode extends string>(value: unknown, modes: readonly Mode[]): Mode | undefined {
  if (typeof value !== 'string') return undefined;
  const plain = (text: string): string => text.replaceAll('_', '').toUpperCase();
  return modes.find((mode) => plain(mode) === plain(value));
}

function axes(value: unknown, fail: (expected: string) => never): readonly number[] {
  const list = typeof value === 'number' ? [value] : value;
  return Array.isArray(list) && list.every(Number.isInteger) ? [...list] : fail('a list of axis numbers');
}

function affine(value: unknown, fail: (expected: string) => never): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return fail('[scale, offset]');
  const [scale, offset] = value.map(finite);
  return scale && offset != null ? [scale, offset] : fail('[scale, offset] with a scale other than 0');
}

function constraintOf(value: unknown, fail: (expected: string) => never): Constraint {
  const { kind, min, max, value: constant } = value as Record<string, unknown>;
  if (kind === 'constant' && finite(constant) != null) return constantConstraint(finite(constant) as number);
  if (typeof kind === 'string' && kind.toLowerCase().replace('_', '') === 'minmax') {
    const low = number(min);
    const high = number(max);
    if (low != null && high != null) return minMax(low, high);
  }
  return fail('minMax(low, high), constantConstraint(value) or null');
}
