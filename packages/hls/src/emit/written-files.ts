import { FirmwareError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';

/** In a project's folder: the paths of the files that `write` has put there, one per line. */
export const LIST = '.sp-hls-files';

/** In a project's folder while its files are exchanged one by one: where the new ones wait. */
export const STAGE = '.sp-hls.sp-stage';

const HEAD = '# Written by sp-hls. The next export into this folder replaces these files and keeps all others.';

/** The list of a project's files, itself among them. */
export function listText(paths: Iterable<string>): string {
  return `${[HEAD, ...new Set([...paths, LIST])].join('\n')}\n`;
}

/**
 * The files of the project in a folder; none if the folder is empty.
 *
 * @throws FirmwareError when it holds something else
 */
export async function ownFiles(folder: string): Promise<ReadonlySet<string>> {
  const { readdir, readFile } = nodeModules().fs;
  const { isAbsolute, join } = nodeModules().path;
  const names = (await readdir(folder)).filter((name) => name !== STAGE);
  if (names.length === 0) return new Set();
  if (!(await isProject(folder))) {
    throw new FirmwareError(
      `"${folder}" holds something else than a firmware project (no project.json with "format": "sp-hls-project"); choose an empty or new folder`,
    );
  }
  // Projects of earlier versions have no list: then only files that are written again are replaced, and nothing is lost.
  const text = await readFile(join(folder, LIST), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  // Whatever a damaged list says, nothing outside the folder is ever touched.
  return new Set(lines.filter((path) => !isAbsolute(path) && !path.split(/[\\/]/).includes('..')));
}

/** Whether a folder's `project.json` is one of ours, of whatever version; or damaged, and our list beside it. */
async function isProject(folder: string): Promise<boolean> {
  const { readFile } = nodeModules().fs;
  const { join } = nodeModules().path;
  const list = await readFile(join(folder, LIST), 'utf8').catch(() => '');
  if (list.startsWith(HEAD)) return true;
  try {
    const description: unknown = JSON.parse(await readFile(join(folder, 'project.json'), 'utf8'));
    return (description as { format?: unknown } | null)?.format === 'sp-hls-project';
  } catch {
    return false;
  }
}
