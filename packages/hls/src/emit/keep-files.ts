import { FirmwareError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';

/**
 * Puts into `to` all that lies in `from`, except the files `ours`. `from` stays as it is: files get a second name, or are copied where the
 * file system has no such thing.
 *
 * @throws FirmwareError when a file of the new project is in the way
 */
export async function keepFiles(from: string, to: string, ours: ReadonlySet<string>, folder = ''): Promise<void> {
  const { chmod, mkdir, readdir, stat } = nodeModules().fs;
  const { join } = nodeModules().path;
  for (const entry of await readdir(join(from, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (!entry.isDirectory()) {
      if (!ours.has(path)) await keepFile(join(from, path), join(to, path), path, entry.isSymbolicLink());
      continue;
    }
    if (ours.has(path)) throw inTheWay(path);
    // A folder that held only files of ours goes with them; an empty one of someone else stays.
    const mixed = [...ours].some((name) => name.startsWith(`${path}/`));
    if (!mixed) {
      await mkdir(join(to, path), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' || error.code === 'ENOTDIR' ? inTheWay(path) : error;
      });
    }
    await keepFiles(from, to, ours, path);
    if (!mixed) await chmod(join(to, path), (await stat(join(from, path))).mode);
  }
}

async function keepFile(from: string, to: string, path: string, isLink: boolean): Promise<void> {
  const { cp, link, mkdir, readlink, symlink } = nodeModules().fs;
  const { dirname } = nodeModules().path;
  try {
    await mkdir(dirname(to), { recursive: true });
    if (isLink) return await symlink(await readlink(from), to);
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw inTheWay(path);
    if (isLink) throw error;
    await cp(from, to, { preserveTimestamps: true, errorOnExist: true, force: false });
  }
}

/** What someone else's file or folder meets where a file of the new project goes. */
export function inTheWay(path: string): FirmwareError {
  return new FirmwareError(
    `"${path}" there is not the project's, but where the new project has a file or folder; move it`,
  );
}
