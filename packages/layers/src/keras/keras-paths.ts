import type { VariableValue } from './stored-variables.ts';

/** Stored by Keras, derived or configured here. */
const notNeeded = new Set(['ebops', 'i_decay_speed', 'seed_generator_state']);

/** A quantizer's role at the end of its name; that of a simple recurrence is named by its role alone. */
const endOf = /_((?:exp_|inv_)?(?:[ikbos]|pa|pra|rk|rh)q)$/;
const whole = new RegExp(endOf.source.replace('_', '(?:^|_)'));

/** Variables that Keras and we call differently. */
const renamed: Readonly<Record<string, string>> = { sparse_bias: 'bias' };

/**
 * Our name of a variable that Keras calls `path`: `conv1/conv1/conv1_iq/fixed_point_quantizer_kif_4/f` → `conv1/iq/f`,
 * `conv1/sparse_bias` → `conv1/bias`, `gru/qgru_cell/qgru_cell_rkq/…/b` → `gru/rkq/b`, `sm/sm_exp_table/sm_exp_table_oq/…/b` → `sm/expOq/b`, `q/fixed_point_…/f` of a
 * stand-alone quantizer → `q/iq/f`. Numbers in quantizers' names are arbitrary; a wrapper repeats its name. Which input
 * a quantizer of a merge belongs to only shows beside its siblings.
 *
 * @param among all paths of the model; needed for merges only
 * @returns null for variables that have no counterpart (EBOPs, decay speed, β of tables)
 */
export function fromKerasPath(path: string, among: Iterable<string> = [path]): string | null {
  const parts = path.split('/');
  const [layer, last] = [parts[0], parts[parts.length - 1]];
  if (notNeeded.has(last)) return null;
  const table = parts.map((part) => /_(exp|inv)_table$/.exec(part)?.[1]).find((found) => found != null);
  if (table != null && parts.length === 3) return null;
  const role = parts.map((part, at) => (at === 0 ? endOf : whole).exec(part)?.[1]).find((found) => found != null);
  const nested = parts.some((part) => /^(fixed|float)_point_quantizer/.test(part));
  const name = role ?? (nested ? mergedRole(parts, among) : null);
  const full = name != null && table != null ? `${table}${name[0].toUpperCase()}${name.slice(1)}` : name;
  return [layer, ...(full == null ? [] : [full]), renamed[last] ?? last].join('/');
}

/** Role of a quantizer without one in its name: `iq`, or by its place among the quantizers of a merge. */
function mergedRole(parts: readonly string[], among: Iterable<string>): string {
  const at = parts.findIndex((part) => /^multiple_quantizers(_\d+)?$/.test(part));
  if (at < 0) return 'iq';
  const prefix = `${parts.slice(0, at + 1).join('/')}/`;
  const siblings = new Set([...among].filter((path) => path.startsWith(prefix)).map((path) => path.split('/')[at + 1]));
  const number = (name: string): number => Number(/_(\d+)$/.exec(name)?.[1] ?? 0);
  const place = [...siblings].sort((a, b) => number(a) - number(b)).indexOf(parts[at + 1]);
  return place <= 0 ? 'iq' : `iq_${place}`;
}

/** Variables by Keras path as variables by our name, ready for `assignVariables`. */
export function fromKerasPaths(
  variables: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>,
): Map<string, VariableValue> {
  const paths = Object.keys(variables);
  const named = paths.map((path) => [fromKerasPath(path, paths), variables[path]] as const);
  return new Map(named.filter((entry): entry is readonly [string, VariableValue] => entry[0] != null));
}
