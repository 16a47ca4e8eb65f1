import type { Selection } from '../layers/take.ts';
import type { JsonObject } from './json-object.ts';

/** What an index expression of Python (`x[:, 1:4, None, 0]`) takes from a tensor. */
export interface Slices {
  readonly selections: readonly Selection[];
  /** Shape of what is taken, with the axes that vanish as 1. */
  readonly taken: readonly number[];
  /** Shape of the result without the batch. */
  readonly shape: readonly number[];
}

/**
 * An index expression as `ops.GetItem` stores it: whole numbers, slices, `...` and `None` (a new axis).
 *
 * @param shape of the data, batch first
 * @param fail is told what is not supported
 */
export function slicesOf(given: unknown, shape: readonly (number | null)[], fail: (problem: string) => never): Slices {
  const entries = Array.isArray(given) ? given : [given];
  const kind = (entry: unknown): string => String((entry as JsonObject | null)?.['class_name'] ?? '');
  const used = entries.filter((entry) => entry !== null && kind(entry) !== '__ellipsis__').length;
  if (used > shape.length) return fail(`${used} indices for data of rank ${shape.length}`);
  const dots = entries.findIndex((entry) => kind(entry) === '__ellipsis__');
  const whole = new Array<unknown>(shape.length - used).fill({ class_name: '__slice__', config: {} });
  const full = dots < 0 ? [...entries, ...whole] : [...entries.slice(0, dots), ...whole, ...entries.slice(dots + 1)];
  const selections: Selection[] = [];
  const taken: number[] = [];
  const result: number[] = [];
  let axis = 0;
  for (const entry of full) {
    if (entry === null) {
      if (axis === 0) return fail('a new axis in front of the batch');
      result.push(1);
      continue;
    }
    const size = shape[axis];
    if (axis === 0) {
      if (kind(entry) !== '__slice__' || !isWhole(entry))
        return fail('an index on the batch axis, which must stay whole (:)');
    } else if (size == null) {
      return fail(`axis ${axis}, whose size is not fixed`);
    } else if (typeof entry === 'number') {
      const index = entry < 0 ? entry + size : entry;
      if (!Number.isInteger(index) || index < 0 || index >= size)
        return fail(`index ${entry} of an axis of length ${size}`);
      selections.push({ axis, indices: [index] });
      taken.push(1);
    } else if (kind(entry) === '__slice__') {
      const indices = indicesOf((entry as { readonly config: JsonObject }).config, size);
      if (indices == null || indices.length === 0)
        return fail(`${JSON.stringify(entry)}, which takes nothing from ${size} elements`);
      if (indices.length !== size || indices.some((index, j) => index !== j)) selections.push({ axis, indices });
      taken.push(indices.length);
      result.push(indices.length);
    } else {
      return fail(`${JSON.stringify(entry)}; whole numbers, slices, ... and None are`);
    }
    axis++;
  }
  return { selections, taken, shape: result };
}

function isWhole(entry: unknown): boolean {
  const { start, stop, step } = (entry as { readonly config: JsonObject }).config;
  return (start == null || start === 0) && stop == null && (step == null || step === 1);
}

/** The indices of `start:stop:step` as Python counts them. */
function indicesOf({ start, stop, step: given }: JsonObject, size: number): readonly number[] | null {
  const step = given == null ? 1 : given;
  if (typeof step !== 'number' || !Number.isInteger(step) || step === 0) return null;
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const bound = (value: unknown, fallback: number): number | null => {
    if (value == null) return fallback;
    if (typeof value !== 'number' || !Number.isInteger(value)) return null;
    return Math.min(Math.max(value < 0 ? value + size : value, low), high);
  };
  const [from, to] = [bound(start, step > 0 ? low : high), bound(stop, step > 0 ? high : low)];
  if (from == null || to == null) return null;
  const indices: number[] = [];
  for (let index = from; step > 0 ? index < to : index > to; index += step) indices.push(index);
  return indices;
}
