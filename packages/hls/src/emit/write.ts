import { lstat, readdir, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { FirmwareError } from '../errors.ts';
import { exchangeFiles, exchangeFolder, makeFolder } from './exchange.ts';
import { LIST, listText, writtenBefore } from './written-files.ts';

/**
 * Writes a project. In a folder that holds one, its files are replaced and all other files kept: what the tools have made (`build/`,
 * `<name>_prj/`, reports) and what people have put there. A folder that holds anything but a project of ours is left alone.
 *
 * The new folder takes the place of the old one when all of it is on disk. A folder that cannot be exchanged (the current directory or one
 * above it, a mount point, one whose parent may not be written) stays, and its files are exchanged one by one, when all new ones are on
 * disk. A symbolic link is followed.
 *
 * @throws FirmwareError when the folder is not one of ours or cannot be written; then nothing has changed
 */
export async function write(files: ReadonlyMap<string, string>, dir: string): Promise<void> {
  const wanted = resolve(dir);
  try {
    const target = await behindLinks(wanted);
    const names = target === undefined ? [] : await readdir(target);
    const old = target !== undefined && names.length > 0 ? await writtenBefore(target) : new Set<string>();
    const fresh = new Map([...files, [LIST, listText(files.keys())]]);
    if (target === undefined) return await makeFolder(fresh, wanted);
    if (isWithin(target, await realpath(process.cwd()))) return await exchangeFiles(fresh, target, old);
    await exchangeFolder(fresh, target, old).catch((error: NodeJS.ErrnoException) => {
      if (!FIXED.has(error.code)) throw error;
      return exchangeFiles(fresh, target, old);
    });
  } catch (error) {
    if (error instanceof FirmwareError) throw error;
    throw new FirmwareError(
      `cannot write the project to "${wanted}": ${(error as Error).message}; choose a folder you may write`,
      { cause: error },
    );
  }
}

/** What a folder answers that cannot be renamed, though its contents may be writable. */
const FIXED: ReadonlySet<string | undefined> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS']);

/** The folder that a path means, or undefined if there is none yet. */
async function behindLinks(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const entry = await lstat(path).catch(() => undefined);
  if (entry === undefined) return undefined;
  throw new FirmwareError(`"${path}" is a link to something that is not there; remove the link or make its folder`);
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(/[\\/]/)[0] !== '..';
}
