import { chmod, lstat, mkdir, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FirmwareError } from '../errors.ts';
import { keepFiles } from './keep-files.ts';
import { renameAll, staged } from './staged.ts';

/** Puts files into a folder that is not there yet. */
export function makeFolder(files: ReadonlyMap<string, string>, target: string): Promise<void> {
  return staged(dirname(target), `.${basename(target)}-`, async (stage) => {
    await putFiles(files, join(stage, 'new'));
    await renameAll([[join(stage, 'new'), target]]);
  });
}

/** Puts a folder with `files`, and all others of `target` but the `old` ones, in the place of `target`. */
export function exchangeFolder(
  files: ReadonlyMap<string, string>,
  target: string,
  old: ReadonlySet<string>,
): Promise<void> {
  return staged(dirname(target), `.${basename(target)}-`, async (stage) => {
    const fresh = join(stage, 'new');
    await putFiles(files, fresh);
    await keepFiles(target, fresh, new Set([...old, ...files.keys()]));
    await chmod(fresh, (await stat(target)).mode);
    await renameAll([
      [target, join(stage, 'old')],
      [fresh, target],
    ]);
  });
}

/** Puts `files` in the place of the `old` ones of `target`, which itself stays, as all others do. */
export function exchangeFiles(
  files: ReadonlyMap<string, string>,
  target: string,
  old: ReadonlySet<string>,
): Promise<void> {
  return staged(target, '.sp-hls-', async (stage) => {
    await putFiles(files, join(stage, 'new'));
    const present: string[] = [];
    for (const path of new Set([...old, ...files.keys()])) {
      const entry = await lstat(join(target, path)).catch(() => undefined);
      if (entry?.isDirectory())
        throw new FirmwareError(`"${join(target, path)}" is a folder, not a project's file; move it`);
      if (entry !== undefined) present.push(path);
    }
    // A folder without its project.json is no project: nobody takes one for whole while its files are exchanged.
    const last = (path: string) => Number(path === 'project.json');
    present.sort((a, b) => last(b) - last(a));
    const fresh = [...files.keys()].sort((a, b) => last(a) - last(b));
    await renameAll([
      ...present.map((path) => [join(target, path), join(stage, 'old', path)] as const),
      ...fresh.map((path) => [join(stage, 'new', path), join(target, path)] as const),
    ]);
    for (const path of present) await rmdir(dirname(join(target, path))).catch(() => {});
  });
}

async function putFiles(files: ReadonlyMap<string, string>, folder: string): Promise<void> {
  await mkdir(folder);
  for (const [path, text] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    if (path.endsWith('.sh')) await chmod(file, 0o755);
  }
}
