/** A data file or data set that cannot be used: says which source, which part of it, what is wrong and what to do. */
export class DataError extends Error {
  /** File name or the caller's name for the data. */
  readonly source: string;
  /** The part that is wrong: a header field, an array, a line. */
  readonly field: string;

  constructor(source: string, field: string, problem: string, options?: ErrorOptions) {
    super(`${source}: ${field}: ${problem}`, options);
    this.name = 'DataError';
    this.source = source;
    this.field = field;
  }
}
