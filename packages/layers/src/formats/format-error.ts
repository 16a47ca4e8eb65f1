/** A file of a known format that cannot be read: which part of it, and what is wrong. Callers add the file's name. */
export class FormatError extends Error {
  /** The part that is wrong, e.g. an entry of a zip file. */
  readonly part: string;
  readonly problem: string;

  constructor(part: string, problem: string, options?: ErrorOptions) {
    super(`${part}: ${problem}`, options);
    this.name = 'FormatError';
    this.part = part;
    this.problem = problem;
  }
}
