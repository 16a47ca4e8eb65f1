import type { ConstantTensor } from '../layers/scale-shift.ts';
import type { JsonObject } from './json-object.ts';

/** A number, nested lists of numbers or a serialised array as a tensor; null for anything else. */
export function constantOf(value: unknown): ConstantTensor | null {
  const { class_name: className, config } = (value ?? {}) as JsonObject;
  const inner =
    className === '__numpy__' || className === '__tensor__' ? ((config ?? {}) as JsonObject)['value'] : value;
  const shape: number[] = [];
  for (let at: unknown = inner; Array.isArray(at); at = at[0]) shape.push(at.length);
  const values = (Array.isArray(inner) ? inner.flat(Infinity) : [inner]) as unknown[];
  const size = shape.reduce((product, extent) => product * extent, 1);
  const numeric = values.length === size && values.every((entry): entry is number => typeof entry === 'number');
  return numeric ? { shape, values } : null;
}
