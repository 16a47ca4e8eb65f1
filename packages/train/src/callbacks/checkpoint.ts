import { modelState, restoreState, saveModel } from '@sp/layers';
import { pathOf, removeFolder, replaceFolder, settleFolder, systemError, writeFileWhole } from '@sp/quant/files';
import { ebopsFactors, restoreEbopsFactors } from '../ebops/ebops-factors.ts';
import type { Optimizer } from '../engine/optimizer.ts';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import type { Logs } from '../fit/logs.ts';
import { defaultSeed } from '../fit/set-seed.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { CheckpointError, decodeTrainingState, encodeTrainingState, type TrainingState } from './checkpoint-file.ts';

/** What takes part in a training besides the model, and where checkpoints go: `directory` or `store`. */
export interface CheckpointOptions {
  /** Folder (Node; path or `file:` URL) that gets one folder per checkpoint, `epoch-0012`, made when absent. */
  readonly directory?: string | URL;
  /** Keeps the newest checkpoint where there are no folders: in a page (IndexedDB), in a database. `keep` has no meaning then. */
  readonly store?: CheckpointStore;
  /** The optimizer given to `fit`. */
  readonly optimizer: Optimizer;
  /** The other callbacks given to `fit`, in the same order. Default none. */
  readonly callbacks?: readonly FitCallback[];
  /** The seed given to `fit`. Default as there. */
  readonly seed?: number;
  /** Epochs between checkpoints. Default 1. */
  readonly every?: number;
  /** Newest checkpoints to keep. Default 2. */
  readonly keep?: number;
}

/** A place for the newest checkpoint of one training. */
export interface CheckpointStore {
  /**
   * Keeps the state instead of the one before, in one step: whatever happens meanwhile, there is the old one or the new one. It is plain data, Maps
   * and typed arrays, which IndexedDB takes as they are; what the training goes on with may be among them, so copy before the promise resolves.
   */
  save(state: TrainingState): Promise<void>;
  /** The state kept last; undefined: none. */
  load(): Promise<TrainingState | undefined>;
}

const pattern = /^epoch-(\d+)$/;

/**
 * Saves before the first epoch and after every `every`-th one all that a training needs to go on exactly: weights, quantizer state, optimizer
 * state, callbacks' state, epoch and seed; and the model as `loadModel` reads it. A training that is killed goes on from the last whole
 * epoch with the same numbers. When a callback ends the training, its last epoch, whole or not, is saved in any case, with the reason (`ended`).
 * Put it last, so that it sees what the other callbacks did.
 *
 * A checkpoint appears under its name only when complete; `fit` throws a `FileError` when it cannot be written, or what `store` throws.
 *
 * @throws OptionError for unknown options, unless either `directory` or `store` is given, and unless `every` and `keep` are whole numbers ≥ 1.
 * @example
 * const optimizer = adam();
 * const callbacks = [earlyStopping()];
 * const saved = checkpoint({ directory: 'runs/7', optimizer, callbacks });
 * await fit(model, train, { epochs: 100, optimizer, callbacks: [...callbacks, saved] });
 */
export function checkpoint(options: CheckpointOptions): FitCallback {
  const { optimizer, callbacks = [], seed = defaultSeed(), every = 1, keep = 2, store } = options;
  checkOptionNames(options, ['directory', 'store', 'optimizer', 'callbacks', 'seed', 'every', 'keep'], 'checkpoint');
  const directory = directoryOf(options, 'checkpoint');
  for (const [name, value] of Object.entries({ every, keep })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new OptionError(`checkpoint: ${name} ${value} is not a whole number ≥ 1`);
    }
  }
  let history: readonly Readonly<Logs>[] = [];
  /** Whole epochs, also those of a training that somebody else restored. */
  let done = 0;
  const save = async ({ model, stepsPerEpoch, batchSize, stopped }: FitContext): Promise<void> => {
    const state: TrainingState = {
      epochs: done,
      ended: stopped,
      seed,
      stepsPerEpoch,
      batchSize,
      history,
      model: modelState(model),
      ebopsFactors: ebopsFactors(model),
      optimizer: optimizer.state(),
      callbacks: callbackStates(callbacks),
    };
    if (directory === undefined) return store?.save(state);
    try {
      await writeCheckpoint(directory, model, state);
      await dropOld(directory, keep);
    } catch (error) {
      throw await systemError(error, 'written', directory);
    }
  };
  return forFit({
    name: 'checkpoint',
    keepsImages: true,
    async onTrainBegin(context) {
      done = context.initialEpoch ?? history.length;
      // What another training left is none of this one's.
      history = history.slice(0, done);
      if (history.length === 0) await save(context);
    },
    async onEpochEnd(epoch, logs, context) {
      done = epoch + 1;
      history = [...history, { ...logs }];
      if (done % every === 0 || context.stopped !== undefined) await save(context);
    },
    state: () => history,
    restore(state) {
      history = state as typeof history;
    },
  });
}

/** The folder; undefined: there is a store instead. @throws OptionError unless one of the two is given. */
function directoryOf(options: CheckpointOptions, where: string): string | undefined {
  const { directory, store } = options;
  if ((directory === undefined) === (store === undefined)) {
    const both = store === undefined ? 'neither' : 'both';
    throw new OptionError(`${where}: ${both} of directory and store given; say in one of them where checkpoints are`);
  }
  if (store !== undefined && options.keep !== undefined) {
    throw new OptionError(`${where}: keep ${options.keep} has no meaning with a store, which keeps one; leave it out`);
  }
  return directory === undefined ? undefined : pathOf(directory);
}

