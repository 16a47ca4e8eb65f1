/** A file that is not of the announced format; the message says where. */
export class FixtureError extends Error {
  constructor(where: string, expected: string) {
    super(`${where} is not ${expected}.`);
    this.name = 'FixtureError';
  }
}

/** A JSON object. */
export type Row = { readonly [key: string]: unknown };

/** A tensor of a fixture, row-major. */
export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** @throws FixtureError */
export function asRow(value: unknown, where: string): Row {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new FixtureError(where, 'an object');
  return value as Row;
}

/** @throws FixtureError */
export function asRows(value: unknown, where: string): readonly Row[] {
  return asList(value, where).map((entry, index) => asRow(entry, `${where}[${index}]`));
}

/** @throws FixtureError */
export function asList(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new FixtureError(where, 'a list');
  return value;
}

/** @throws FixtureError */
export function asText(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new FixtureError(where, 'a string');
  return value;
}

/** A number as double; "nan", "inf" and "-inf" stand for themselves. @throws FixtureError */
export function asNumber(value: unknown, where: string): number {
  if (typeof value === 'number') return value;
  if (value === 'nan') return Number.NaN;
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  throw new FixtureError(where, 'a number');
}

/** Shortest float32 numbers: parsed as double, rounded to float32. @throws FixtureError */
export function asFloats(value: unknown, where: string): Float32Array {
  return Float32Array.from(asList(value, where), (entry, j) => asNumber(entry, `${where}[${j}]`));
}

/** @throws FixtureError */
export function asTensor(value: unknown, where: string): FixtureTensor {
  const { shape, data } = asRow(value, where);
  const extents = asList(shape, `${where}.shape`).map((extent, d) => asNumber(extent, `${where}.shape[${d}]`));
  const values = asFloats(data, `${where}.data`);
  if (values.length !== extents.reduce((size, extent) => size * extent, 1)) {
    throw new FixtureError(where, `a tensor of shape [${extents}]: it has ${values.length} values`);
  }
  return { shape: extents, data: values };
}
