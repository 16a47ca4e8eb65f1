/** What one forward and backward pass over a batch found. */
export interface Pass {
  /** Output in training; undefined: not told. */
  readonly output: Float32Array | undefined;
  readonly task: number;
  readonly total: number;
  /** What layers add to the loss, term by term; undefined: only their sum is told. */
  readonly layerLosses: readonly number[] | undefined;
  /** By name of the tfjs variable. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** An engine that repeats recorded training steps. */
export interface Stepper {
  /** Passes over the batch of a step. Afterwards the model has the ranges, and so the EBOPs, of that pass. */
  differentiate(step: number): Pass;
  /** One optimizer step with these gradients. Afterwards the model has what was learned. */
  update(): void;
  dispose(): void;
}
