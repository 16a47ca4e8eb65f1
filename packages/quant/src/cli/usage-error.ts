/** A file or argument that is not what it should be: the message names it, and what to do. Ends the program with status 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
