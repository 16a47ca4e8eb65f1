import { FileError } from './file-error.ts';
import { nodeModules } from './node-modules.ts';
import { endedOwner, isOwner, newOwner, type Owner, processOf, retireOwner, stateOf } from './owner.ts';
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
 * Whatever happened before, `settle` brings the target into its old state or its new one: after a failure of `work`, or in the next process. What
 * cannot be settled or removed now is left to the next run, under the name of an owner that has ended.
 *
 * @param target what is worked on, for messages
 * @throws FileError when another process (or another call in this one) works on the same target, and when nothing could be settled; else what `work`
 * throws
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
      try {
        await settle(stage);
      } catch {
        await abandon(stage, owner);
        throw new FileError(
          target,
          `could be neither written nor left as it was (${error instanceof Error ? error.message : String(error)})`,
          'see to that, and do it again: the next run begins with what this one has left',
          { cause: error },
        );
      }
      await remove(stage, owner, options);
      throw error;
    }
    await remove(stage, owner, options);
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
  // Killed just before its last step, or none at all.
  if (found === undefined)
    await nodeModules()
      .fs.rmdir(stage)
      .catch(() => {});
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
        // Windows says EPERM of whatever is there already.
        if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(code)) throw error;
        if (code === 'EPERM' && !(await exists(stage))) throw error;
      }
      const found = await ownerOf(stage);
      if (found === undefined) {
        await clear(stage);
        continue;
      }
      await refuseBusy(target, stage, found);
      try {
        await fs.rename(path.join(stage, `${OWNER}${found.owner}`), path.join(stage, `${OWNER}${owner}`));
      } catch (error) {
        // Another one was faster.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        throw error;
      }
      try {
        const done = await settle(stage);
        if (done !== undefined) (options.note ?? console.warn)(`'${target}': ${done}, as an earlier run was killed`);
        await empty(stage, owner);
      } catch (error) {
        await abandon(stage, owner);
        throw error;
      }
      return;
    }
  } finally {
    // What stays here is swept away by others once this process has ended.
    await fs.rm(fresh, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * Makes room where a stage without an owner was seen: an empty one, which its owner was about to remove, or one that just comes or goes.
 *
 * @throws FileError when it is none of ours
 */
async function clear(stage: string): Promise<void> {
  const { fs } = nodeModules();
  const names = await namesIn(stage);
  if (names.length === 0) return fs.rmdir(stage).catch(ignore('ENOENT', 'ENOTEMPTY', 'EEXIST'));
  if (names.some(isOwnerName)) return;
  throw new FileError(stage, 'is in the way', 'it is none of ours: move it');
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
  const name = (await namesIn(stage)).find(isOwnerName);
  const entry = name === undefined ? undefined : await fs.stat(path.join(stage, name)).catch(ignore('ENOENT'));
  return name === undefined || entry === undefined
    ? undefined
    : { owner: name.slice(OWNER.length), since: entry.mtimeMs };
}

function isOwnerName(name: string): boolean {
  return name.startsWith(OWNER) && isOwner(name.slice(OWNER.length));
}

async function namesIn(stage: string): Promise<readonly string[]> {
  return (await nodeModules().fs.readdir(stage).catch(ignore('ENOENT'))) ?? [];
}

/** The owner's name goes last: as long as anything is in the stage, it says whose it is. What cannot be removed is said, and left to the next run. */
async function remove(stage: string, owner: Owner, options: StageOptions): Promise<void> {
  const { fs, path } = nodeModules();
  try {
    await empty(stage, owner);
    await fs.rm(path.join(stage, `${OWNER}${owner}`), { force: true });
    // Another process may have moved in already.
    await fs.rmdir(stage).catch(() => {});
  } catch (error) {
    (options.note ?? console.warn)(
      `'${stage}' cannot be removed (${(error as Error).message}); the next run tries again`,
    );
    await abandon(stage, owner);
  }
}

/** Leaves a stage to the next run, of whatever process. */
async function abandon(stage: string, owner: Owner): Promise<void> {
  const { fs, path } = nodeModules();
  const [from, to] = [owner, endedOwner(owner)].map((each) => path.join(stage, `${OWNER}${each}`));
  await fs.rename(from, to).catch(() => {});
}

async function empty(stage: string, owner: Owner): Promise<void> {
  const { fs, path } = nodeModules();
  for (const name of await fs.readdir(stage)) {
    if (name !== `${OWNER}${owner}`) await fs.rm(path.join(stage, name), { recursive: true, force: true });
  }
}

/** For `catch`: takes errors of these codes for nothing. */
function ignore(...codes: readonly string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
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
