import type * as tf from '@tensorflow/tfjs';
import type { Chance } from '../warnings/chance-warnings.ts';
import type { Logs } from './logs.ts';

/** What a callback may look at and do. */
export interface FitContext {
  readonly model: tf.LayersModel;
  /** Total number of epochs asked for. */
  readonly epochs: number;
  /** Epoch that the training begins with, counted from 0; undefined where it is not known: under `model.fit`. */
  readonly initialEpoch?: number | undefined;
  /** Images per step, the last one of an epoch may have fewer; undefined where it is not known: under `model.fit`. */
  readonly batchSize?: number | undefined;
  /** Optimizer steps per epoch. */
  readonly stepsPerEpoch: number;
  /** Reason of the first `stop`, once there was one: the training ends with this epoch. */
  readonly stopped: string | undefined;
  /** What computes the steps, as in `FitResult.engine`. */
  readonly engine: string;
  /** What answering without looking at the image would reach. */
  readonly chance?: Chance | undefined;
  /** Says a line to the user, as `FitOptions.say` decides. Default `console.warn`. */
  readonly say?: ((line: string) => void) | undefined;
  /**
   * Ends the training; the reason, the first one given, appears in the result. `when`: after the present epoch (default), or after the present step:
   * the epoch then ends there, validation and `onEpochEnd` included, with the means of the steps done.
   */
  stop(reason: string, when?: 'epoch' | 'step'): void;
}

/** Code that runs between the steps of a training. Callbacks run in the order given; each sees what the earlier ones wrote into `logs`. */
export interface FitCallback {
  /** Identifies the callback's state in a checkpoint. */
  readonly name: string;
  /** Says that `onStepEnd` looks at its logs only, so that no step has to copy the variables into the model for it. Default false. */
  readonly onlyLogs?: boolean;
  /**
   * Says that `onStepEnd` changes no variable and looks at none but those of these names (the last part of `layer/role/name`), so that a step has to copy only those
   * into the model for it. Default: it may look at all and change all.
   */
  readonly onlyVariables?: readonly string[];
  /**
   * Says that the callback does not change images of the training data in place, so that the fused engine, which remembers where their active
   * pixels are, need not look at every pixel again. Default false. The callbacks of this package leave images alone.
   */
  readonly keepsImages?: boolean;
  onTrainBegin?(context: FitContext): void | Promise<void>;
  /** `epoch` counts from 0 here and in the other methods; the logs hold the number that is shown, which counts from 1. */
  onEpochBegin?(epoch: number, context: FitContext): void | Promise<void>;
  /** After the optimizer step `step` of the epoch, counted from 0. */
  onStepEnd?(epoch: number, step: number, logs: Readonly<Logs>, context: FitContext): void;
  /** After validation. May add to `logs`. */
  onEpochEnd?(epoch: number, logs: Logs, context: FitContext): void | Promise<void>;
  onTrainEnd?(context: FitContext): void | Promise<void>;
  /** What the callback has to remember to go on in another process; plain data and typed arrays. */
  state?(): unknown;
  /** Takes back what `state` gave. */
  restore?(state: unknown): void;
}
