import type { VectorsFile } from './read-vectors.ts';

/** One number that is not what the file says. */
export interface Mismatch {
  /** Row and element, readable. */
  readonly where: string;
  readonly expected: number;
  readonly got: number;
}

/** What a checker found. */
export interface RowResult {
  readonly rows: number;
  /** Numbers compared. */
  readonly values: number;
  readonly mismatches: readonly Mismatch[];
}

/** Compares all rows of one kind. */
export interface RowKind {
  /**
   * @throws FormError when the rows are not of the announced form
   */
  check(file: VectorsFile): RowResult | Promise<RowResult>;
}

/** Rows that are not of their kind's form. */
export class FormError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FormError';
  }
}

/** The array behind `key`. */
export function arrayOf(file: VectorsFile, key: string): readonly unknown[] {
  const value = file[key];
  if (!Array.isArray(value)) throw new FormError(`${key} is no array`);
  return value;
}

/** The array of numbers `value`. */
export function numbersOf(value: unknown, what: string): readonly number[] {
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'number')) {
    throw new FormError(`${what} is no array of numbers`);
  }
  return value;
}

/** The numbers `names` of an object. */
export function fieldsOf<N extends string>(row: unknown, names: readonly N[], what: string): Record<N, number> {
  const entries = names.map((name) => {
    const value = (row as Record<string, unknown> | null)?.[name];
    if (typeof value !== 'number')
      throw new FormError(`${what}: ${name} is ${JSON.stringify(value)}, expected a number`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Record<N, number>;
}
