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

/** No synthesis tool is installed. Everything but synthesis still works. */
export class NoToolError extends Error {
  override readonly name: string = 'NoToolError';
}

/**
 * What went wrong with a program: it could not be started, ended with an error or by a signal, ran or printed past its
 * limit, left no usable result, or answered what the network cannot have computed.
 */
export type CompileFailure = 'start' | 'exit' | 'time' | 'output' | 'result' | 'answer';

/** The C++ compiler or the compiled program failed; `output` holds what it printed. */
export class CompileError extends Error {
  override readonly name: string = 'CompileError';
  readonly output: string;
  /** What went wrong, for programs. */
  readonly failure: CompileFailure;

  constructor(message: string, output: string, failure: CompileFailure = 'exit', options?: ErrorOptions) {
    super(message, options);
    this.output = output;
    this.failure = failure;
  }
}
