/** The forms that fields of nodes have in a file, for the ops to put theirs together. */
import * as v from 'valibot';
import { OVERFLOW_MODES, ROUND_MODES } from '../format/type-string.ts';
import type { NodeFields } from '../graph/node.ts';

// Arrays of codes can be long: one predicate per array instead of one schema call per entry. An index loop sees the holes of a sparse array.
function allEntries(input: unknown, accepts: (entry: unknown) => boolean): boolean {
  if (!Array.isArray(input)) return false;
  for (let j = 0; j < input.length; j++) if (!accepts(input[j])) return false;
  return true;
}
export const numbers: v.GenericSchema = v.custom<readonly number[]>(
  (input) => allEntries(input, Number.isFinite),
  'expected an array of numbers',
);
const bits = v.custom<readonly (0 | 1)[]>(
  (input) => allEntries(input, (entry) => entry === 0 || entry === 1),
  'expected an array of 0 and 1',
);
export const name: v.GenericSchema = v.pipe(v.string(), v.nonEmpty());
export const table: v.GenericSchema = v.strictObject({ shape: numbers, k: bits, i: numbers, f: numbers });
export const weights: v.GenericSchema = v.strictObject({ shape: numbers, codes: numbers, f: v.number() });
export const round: v.GenericSchema = v.picklist(ROUND_MODES);
export const overflow: v.GenericSchema = v.picklist(OVERFLOW_MODES);
export const format: v.GenericSchema = v.strictObject({ k: v.picklist([0, 1]), i: v.number(), f: v.number() });
export const poolMode: v.GenericSchema = v.picklist(['avg', 'max']);
export const pair: v.GenericSchema = v.strictTuple([v.number(), v.number()]);

/** What JSON holds. */
export const data: v.GenericSchema = v.union([
  v.string(),
  v.pipe(v.number(), v.finite()),
  v.boolean(),
  v.null(),
  v.array(v.lazy(() => data)),
  v.record(
    v.string(),
    v.lazy(() => data),
  ),
]);

/** The fields of every node, besides `op`. */
export const fields: Readonly<Record<keyof NodeFields, v.GenericSchema>> = {
  name,
  inputs: v.array(name),
  shape: numbers,
  format: table,
  slots: v.optional(v.number()),
  divisor: v.optional(v.number()),
  layer: v.optional(v.string()),
};
