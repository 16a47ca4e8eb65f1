/**
 * Numbers of one epoch by name. `fit` writes `epoch` (counted from 1, as in messages, file names and figures), `loss` (task plus all penalties, mean over the epoch's batches as they were trained), `lossTask`,
 * `accuracy` (0 … 1, during training), with validation `valLoss` (task only) and `valAccuracy`, `learningRate` and `seconds`; callbacks add theirs.
 */
export type Logs = Record<string, number>;

/** All epochs of a run. */
export interface History {
  /** Per epoch, in order. */
  readonly epochs: readonly Readonly<Logs>[];
}
