import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FirmwareError } from '../errors.ts';

/**
 * Writes a project. A folder that is already there is replaced as a whole, and only when every file of the new one is on disk; a folder
 * that holds anything but a project of ours is left alone. A `build/` folder inside is carried over (`compile` keys it by content).
 *
 * @throws FirmwareError when the folder is not one of ours or cannot be written; then nothing has changed
 */
export async function write(files: ReadonlyMap<string, string>, dir: string): Promise<void> {
  const target = resolve(dir);
  const present = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unwritable(target, error);
  });
  if (present !== undefined && present.length > 0 && !present.includes('project.json')) {
    throw new FirmwareError(`"${target}" holds something else than a firmware project; choose an empty or new folder`);
  }
  let fresh: string | undefined;
  try {
    await mkdir(dirname(target), { recursive: true });
    fresh = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    await chmod(fresh, 0o755);
    for (const [path, text] of files) {
      const file = join(fresh, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      if (path.endsWith('.sh')) await chmod(file, 0o755);
    }
    if (present !== undefined) {
      const old = `${fresh}-old`;
      await rename(target, old);
      try {
        await rename(fresh, target);
      } catch (error) {
        await rename(old, target);
        throw error;
      }
      if (present.includes('build')) await rename(join(old, 'build'), join(target, 'build'));
      await rm(old, { recursive: true, force: true });
    } else {
      await rename(fresh, target);
    }
  } catch (error) {
    if (fresh !== undefined) await rm(fresh, { recursive: true, force: true });
    throw unwritable(target, error as NodeJS.ErrnoException);
  }
}

function unwritable(target: string, error: NodeJS.ErrnoException): FirmwareError {
  return new FirmwareError(`cannot write the project to "${target}": ${error.message}; choose a folder you may write`, {
    cause: error,
  });
}
