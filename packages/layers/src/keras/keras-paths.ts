import type { VariableValue } from './stored-variables.ts';

/** Stored by Keras, derived or configured here. */
const notNeeded = new Set(['ebops', 'i_decay_speed', 'seed_generator_state']);

/** Variables that Keras and we call differently. */
const renamed: Readonly<Record<string, string>> = { sparse_bias: 'bias' };

/**
 * Our name of a variable that Keras calls `path`: `conv1/conv1/conv1_iq/fixed_point_quantizer_kif_4/f` → `conv1/iq/f`,
 * `conv1/sparse_bias` → `conv1/bias`. The number after a quantizer's name is arbitrary; a wrapper repeats its name.
 *
 * @returns null for variables that have no counterpart (EBOPs, decay speed)
 */
export function fromKerasPath(path: string): string | null {
  const parts = path.split('/');
  const [layer, last] = [parts[0], parts[parts.length - 1]];
  if (notNeeded.has(last)) return null;
  const role = parts.map((part) => /_((?:exp_|inv_)?[ikbo]q)$/.exec(part)?.[1]).find((found) => found != null);
  return [layer, ...(role == null ? [] : [role]), renamed[last] ?? last].join('/');
}

/** Variables by Keras path as variables by our name, ready for `assignVariables`. */
export function fromKerasPaths(
  variables: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>,
): Map<string, VariableValue> {
  const named = Object.entries(variables).map(([path, value]) => [fromKerasPath(path), value] as const);
  return new Map(named.filter((entry): entry is readonly [string, VariableValue] => entry[0] != null));
}
