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
 * `conv1/sparse_bias` → `conv1/bias`, `gru/qgru_cell/qgru_cell_rkq/…/b` → `gru/rkq/b`, `at/query/query_iq/…/f` →
 * `at/query/iq/f`, `sm/sm_exp_table/sm_exp_table_oq/…/b` → `sm/expOq/b`, `q/fixed_point_…/f` of a stand-alone quantizer → `q/iq/f`. Numbers in quantizers' names are arbitrary; a wrapper repeats its name. Which input
 * a quantizer of a merge belongs to only shows beside its siblings.
 *
 * @param among all paths of the model; needed for merges and projected positions only
 * @returns null for variables that have no counterpart (EBOPs, decay speed, β of tables)
 */
export function fromKerasPath(path: string, among: Iterable<string> = [path]): string | null {
  const parts = path.split('/');
  const [layer, last] = [parts[0], parts[parts.length - 1]];
  if (notNeeded.has(last)) return null;
  const table = parts.map((part) => /_(exp|inv)_table$/.exec(part)?.[1]).find((found) => found != null);
  if (table != null && last === 'beta') return null;
  const role = parts.map((part, at) => (at === 0 ? endOf : whole).exec(part)?.[1]).find((found) => found != null);
  const nested = parts.some((part) => /^(fixed|float)_point_quantizer/.test(part));
  const name = role ?? (nested ? mergedRole(parts, among) : null);
  const full = name != null && table != null ? `${table}${name[0].toUpperCase()}${name.slice(1)}` : name;
  const part = attentionPart(parts, among);
  return [layer, ...(part == null ? [] : [part]), ...(full == null ? [] : [full]), renamed[last] ?? last].join('/');
}

/** The part of an attention layer that a variable belongs to; the projections of positions have names by number only. */
function attentionPart(parts: readonly string[], among: Iterable<string>): string | null {
  const [layer, part] = parts;
  if (parts.length < 3) return null;
  if (/^(query|key|value|attention_output)$/.test(part)) return part;
  if (/^q_softmax(_\d+)?$/.test(part)) return 'softmax';
  if (!/^q_einsum_dense(_\d+)?$/.test(part)) return null;
  return ['lin_k_proj', 'lin_v_proj'][placeAmong(part, `${layer}/`, among, /^q_einsum_dense(_\d+)?$/)] ?? null;
}

/** Role of a quantizer without one in its name: `iq`, or by its place among the quantizers of a merge. */
function mergedRole(parts: readonly string[], among: Iterable<string>): string {
  const at = parts.findIndex((part) => /^multiple_quantizers(_\d+)?$/.test(part));
  if (at < 0) return 'iq';
  const place = placeAmong(parts[at + 1], `${parts.slice(0, at + 1).join('/')}/`, among);
  return place <= 0 ? 'iq' : `iq_${place}`;
}

/** Place of a name among those behind `prefix`, by the numbers at their ends. */
function placeAmong(name: string, prefix: string, among: Iterable<string>, pattern = /./): number {
  const behind = [...among]
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).split('/')[0]);
  const number = (given: string): number => Number(/_(\d+)$/.exec(given)?.[1] ?? 0);
  const siblings = [...new Set(behind)].filter((each) => pattern.test(each));
  return siblings.sort((a, b) => number(a) - number(b)).indexOf(name);
}

/** Variables by Keras path as variables by our name, ready for `assignVariables`. */
export function fromKerasPaths(
  variables: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>,
): Map<string, VariableValue> {
  const paths = Object.keys(variables);
  const named = paths.map((path) => [fromKerasPath(path, paths), variables[path]] as const);
  return new Map(named.filter((entry): entry is readonly [string, VariableValue] => entry[0] != null));
}
