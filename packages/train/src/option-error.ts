/**
 * An option or argument that a function of this package cannot work with. The message names the function, the option, its
 * value and what is expected. Data complains with `DataError`, checkpoints with `CheckpointError`, a training that cannot
 * go on with `TrainingError`.
 */
export class OptionError extends RangeError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OptionError';
  }
}
