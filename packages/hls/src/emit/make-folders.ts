import { nodeModules } from '../node-modules.ts';

/** As a recursive `mkdir`, which never returns where a file system refuses by saying ENOENT (`/proc`). */
export async function makeFolders(path: string): Promise<void> {
  const { mkdir, stat } = nodeModules().fs;
  const { dirname } = nodeModules().path;
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolders(dirname(path));
      await mkdir(path);
    } else if (!(await stat(path).catch(() => undefined))?.isDirectory()) {
      throw error;
    }
  }
}
