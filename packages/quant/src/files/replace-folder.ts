import { FileError } from './file-error.ts';
import { nodeModules } from './node-modules.ts';
import { newOwner, retireOwner } from './owner.ts';
import { exists, type Settle, type StageOptions, settleStage, stageOf, withStage } from './stage.ts';
import { sweep } from './sweep.ts';
import { systemError } from './system-error.ts';
import { syncFolder, syncTree } from './write-file.ts';

/**
 * Puts a new folder in the place of `target`, or makes it: `fill` gets an empty folder beside it, and that takes the place when it is complete and
 * on the disk. If `fill` fails, or the process is killed at any moment, the folder is the old one or the new one, whole; only between two renames
 * there is none under the name, and then the next `replaceFolder` or `recoverFolder` completes the exchange and says so. Node only.
 *
 * @param target its parent folder must exist; a link is followed by the caller
 * @throws FileError when it cannot be written or another process writes it; and what `fill` throws
 */
export async function replaceFolder<Result>(
  target: string,
  fill: (folder: string) => Promise<Result>,
  options: StageOptions = {},
): Promise<Result> {
  const { fs, path } = nodeModules();
  try {
    return await withStage(
      target,
      stageOf(target),
      folderSettler(target),
      async (stage) => {
        const fresh = path.join(stage, 'new');
        await fs.mkdir(fresh);
        const result = await fill(fresh);
        await syncTree(fresh);
        const old = path.join(stage, 'old');
        const replaces = await exists(target);
        if (replaces) await fs.rename(target, old);
        await fs.rename(fresh, target).catch(async (error) => {
          if (replaces) await fs.rename(old, target);
          throw error;
        });
        await syncFolder(path.dirname(target));
        return result;
      },
      options,
    );
  } catch (error) {
    throw await systemError(error, 'written', target);
  }
}

/** How often, with 10 ms between, it is looked whether another process has done its exchange. */
const PATIENCE = 1000;

/**
 * Completes an exchange of `replaceFolder` that was killed between its renames. For readers that find no folder.
 *
 * @returns whether there is a folder under the name now
 */
export async function recoverFolder(target: string, options: StageOptions = {}): Promise<boolean> {
  if (await exists(target)) return true;
  const old = nodeModules().path.join(stageOf(target), 'old');
  // Another process may just be between the renames, and the machine busy.
  for (let tries = 0; tries < PATIENCE && (await exists(stageOf(target))); tries++) {
    await settleFolder(target, options);
    if ((await exists(target)) || !(await exists(old))) return exists(target);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return exists(target);
}

/**
 * Completes or takes back what a killed `replaceFolder` has left of a folder, and removes its stage, whether there is a folder under the name or not.
 * Does nothing while another process is at it.
 */
export async function settleFolder(target: string, options: StageOptions = {}): Promise<void> {
  await settleStage(target, stageOf(target), folderSettler(target), options);
}

/**
 * Holds a folder as `replaceFolder` does, to change what is in it instead; an exchange that was killed is settled first. Where nothing can be put
 * beside the folder, nobody can exchange it either, and `work` is done at once.
 *
 * @throws FileError when another process writes the folder; and what `work` throws
 */
export async function holdFolder<Result>(
  target: string,
  work: () => Promise<Result>,
  options: StageOptions = {},
): Promise<Result> {
  let begun = false;
  const held = () => {
    begun = true;
    return work();
  };
  try {
    return await withStage(target, stageOf(target), folderSettler(target), held, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (begun || !['EACCES', 'EPERM', 'EROFS'].includes(code ?? '')) throw error;
    return work();
  }
}

function folderSettler(target: string): Settle {
  return async (stage) => {
    const { fs, path } = nodeModules();
    const [fresh, old] = [path.join(stage, 'new'), path.join(stage, 'old')];
    // Without `old` nothing was moved, or all was.
    if (!(await exists(old))) return undefined;
    if (await exists(target)) {
      if (!(await exists(fresh))) return undefined;
      // Someone has made another folder in the meantime; an empty one is no loss.
      await fs.rmdir(target).catch((cause) => {
        throw new FileError(
          target,
          `was exchanged by a run that was killed, and something else has been put there since`,
          `what was there before lies in ${old}, what was to come in ${fresh}: move one of the three away`,
          { cause },
        );
      });
    }
    if (await exists(fresh)) {
      await fs.rename(fresh, target);
      return 'the exchange of the folder is completed';
    }
    await fs.rename(old, target);
    return 'the folder is back as it was';
  };
}

/**
 * Removes a folder with all that is in it, as a whole: it is renamed first, so that nobody finds a half of it. Node only.
 *
 * @throws FileError when it cannot be removed
 */
export async function removeFolder(target: string): Promise<void> {
  const { fs, path } = nodeModules();
  const owner = await newOwner();
  const gone = `${stageOf(target)}-${owner}`;
  try {
    if (await exists(target)) await fs.rename(target, gone);
    await fs.rm(gone, { recursive: true, force: true });
    await sweep(path.dirname(target));
  } catch (error) {
    throw await systemError(error, 'removed', target);
  } finally {
    retireOwner(owner);
  }
}
