import type { RandomSource } from '../data/random.ts';
import { OptionError } from '../option-error.ts';

/** What a parameter can be: plain data, so that a journal can hold it. */
export type Value = number | string | boolean;

/** When a parameter exists: only beside one of these values of another one, which stands before it in the space. */
export interface Condition {
  readonly parameter: string;
  readonly is: readonly Value[];
}

/** One value of a list. */
export interface Choice {
  readonly kind: 'choice';
  readonly values: readonly Value[];
  /** What to try first. */
  readonly default?: Value;
  /** Default: it always exists. */
  readonly when?: Condition;
}

/** A number in a range, ends included. */
export interface Range {
  /** `'whole'`: whole numbers only. */
  readonly kind: 'real' | 'whole';
  readonly low: number;
  readonly high: number;
  /** Whether steps are differences or factors. */
  readonly scale: 'linear' | 'log';
  /** What to try first. */
  readonly default?: number;
  /** Default: it always exists. */
  readonly when?: Condition;
}

/** What one parameter can be. */
export type Dimension = Choice | Range;

/** Parameters by name. */
export type Space = Readonly<Record<string, Dimension>>;

/** A value for every parameter of a space that exists beside the others. */
export type Point = Readonly<Record<string, Value>>;

/**
 * One of these values. Numbers in rising or falling order are taken for steps on a scale: what lies near a good one is likely to be good.
 *
 * @throws OptionError for an empty list, a value twice, values that are no number, text or boolean, and a default that is none of them
 */
export function choice(
  values: readonly Value[],
  options: { readonly default?: Value; readonly when?: Condition } = {},
): Choice {
  const dimension: Choice = { kind: 'choice', values: [...values], ...options };
  checkDimension(dimension, 'choice');
  return dimension;
}

/** Settings of a range. */
export interface RangeOptions {
  /** `'log'` for numbers > 0 of which factors count. Default `'linear'`. */
  readonly scale?: 'linear' | 'log';
  /** What to try first. */
  readonly default?: number;
  /** Default: it always exists. */
  readonly when?: Condition;
}

/** A real number from `low` to `high`. @throws OptionError for ends that are no range, and a default outside */
export function real(low: number, high: number, { scale = 'linear', ...options }: RangeOptions = {}): Range {
  const dimension: Range = { kind: 'real', low, high, scale, ...options };
  checkDimension(dimension, 'real');
  return dimension;
}

/** A whole number from `low` to `high`. @throws OptionError for ends that are no range of whole numbers, and a default outside */
export function whole(low: number, high: number, { scale = 'linear', ...options }: RangeOptions = {}): Range {
  const dimension: Range = { kind: 'whole', low, high, scale, ...options };
  checkDimension(dimension, 'whole');
  return dimension;
}

/** @throws OptionError for a space without parameters, and parameters that are none */
export function checkSpace(space: Space, where: string): void {
  if (typeof space !== 'object' || space === null || Object.keys(space).length === 0) {
    throw new OptionError(
      `${where}: the space has no parameters; give e.g. { rate: real(1e-4, 1e-1, { scale: 'log' }) }`,
    );
  }
  const before: string[] = [];
  for (const [name, dimension] of Object.entries(space)) {
    const here = `${where}: parameter '${name}'`;
    checkDimension(dimension, here);
    if (dimension.when !== undefined) checkCondition(dimension.when, space, before, here);
    before.push(name);
  }
}

function checkCondition(when: Condition, space: Space, before: readonly string[], where: string): void {
  const { parameter, is } = Object(when) as Condition;
  if (!before.includes(parameter)) {
    const known = before.length === 0 ? 'none stands before it' : `it can be one of ${before.join(', ')}`;
    throw new OptionError(
      `${where}: when.parameter '${String(parameter)}' stands not before it in the space; ${known}`,
    );
  }
  const other = space[parameter];
  if (other.kind === 'real') {
    throw new OptionError(
      `${where}: when.parameter '${parameter}' is a real number; let it depend on a choice or whole`,
    );
  }
  if (!Array.isArray(is) || is.length === 0) {
    throw new OptionError(`${where}: when.is names no value of '${parameter}'; give a list of them`);
  }
  const never = is.find((value: Value) => !holds(other, value));
  if (never !== undefined) {
    throw new OptionError(`${where}: when.is holds ${String(never)}, but '${parameter}' is ${described(other)}`);
  }
}

