import { readFile } from 'node:fs/promises';
import { BadFileError } from '../bad-file-error.ts';

/** A vectors file: row kinds by name, beside companions such as shared inputs (`…_x`) and notes. */
export type VectorsFile = Readonly<Record<string, unknown>>;

/** Entries that describe other entries: they hold no rows of their own. */
const COMPANION = /(?:_x|_note|_setup)$|^provenance$/;

/** The row kinds of a file, in its order. */
export function rowKinds(file: VectorsFile): string[] {
  return Object.keys(file).filter((key) => !COMPANION.test(key));
}

/**
 * Reads a vectors file.
 *
 * @throws BadFileError when it cannot be read, is no JSON object, or has no row kinds
 */
export async function readVectors(path: string): Promise<VectorsFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new BadFileError(path, `cannot be read: ${(cause as Error).message}`, { cause });
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new BadFileError(path, `is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data) || rowKinds(data as VectorsFile).length === 0) {
    throw new BadFileError(path, 'is no vectors file: expected an object of row kinds, see golden/README.md');
  }
  return data as VectorsFile;
}