/**
 * Puts the newest checkpoint of a directory or store back into a model, an optimizer and callbacks (give the same ones in the same order, the
 * `checkpoint` callback itself included or not) made anew as for the first start.
 *
 * @returns the state, its `epochs` being the epoch to go on with, counted from 0, unless a callback had ended the training (`ended`); undefined when
 * there is no checkpoint.
 * @throws CheckpointError for a damaged file, another seed, number of steps or batch size, or missing callbacks; and for another
 * model.
 */
export async function restoreCheckpoint(
  model: FitContext['model'],
  options: Omit<CheckpointOptions, 'every' | 'keep'> & {
    /** Optimizer steps per epoch, to refuse a checkpoint of other data or another batch size. Default: not checked. */
    readonly stepsPerEpoch?: number;
    /** Images per step, to refuse a checkpoint of another batch size that needs as many steps. Default: not checked. */
    readonly batchSize?: number;
  },
): Promise<TrainingState | undefined> {
  const { optimizer, callbacks = [], seed = defaultSeed(), stepsPerEpoch, batchSize } = options;
  const found = await newestState(directoryOf(options, 'restoreCheckpoint'), options.store);
  if (found === undefined) return undefined;
  const { file, state } = found;
  if (state.seed !== seed) {
    throw new CheckpointError(file, `of a training with seed ${state.seed}, not ${seed}; give the same seed`);
  }
  if (stepsPerEpoch !== undefined && state.stepsPerEpoch !== stepsPerEpoch) {
    throw new CheckpointError(
      file,
      `of a training with ${state.stepsPerEpoch} steps per epoch, not ${stepsPerEpoch}; give the same data and batchSize`,
    );
  }
  if (batchSize !== undefined && state.batchSize !== undefined && state.batchSize !== batchSize) {
    throw new CheckpointError(
      file,
      `of a training with batchSize ${state.batchSize}, not ${batchSize}; give the same batchSize`,
    );
  }
  const given = new Map(keyed(callbacks));
  const missing = [...state.callbacks.keys()].find((key) => !given.has(key));
  if (missing !== undefined) {
    throw new CheckpointError(file, `holds the state of a callback '${missing}'; give the same callbacks`);
  }
  try {
    restoreState(model, state.model);
    restoreEbopsFactors(model, state.ebopsFactors);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CheckpointError(
      file,
      `of another model (${why}); give layers the names and shapes they had, or begin anew in another directory`,
      { cause },
    );
  }
  optimizer.restore(state.optimizer);
  for (const [key, callback] of given) {
    if (state.callbacks.has(key)) callback.restore?.(state.callbacks.get(key));
    else if (callback.name === 'checkpoint') callback.restore?.(state.history);
  }
  return state;
}

/** The newest checkpoint, and what errors call it. */
async function newestState(
  directory: string | undefined,
  store: CheckpointStore | undefined,
): Promise<{ readonly file: string; readonly state: TrainingState } | undefined> {
  if (directory === undefined) {
    const state = await store?.load();
    return state && { file: 'the checkpoint in store', state };
  }
  const newest = (await checkpointNames(directory)).at(-1);
  if (newest === undefined) return undefined;
  const { join } = await import('node:path');
  const { readFile } = await import('node:fs/promises');
  const file = join(directory, newest, 'training.bin');
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new CheckpointError(file, 'cannot be read; delete its folder to use an older one', { cause });
  });
  return { file, state: await decodeTrainingState(bytes, file) };
}

/** Callbacks by name; several of one name by name and number. */
function keyed(callbacks: readonly FitCallback[]): readonly (readonly [string, FitCallback])[] {
  const seen = new Map<string, number>();
  return callbacks.map((callback) => {
    const count = (seen.get(callback.name) ?? 0) + 1;
    seen.set(callback.name, count);
    return [count === 1 ? callback.name : `${callback.name}#${count}`, callback];
  });
}

function callbackStates(callbacks: readonly FitCallback[]): ReadonlyMap<string, unknown> {
  return new Map(
    keyed(callbacks).flatMap(([key, callback]) =>
      callback.state === undefined || callback.name === 'checkpoint' ? [] : [[key, callback.state()] as const],
    ),
  );
}

async function writeCheckpoint(directory: string, model: FitContext['model'], state: TrainingState): Promise<void> {
  const { mkdir } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const name = `epoch-${String(state.epochs).padStart(4, '0')}`;
  await mkdir(directory, { recursive: true });
  await replaceFolder(
    join(directory, name),
    async (fresh) => {
      await saveModel(model, fresh);
      await writeFileWhole(join(fresh, 'training.bin'), await encodeTrainingState(state));
    },
    // What is completed here is done again in the same breath.
    { note: () => {} },
  );
}

async function dropOld(directory: string, keep: number): Promise<void> {
  const { join } = await import('node:path');
  const { readdir } = await import('node:fs/promises');
  // Of trainings that were killed and that did not go on from there.
  for (const hidden of await readdir(directory)) {
    const name = /^\.(epoch-\d+)\.sp-stage$/.exec(hidden)?.[1];
    if (name !== undefined) await settleFolder(join(directory, name), { note: () => {} });
  }
  for (const name of (await checkpointNames(directory)).slice(0, -keep)) await removeFolder(join(directory, name));
}

/** Complete checkpoints, oldest first. */
async function checkpointNames(directory: string): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises');
  const names = await readdir(directory).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw await systemError(error, 'read', directory);
  });
  const number = (name: string): number => Number(pattern.exec(name)?.[1]);
  return names.filter((name) => pattern.test(name)).sort((a, b) => number(a) - number(b));
}
