import { FileError } from './file-error.ts';
import { nodeModules } from './node-modules.ts';
import { newOwner, retireOwner } from './owner.ts';
import { pathOf } from './path-of.ts';
import { sweep } from './sweep.ts';
import { systemError } from './system-error.ts';

/**
 * Writes a file as a whole or not at all: under a temporary name in the same folder, to the disk, then renamed. Readers see the old file or the
 * new one; so does who comes after a kill, a full disk or a power failure. Node only.
 *
 * Temporary files of writers that were killed are removed on the way. A link is followed.
 *
 * @throws FileError with the file, what is wrong and the remedy; the old file, if any, is unchanged
 */
export async function writeFileWhole(place: string | URL, content: string | Uint8Array): Promise<void> {
  const file = pathOf(place);
  const { fs, path } = nodeModules();
  const owner = await newOwner();
  try {
    const target = await fs.realpath(file).catch(() => file);
    const prefix = temporaryPrefix(path.basename(target));
    const temporary = path.join(path.dirname(target), `${prefix}${owner}`);
    try {
      await writeToDisk(temporary, content);
      await fs.rename(temporary, target);
    } catch (error) {
      await fs.rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    await syncFolder(path.dirname(target));
    await sweep(path.dirname(target));
  } catch (error) {
    const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
    throw await systemError(error, 'written', file, bytes);
  } finally {
    retireOwner(owner);
  }
}

/** Begin of the names of temporary files for a file of this name; not longer than file systems allow. */
function temporaryPrefix(name: string): string {
  if (Buffer.byteLength(name) <= 150) return `.${name}.sp-part-`;
  return `.${nodeModules().crypto.createHash('sha256').update(name).digest('hex').slice(0, 16)}.sp-part-`;
}

/** Writes a new file and waits until it is on the disk. */
async function writeToDisk(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await nodeModules().fs.open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Waits until a folder's entries are on the disk, where the system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await nodeModules()
    .fs.open(folder, 'r')
    .catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** Waits until all files under a folder are on the disk. */
export async function syncTree(folder: string): Promise<void> {
  const { fs, path } = nodeModules();
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(place);
    else if (entry.isFile()) await syncFolder(place);
  }
  await syncFolder(folder);
}

/**
 * Reads a whole file. Node only.
 *
 * @param what names it in the error
 * @throws FileError when it is missing or cannot be read
 */
export async function readFileWhole(place: string | URL, what = 'file'): Promise<Uint8Array> {
  const file = pathOf(place);
  try {
    return await nodeModules().fs.readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      throw new FileError(file, `does not exist; this ${what} cannot be read`, 'name another path', { cause: error });
    }
    throw await systemError(error, 'read', file);
  }
}
