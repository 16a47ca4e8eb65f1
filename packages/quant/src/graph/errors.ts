/** A fixed graph that is not one. The message says what is wrong, where, and what to do about it. */
export class GraphError extends Error {
  /** Node (or part of the file) the complaint is about. */
  readonly where: string;
  readonly what: string;
  readonly remedy: string;
  constructor(where: string, what: string, remedy: string, options?: ErrorOptions) {
    super(`${where}: ${what}; ${remedy}`, options);
    this.name = 'GraphError';
    this.where = where;
    this.what = what;
    this.remedy = remedy;
  }
}
