import { parseType } from '@sp/quant';
import type { FixedType } from '@sp/quant/internal';
import { LayerError } from '../layer-error.ts';

/** Types of one layer: one for everything, or one by role as hls4ml calls them. */
export type LayerPrecision =
  | string
  | {
      /** Where the role has none of its own. */
      readonly default?: string;
      readonly weight?: string;
      readonly bias?: string;
      /** Of what the layer gives on. */
      readonly result?: string;
      /** Of sums of products. Default: as wide as they need, so nothing is lost before `result`. */
      readonly accum?: string;
    };

/** Types for what a float model leaves open, by layer name, by kind of layer (`'Dense'`) or for all, in this order. */
export interface Precision {
  readonly model?: LayerPrecision;
  readonly types?: Readonly<Record<string, LayerPrecision>>;
  readonly layers?: Readonly<Record<string, LayerPrecision>>;
}

/** The types of one layer. */
export interface ResolvedPrecision {
  readonly weight: FixedType;
  readonly bias: FixedType;
  readonly result: FixedType;
  readonly accum: FixedType | null;
}

/**
 * The types of one layer: each role from the first of name, kind and model that has it (or a default); none if a role but
 * `accum` is left without.
 *
 * @param kinds names of the layer's class, ours and Keras'
 * @throws LayerError on a type that cannot be read.
 */
export function resolvePrecision(
  given: string | Precision | null | undefined,
  name: string,
  kinds: readonly string[],
): ResolvedPrecision | null {
  if (given == null) return null;
  const { model, types = {}, layers = {} } = typeof given === 'string' ? { model: given } : given;
  const levels = [layers[name], ...kinds.map((kind) => types[kind]), model];
  const read = (role: 'weight' | 'bias' | 'result' | 'accum'): FixedType | null => {
    for (const level of levels) {
      if (level == null) continue;
      const found = typeof level === 'string' ? level : (level[role] ?? level.default);
      if (found == null || (role === 'accum' && (typeof level === 'string' || level.accum == null))) continue;
      return typeNamed(found, name, role);
    }
    return null;
  };
  const [weight, bias, result] = [read('weight'), read('bias'), read('result')];
  if (weight == null || bias == null || result == null) return null;
  return { weight, bias, result, accum: read('accum') };
}

/** @throws on layer names and kinds that the model does not have: a misspelt entry would be ignored in silence. */
export function checkPrecision(
  given: string | Precision | null | undefined,
  names: ReadonlySet<string>,
  kinds: ReadonlySet<string>,
): void {
  if (given == null || typeof given === 'string') return;
  const unknown = (['layers', 'types'] as const).flatMap((key) =>
    Object.keys(given[key] ?? {})
      .filter((entry) => !(key === 'layers' ? names : kinds).has(entry))
      .map((entry) => ({ key, entry })),
  )[0];
  if (unknown == null) return;
  const known = [...(unknown.key === 'layers' ? names : kinds)].sort().join(', ');
  throw new LayerError(
    `precision.${unknown.key} names '${unknown.entry}', which the model does not have. It has ${known}.`,
    {
      option: `precision.${unknown.key}`,
      value: unknown.entry,
    },
  );
}

function typeNamed(text: string, layer: string, role: string): FixedType {
  const parsed = parseType(text);
  if (parsed.kind === 'auto' || parsed.saturationBits !== 0) {
    throw new LayerError(
      `Layer '${layer}': precision ${role} = '${text}'; expected a type with width and integer bits, such as 'ap_fixed<16,6>'.`,
      { option: 'precision', value: text },
    );
  }
  return parsed;
}
