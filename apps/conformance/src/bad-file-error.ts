/** A file that cannot be read or is not of the announced format. Ends the program with status 2. */
export class BadFileError extends Error {
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`'${file}': ${problem}`, options);
    this.name = 'BadFileError';
  }
}