/** Whether a parameter exists beside those of a point that stand before it in the space. */
export function isActive({ when }: Dimension, point: Point): boolean {
  return when === undefined || (Object.hasOwn(point, when.parameter) && when.is.includes(point[when.parameter]));
}

/** @throws OptionError unless the point has one possible value for every parameter of the space that exists beside the others, and no more */
export function checkPoint(space: Space, point: Point, where: string): void {
  const unknown = Object.keys(point).find((name) => !Object.hasOwn(space, name));
  if (unknown !== undefined) {
    throw new OptionError(`${where}: '${unknown}' is no parameter; they are ${Object.keys(space).join(', ')}`);
  }
  for (const [name, dimension] of Object.entries(space)) {
    if (!isActive(dimension, point)) {
      if (!Object.hasOwn(point, name)) continue;
      const { parameter, is } = dimension.when as Condition;
      throw new OptionError(
        `${where}: '${name}' exists only when '${parameter}' is one of ${is.join(', ')}; leave it out`,
      );
    }
    if (!Object.hasOwn(point, name)) throw new OptionError(`${where}: no value for parameter '${name}'`);
    if (!holds(dimension, point[name])) {
      throw new OptionError(`${where}: ${name} ${String(point[name])} is not ${described(dimension)}`);
    }
  }
}

/** Whether a parameter can be this value. */
function holds(dimension: Dimension, value: Value): boolean {
  if (dimension.kind === 'choice') return dimension.values.includes(value);
  if (typeof value !== 'number' || !(value >= dimension.low && value <= dimension.high)) return false;
  return dimension.kind === 'real' || Number.isInteger(value);
}

function described(dimension: Dimension): string {
  if (dimension.kind === 'choice') return `one of ${dimension.values.join(', ')}`;
  return `a ${dimension.kind} number in ${dimension.low} … ${dimension.high}`;
}

function checkDimension(dimension: Dimension, where: string): void {
  if (dimension?.kind === 'choice') {
    const { values } = dimension;
    if (!Array.isArray(values) || values.length === 0) throw new OptionError(`${where}: no values to choose from`);
    const bad = values.find((value: unknown) => !isPlain(value));
    if (bad !== undefined) {
      throw new OptionError(`${where}: ${String(bad)} is no finite number, text or boolean; choose among names of it`);
    }
    if (new Set(values).size < values.length) throw new OptionError(`${where}: a value stands twice in the list`);
  } else if (dimension?.kind === 'real' || dimension?.kind === 'whole') {
    const { low, high, scale, kind } = dimension;
    if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
      throw new OptionError(`${where}: ${low} … ${high} is no range; give two finite numbers, the lower one first`);
    }
    if (scale !== 'linear' && scale !== 'log') {
      throw new OptionError(`${where}: scale '${String(scale)}' is none of linear, log`);
    }
    if (scale === 'log' && !(low > 0)) throw new OptionError(`${where}: scale 'log' needs numbers > 0, not ${low}`);
    if (kind === 'whole' && !(Number.isInteger(low) && Number.isInteger(high))) {
      throw new OptionError(`${where}: the ends ${low} and ${high} are not whole numbers`);
    }
  } else {
    throw new OptionError(`${where}: ${JSON.stringify(dimension)} is no parameter; make it with choice, real or whole`);
  }
  if (dimension.default !== undefined && !holds(dimension, dimension.default)) {
    throw new OptionError(`${where}: the default ${dimension.default} is not ${described(dimension)}`);
  }
}

function isPlain(value: unknown): boolean {
  return ['string', 'boolean'].includes(typeof value) || (typeof value === 'number' && Number.isFinite(value));
}

/** A point drawn evenly, on the scales of the ranges. */
export function randomPoint(space: Space, random: RandomSource): Point {
  return pointOf(space, (dimension) =>
    dimension.kind === 'choice'
      ? dimension.values[random.below(dimension.values.length)]
      : atUnit(dimension, random.unit()),
  );
}

