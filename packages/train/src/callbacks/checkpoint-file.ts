import type { ModelState } from '@sp/layers';
import type { OptimizerState } from '../engine/optimizer.ts';
import type { Logs } from '../fit/logs.ts';
import { decodeDigested, digestOf, encodeDigested } from './digest-file.ts';

/** All that a training needs to go on as if it had never stopped; plain data. */
export interface TrainingState {
  /** Epochs done; the last one may be cut short by `stop(…, 'step')`, and then the training has ended. */
  readonly epochs: number;
  /** Reason for which a callback ended the training (`FitContext.stop`); undefined: none did. */
  readonly ended?: string | undefined;
  /** Seed of the image order; the order of an epoch depends on it and the epoch's number only. */
  readonly seed: number;
  /** Optimizer steps per epoch, by which other data or another batch size are told. */
  readonly stepsPerEpoch: number;
  /** Images per step; undefined: not known, as in older checkpoints. */
  readonly batchSize?: number | undefined;
  /** Logs of the epochs done. */
  readonly history: readonly Readonly<Logs>[];
  /** All variables of the model, quantizer state and moving statistics included. */
  readonly model: ModelState;
  /** EBOPs factor of each quantised layer, which is no variable. */
  readonly ebopsFactors: ReadonlyMap<string, number>;
  readonly optimizer: OptimizerState;
  /** State of each callback that has one, by name and by its place among those of the same name. */
  readonly callbacks: ReadonlyMap<string, unknown>;
}

/** A checkpoint that cannot be used: says which file, why, and what to do. */
export class CheckpointError extends Error {
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.name = 'CheckpointError';
  }
}

/** First bytes of a file: then the digest of all that follows the end of the line. */
const HEAD = '@sp/train checkpoint 2 ';

const VERSION_1 = '@sp/train checkpoint 1';

/** Bytes of a training state, with a digest that tells damage. */
export function encodeTrainingState(state: TrainingState): Promise<Uint8Array> {
  return encodeDigested(HEAD, state);
}

/**
 * The training state in `bytes`; of version 1 too.
 *
 * @throws CheckpointError naming `file` if it is no checkpoint, of another version, cut short or changed.
 */
export async function decodeTrainingState(bytes: Uint8Array, file: string): Promise<TrainingState> {
  const { deserialize } = await import('node:v8');
  const found = await decodeDigested(HEAD, bytes);
  if (found === 'damaged') throw damaged(file);
  const state: unknown = found === 'other' ? deserialize(await contentOfVersion1(bytes, file)) : found.content;
  if (typeof state !== 'object' || state === null) throw damaged(file);
  return state as TrainingState;
}

async function contentOfVersion1(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  const { deserialize } = await import('node:v8');
  let outer: { format?: unknown; digest?: unknown; content?: unknown };
  try {
    outer = Object(deserialize(bytes)) as typeof outer;
  } catch (cause) {
    throw new CheckpointError(file, 'no checkpoint, or cut short; use an older one', { cause });
  }
  if (outer.format !== VERSION_1) {
    const found = JSON.stringify(String(outer.format)).slice(0, 60);
    throw new CheckpointError(file, `format ${found}, expected '${HEAD.trim()}'; start the training anew`);
  }
  const { content, digest } = outer;
  if (!(content instanceof Uint8Array) || (await digestOf(content)) !== digest) throw damaged(file);
  return content;
}

function damaged(file: string): CheckpointError {
  return new CheckpointError(file, 'damaged: its digest does not fit; use an older one');
}
