/** A file or folder that cannot be read or written, or is damaged: names it, what is wrong and what to do. */
export class FileError extends Error {
  /** Path of the file or folder. */
  readonly file: string;
  readonly problem: string;
  readonly remedy: string;

  constructor(file: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`'${file}' ${problem}; ${remedy}`, options);
    this.name = 'FileError';
    this.file = file;
    this.problem = problem;
    this.remedy = remedy;
  }
}
