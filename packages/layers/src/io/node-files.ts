import { LayerError } from '../layer-error.ts';

type Node = {
  readonly fs: typeof import('node:fs/promises');
  readonly path: typeof import('node:path');
  readonly crypto: typeof import('node:crypto');
};

/**
 * Node's own modules, looked up at run time so that bundlers for the browser see no import of them.
 *
 * @throws outside Node.
 */
export function nodeFiles(): Node {
  const builtin = globalThis.process?.getBuiltinModule;
  if (builtin == null) {
    throw new LayerError(
      "Files can be read and written by path in Node only. In a browser use 'indexeddb://name', 'localstorage://name' or 'downloads://name'.",
    );
  }
  return { fs: builtin('node:fs/promises'), path: builtin('node:path'), crypto: builtin('node:crypto') };
}

/** Writes under a temporary name in the same folder, then renames: readers see the old file or the new one, whole. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const { fs, crypto } = nodeFiles();
  const temporary = `${file}.${crypto.randomUUID()}.tmp`;
  try {
    await fs.writeFile(temporary, content);
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

/** Reads a file; `what` names it in the error when it is missing. */
export async function readWhole(file: string, what: string): Promise<Uint8Array> {
  try {
    return await nodeFiles().fs.readFile(file);
  } catch (cause) {
    const missing = (cause as { code?: string }).code === 'ENOENT';
    throw new LayerError(`${what} '${file}' ${missing ? 'does not exist' : 'cannot be read'}.`, { cause });
  }
}
