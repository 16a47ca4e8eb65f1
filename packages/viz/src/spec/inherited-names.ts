import type { Json } from './json.ts';

/** Takes no room and leaves no ink. */
const wordJoiner = '\u{2060}';

/**
 * Marks every text that is the name of something all JavaScript objects inherit, such as `constructor`. Vega keeps texts
 * as keys of plain objects and takes the inherited thing for an earlier entry: titles throw, bars and panels vanish.
 */
export function guardInheritedNames<T extends Json>(value: T): T {
  return guarded(value) as T;
}

function guarded(value: Json): Json {
  if (typeof value === 'string') return value in Object.prototype ? value + wordJoiner : value;
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(guarded);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, guarded(part)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