/** A point made parameter by parameter, of those that exist beside the ones before. */
export function pointOf(space: Space, pick: (dimension: Dimension, name: string, index: number) => Value): Point {
  const point: Record<string, Value> = {};
  for (const [index, [name, dimension]] of Object.entries(space).entries()) {
    if (isActive(dimension, point)) point[name] = pick(dimension, name, index);
  }
  return point;
}

/** The point of all defaults; null unless all parameters that exist beside the others have one. */
export function defaultPoint(space: Space): Point | null {
  const point: Record<string, Value> = {};
  for (const [name, dimension] of Object.entries(space)) {
    if (!isActive(dimension, point)) continue;
    if (dimension.default === undefined) return null;
    point[name] = dimension.default;
  }
  return point;
}

/** Whether distances mean something: ranges, and lists of numbers in order. */
export function isOrdered(dimension: Dimension): boolean {
  if (dimension.kind !== 'choice') return true;
  const { values } = dimension;
  if (values.length < 3 || !values.every((value) => typeof value === 'number')) return false;
  const signs = values.slice(1).map((value, j) => Math.sign(value - (values[j] as number)));
  return signs.every((sign) => sign === signs[0]);
}

/** Where a value of an ordered parameter lies, 0 … 1. */
export function unitOf(dimension: Dimension, value: Value): number {
  if (dimension.kind === 'choice') return dimension.values.indexOf(value) / (dimension.values.length - 1);
  const { low, high } = spread(dimension);
  return high === low
    ? 0.5
    : ((dimension.scale === 'log' ? Math.log(value as number) : (value as number)) - low) / (high - low);
}

/** The value of an ordered parameter at a place in 0 … 1: the inverse of `unitOf`, rounded to what is possible. */
export function atUnit(dimension: Dimension, place: number): Value {
  const unit = Math.min(1, Math.max(0, place));
  if (dimension.kind === 'choice') return dimension.values[Math.round(unit * (dimension.values.length - 1))];
  const { low, high } = spread(dimension);
  const at = low + unit * (high - low);
  const value = dimension.scale === 'log' ? Math.exp(at) : at;
  const rounded = dimension.kind === 'whole' ? Math.round(value) : value;
  return Math.min(dimension.high, Math.max(dimension.low, rounded));
}

/** The ends on the scale of a range; whole numbers have half a step of room at both, so that all are as likely. */
function spread({ kind, low, high, scale }: Range): { readonly low: number; readonly high: number } {
  const room = kind === 'whole' ? 0.5 : 0;
  const ends = { low: low - room, high: high + room };
  return scale === 'log' ? { low: Math.log(ends.low), high: Math.log(ends.high) } : ends;
}

/** Number of points; infinite with a range of real numbers that is no single one. */
export function pointCount(space: Space): number {
  const parents = new Set(Object.values(space).flatMap(({ when }) => (when === undefined ? [] : [when.parameter])));
  const dimensions = Object.entries(space);
  const count = (from: number, point: Point): number => {
    if (from === dimensions.length) return 1;
    const [name, dimension] = dimensions[from];
    if (!isActive(dimension, point)) return count(from + 1, point);
    if (!parents.has(name)) return valueCount(dimension) * count(from + 1, point);
    const values =
      dimension.kind === 'choice'
        ? dimension.values
        : Array.from({ length: dimension.high - dimension.low + 1 }, (_, j) => dimension.low + j);
    return values.reduce((sum: number, value) => sum + count(from + 1, { ...point, [name]: value }), 0);
  };
  return count(0, {});
}

function valueCount(dimension: Dimension): number {
  if (dimension.kind === 'choice') return dimension.values.length;
  if (dimension.kind === 'whole') return dimension.high - dimension.low + 1;
  return dimension.low === dimension.high ? 1 : Number.POSITIVE_INFINITY;
}

/** Tells points apart, whatever the order of their parameters. */
export function pointKey(space: Space, point: Point): string {
  return JSON.stringify(Object.keys(space).map((name) => point[name]));
}
