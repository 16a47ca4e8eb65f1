/** A configuration that cannot be honoured: what, where, and the legal values. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
}

/** A graph that this package cannot turn into firmware, or that does not belong to the project at hand. */
export class FirmwareError extends Error {
  override readonly name: string = 'FirmwareError';
}

/** No C++ compiler could be started. Everything that does not compile still works. */
export class NoCompilerError extends Error {
  override readonly name: string = 'NoCompilerError';
}

/** The C++ compiler or the compiled program failed; `output` holds what it printed. */
export class CompileError extends Error {
  override readonly name: string = 'CompileError';
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}
