/** What a command found out. */
export interface Outcome {
  /** Everything asked is within tolerance. */
  readonly ok: boolean;
  /** A short table for a terminal. */
  readonly table: string;
  /** The same as one JSON object. */
  readonly report: object;
}

/** One command of the program. */
export interface Command {
  /** Name and arguments as they are typed, e.g. `vectors <file>`. */
  readonly usage: string;
  readonly description: string;
  /** Options of its own: how they are typed, and what they do. */
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /**
   * @param files the positional arguments
   * @param options values of its own options by name
   * @throws BadFileError for a file that is missing or not what it should be
   */
  run(files: readonly string[], options?: Readonly<Record<string, unknown>>): Promise<Outcome>;
}
