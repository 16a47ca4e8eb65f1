import type { ModelState } from '@sp/layers';
import { nodeModules, readFileWhole, writeFileWhole } from '@sp/quant/files';
import { CheckpointError } from '../../callbacks/checkpoint-file.ts';
import { decodeDigested, encodeDigested } from '../../callbacks/digest-file.ts';

/** What trials were trained to be, by their numbers. */
export interface StateStore {
  save(trial: number, state: ModelState, epochs: number): Promise<void>;
  load(trial: number): Promise<ModelState>;
  /** Epochs of its training. */
  epochs(trial: number): Promise<number>;
}

interface Saved {
  readonly state: ModelState;
  readonly epochs: number;
}

/** States in memory. */
export function memoryStore(): StateStore {
  const states = new Map<number, Saved>();
  const get = (trial: number): Saved => {
    const saved = states.get(trial);
    if (saved === undefined) throw new Error(`no state of trial ${trial}`);
    return saved;
  };
  return {
    save: async (trial, state, epochs) => void states.set(trial, { state, epochs }),
    load: async (trial) => get(trial).state,
    epochs: async (trial) => get(trial).epochs,
  };
}

const HEAD = '@sp/train trial 1 ';

/** States as files `trial-<number>.bin` of a folder, which is there. */
export function fileStore(directory: string): StateStore {
  const fileOf = (trial: number): string => nodeModules().path.join(directory, `trial-${trial}.bin`);
  const read = async (trial: number): Promise<Saved> => readStateFile(fileOf(trial), HEAD);
  return {
    save: async (trial, state, epochs) => writeStateFile(fileOf(trial), HEAD, { state, epochs } satisfies Saved),
    load: async (trial) => (await read(trial)).state,
    epochs: async (trial) => (await read(trial)).epochs,
  };
}

/** Writes plain data and typed arrays, whole or not at all. */
export async function writeStateFile(file: string, head: string, content: object): Promise<void> {
  await writeFileWhole(file, await encodeDigested(head, content));
}

/** @throws FileError if it cannot be read; CheckpointError if it is no such file, or damaged */
export async function readStateFile<Content>(file: string, head: string): Promise<Content> {
  const found = await decodeDigested(head, await readFileWhole(file, 'state of a pruning'));
  const remedy = 'begin anew in another directory';
  if (found === 'other') throw new CheckpointError(file, `does not begin with '${head.trim()}'; ${remedy}`);
  if (found === 'damaged') throw new CheckpointError(file, `damaged: its digest does not fit; ${remedy}`);
  return found.content as Content;
}
