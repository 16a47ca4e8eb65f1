import { FileError } from './file-error.ts';
import { nodeModules } from './node-modules.ts';
import { isOwner, newOwner, type Owner, processOf, retireOwner, stateOf } from './owner.ts';
import { sweep } from './sweep.ts';

/** Options of everything that goes through a stage. */
export interface StageOptions {
  /** Receives one line when the work of an earlier process, which was killed, is completed or taken back. Default `console.warn`. */
  readonly note?: (line: string) => void;
}

/**
 * What an earlier owner has left in a stage, completed or taken back, so that the stage can be removed.
 *
 * @returns what was done, as a part of a sentence; undefined when nothing had been changed
 */
export type Settle = (stage: string) => Promise<string | undefined>;

/** Path of the stage of a file or folder: beside it, hidden. */
export function stageOf(target: string): string {
  const { path, crypto } = nodeModules();
  const name = path.basename(target);
  const short =
    Buffer.byteLength(name) <= 120 ? name : crypto.createHash('sha256').update(name).digest('hex').slice(0, 16);
  return path.join(path.dirname(target), `.${short}.sp-stage`);
}

const OWNER = 'owner-';

/**
 * Calls `work` with a stage: a folder on the same file system in which new content is put together. The stage is also the lock of its target: its
 * name is always the same, it comes into being with its owner's name in it, and a stage whose owner is dead is taken over by renaming that name,
 * which only one can do.
 *
 * Whatever happened before, `settle` brings the target into its old state or its new one: after a failure of `work`, or in the next process.
 *
 * @param target what is worked on, for messages
 * @throws FileError when another process (or another call in this one) works on the same target; and what `work` throws
 */
export async function withStage<Result>(
  target: string,
  stage: string,
  settle: Settle,
  work: (stage: string) => Promise<Result>,
  options: StageOptions = {},
): Promise<Result> {
  const owner = await newOwner();
  try {
    await claim(target, stage, owner, settle, options);
    let result: Result;
    try {
      result = await work(stage);
    } catch (error) {
      await settle(stage);
      await remove(stage, owner);
      throw error;
    }
    await remove(stage, owner);
    return result;
  } finally {
    retireOwner(owner);
  }
}

/**
 * Brings a target into its old or new state when an earlier process was killed while it worked on it. Does nothing while another one is at work.
 *
 * @returns whether there was something to settle
 */
export async function settleStage(
  target: string,
  stage: string,
  settle: Settle,
  options: StageOptions = {},
): Promise<boolean> {
  const found = await ownerOf(stage);
  if (found === undefined || (await stateOf(found.owner, found.since)) !== 'dead') return false;
  await withStage(target, stage, settle, async () => {}, options);
  return true;
}

async function claim(target: string, stage: string, owner: Owner, settle: Settle, options: StageOptions) {
  const { fs, path } = nodeModules();
  const prefix = `${path.basename(stage)}-`;
  await sweep(path.dirname(stage));
  const fresh = path.join(path.dirname(stage), `${prefix}${owner}`);
  await fs.mkdir(fresh);
  try {
    await fs.writeFile(path.join(fresh, `${OWNER}${owner}`), `${target}\n`);
    for (;;) {
      try {
        // Fails on a folder that holds anything, and so on one with an owner.
        return await fs.rename(fresh, stage);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? '';
        if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(code) || !(await exists(stage))) throw error;
      }
      const found = await ownerOf(stage);
      if (found === undefined) {
        const names = await fs.readdir(stage).catch((): string[] => []);
        // Empty, or gone, or taken over just now.
        if (names.length === 0 || names.some((name) => name.startsWith(OWNER))) continue;
        throw new FileError(stage, 'is in the way', 'it is none of ours: move it');
      }
      await refuseBusy(target, stage, found);
      const taken = await fs
        .rename(path.join(stage, `${OWNER}${found.owner}`), path.join(stage, `${OWNER}${owner}`))
        .then(() => true)
        .catch(() => false);
      if (!taken) continue;
      const done = await settle(stage);
      if (done !== undefined) (options.note ?? console.warn)(`'${target}': ${done}, as an earlier run was killed`);
      await empty(stage, owner);
      return;
    }
  } finally {
    await fs.rm(fresh, { recursive: true, force: true });
  }
}

async function refuseBusy(target: string, stage: string, { owner, since }: Found): Promise<void> {
  const state = await stateOf(owner, since);
  if (state === 'dead') return;
  const who = processOf(owner) === String(process.pid) ? 'this process' : `process ${processOf(owner)}`;
  if (state === 'alive') {
    throw new FileError(target, `is being written by ${who}`, 'wait until that is done, or name another place');
  }
  throw new FileError(
    target,
    `is being written by ${who} of another machine or container since ${new Date(since).toISOString()}`,
    `wait until that is done; if it was killed, remove ${stage}`,
  );
}

interface Found {
  readonly owner: Owner;
  readonly since: number;
}

async function ownerOf(stage: string): Promise<Found | undefined> {
  const { fs, path } = nodeModules();
  const names = await fs.readdir(stage).catch((): string[] => []);
  const name = names.find((entry) => entry.startsWith(OWNER) && isOwner(entry.slice(OWNER.length)));
  const entry = name === undefined ? undefined : await fs.stat(path.join(stage, name)).catch(() => undefined);
  return name === undefined || entry === undefined
    ? undefined
    : { owner: name.slice(OWNER.length), since: entry.mtimeMs };
}

/** The owner's name goes last: as long as anything is in the stage, it says whose it is. */
async function remove(stage: string, owner: Owner): Promise<void> {
  const { fs, path } = nodeModules();
  await empty(stage, owner);
  await fs.rm(path.join(stage, `${OWNER}${owner}`), { force: true });
  // Another process may have moved in already.
  await fs.rmdir(stage).catch(() => {});
}

async function empty(stage: string, owner: Owner): Promise<void> {
  const { fs, path } = nodeModules();
  for (const name of await fs.readdir(stage)) {
    if (name !== `${OWNER}${owner}`) await fs.rm(path.join(stage, name), { recursive: true, force: true });
  }
}

/** Whether there is anything under a path, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  try {
    await nodeModules().fs.lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
