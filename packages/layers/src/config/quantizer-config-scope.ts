import { LayerError } from '../layer-error.ts';
import { allPlaces, type DefaultsPatch, type TrainedType, withDefaults } from './default-table.ts';
import { normaliseParameters } from './parameters.ts';
import type { AllParameters, Place, QuantizerType } from './quantizer-settings.ts';
import { refusePromise } from './synchronous.ts';

/** Selects quantizers and says what their settings shall be by default. */
export type QuantizerScopeOptions = {
  /** Types whose defaults change; default `'all'`. */
  readonly qType?: 'all' | TrainedType | readonly TrainedType[];
  /** Places whose defaults change; default `'all'`. */
  readonly place?: 'all' | Place | readonly Place[];
  /** Type that the selected places use by default; `'dummy'` switches quantisation off there. */
  readonly defaultQType?: QuantizerType;
} & { readonly [Name in keyof AllParameters]?: AllParameters[Name] | undefined };

/**
 * Runs `body` with other quantizer defaults (hgq2 §3.5). Scopes nest: the innermost wins parameter by parameter.
 * Settings are read when a config or layer is made inside `body`. If two of `b0`, `i0`, `f0` are given the third is
 * derived (`b = i + f`). Parameters that a type does not have are skipped for it.
 *
 * @returns what `body` returns; `body` must not be asynchronous.
 * @example
 * quantizerConfigScope({ place: 'all', defaultQType: 'kbi', overflowMode: 'SAT_SYM' }, () =>
 *   quantizerConfigScope({ place: 'datalane', defaultQType: 'kif', overflowMode: 'WRAP', f0: 3 }, () => buildModel()),
 * );
 */
export function quantizerConfigScope<Result>(options: QuantizerScopeOptions, body: () => Result): Result {
  const { qType = 'all', place = 'all', defaultQType, ...given } = options;
  const patch: DefaultsPatch = {
    qTypes: selection(qType, ['kbi', 'kif', 'float'], 'qType'),
    places: selection(place, allPlaces, 'place'),
    ...(defaultQType == null ? {} : { defaultQType }),
    parameters: withDerivedWidth(normaliseParameters(given, 'any', 'quantizerConfigScope')),
  };
  return refusePromise('quantizerConfigScope', withDefaults(patch, body));
}

function selection<Name extends string>(
  value: Name | 'all' | readonly Name[],
  all: readonly Name[],
  what: string,
): readonly Name[] {
  if (value === 'all') return all;
  const names = (typeof value === 'string' ? [value] : value) as readonly Name[];
  const unknown = names.find((name) => !all.includes(name));
  if (unknown != null)
    throw new LayerError(`quantizerConfigScope: unknown ${what} '${unknown}'. Known: all, ${all.join(', ')}.`, {
      option: what,
      value: unknown,
    });
  return names;
}

function withDerivedWidth(parameters: Partial<AllParameters>): Partial<AllParameters> {
  const { b0, i0, f0 } = parameters;
  if (b0 != null && i0 != null && f0 == null) return { ...parameters, f0: b0 - i0 };
  if (b0 != null && f0 != null && i0 == null) return { ...parameters, i0: b0 - f0 };
  if (i0 != null && f0 != null && b0 == null) return { ...parameters, b0: i0 + f0 };
  return parameters;
}
