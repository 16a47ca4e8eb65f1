import { FileError, pathOf, recoverFolder, type StageOptions, systemError } from '@sp/quant/files';
import { FirmwareError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';
import { exchangeFiles, exchangeFolder, isHalfExchanged, makeFolder, settleFiles } from './exchange.ts';
import { LIST, listText } from './written-files.ts';

/**
 * Writes a project. In a folder that holds one, its files are replaced and all other files kept: what the tools have made (`build/`,
 * `<name>_prj/`, reports) and what people have put there. A folder that holds anything but a project of ours is left alone.
 *
 * The new folder takes the place of the old one when all of it is on disk. A folder that cannot be exchanged (the current directory or one
 * above it, a mount point, one whose parent may not be written) stays, and its files are exchanged one by one, when all new ones are on
 * disk. A symbolic link is followed. Whenever the process is killed, the next `write` or `compile` finds what was left, completes it and says so.
 *
 * @param dir path or `file:` URL
 * @throws FirmwareError when the folder is not one of ours, cannot be written, or another process is writing it; then nothing has changed
 */
export async function write(
  files: ReadonlyMap<string, string>,
  dir: string | URL,
  options: StageOptions = {},
): Promise<void> {
  const { realpath } = nodeModules().fs;
  const { resolve } = nodeModules().path;
  const wanted = resolve(pathOf(dir));
  try {
    const target = await behindLinks(wanted);
    const fresh = new Map([...files, [LIST, listText(files.keys())]]);
    if (!(await recoverFolder(target, options))) return await makeFolder(fresh, target, options);
    if (isWithin(target, await realpath(process.cwd()))) return await exchangeFiles(fresh, target, options);
    await exchangeFolder(fresh, target, options).catch((error: Error) => {
      if (!(error instanceof FileError) || !FIXED.has((error.cause as NodeJS.ErrnoException | undefined)?.code)) {
        throw error;
      }
      return exchangeFiles(fresh, target, options);
    });
  } catch (error) {
    if (error instanceof FirmwareError) throw error;
    const cause = (await systemError(error, 'written', wanted)) as Error;
    throw new FirmwareError(`cannot write the project to "${wanted}": ${cause.message}`, { cause });
  }
}

/**
 * Completes a `write` that was killed. For readers of a project.
 *
 * @throws FileError when another process is writing it
 */
export async function recover(dir: string, options: StageOptions = {}): Promise<void> {
  const { resolve } = nodeModules().path;
  const target = await behindLinks(resolve(dir));
  if ((await recoverFolder(target, options)) && (await isHalfExchanged(target))) await settleFiles(target, options);
}

/** What a folder answers that cannot be renamed, though its contents may be writable. */
const FIXED: ReadonlySet<string | undefined> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS']);

/** The folder that a path means, whether there is one or not. */
async function behindLinks(path: string): Promise<string> {
  const { lstat, readlink, realpath } = nodeModules().fs;
  const { dirname, resolve } = nodeModules().path;
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const entry = await lstat(path).catch(() => undefined);
  if (entry === undefined) return path;
  const meant = resolve(dirname(path), await readlink(path));
  if (await recoverFolder(meant)) return behindLinks(path);
  throw new FirmwareError(`"${path}" is a link to something that is not there; remove the link or make its folder`);
}

function isWithin(folder: string, path: string): boolean {
  const { isAbsolute, relative } = nodeModules().path;
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(/[\\/]/)[0] !== '..';
}
