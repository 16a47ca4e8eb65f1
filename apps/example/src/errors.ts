/** Something the user gave cannot be used: names the option, its value and the remedy. The program ends with exit code 2. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** The user has stopped the program; the message says what is left of its work. Exit code 130, as shells expect it. */
export class Interrupted extends Error {
  constructor(message = 'interrupted; nothing was written') {
    super(message);
    this.name = 'Interrupted';
  }
}
