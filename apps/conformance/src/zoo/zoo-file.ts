import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadFileError } from '../bad-file-error.ts';

/** Row-major array of a record. */
export interface RecordedTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What the reference computed with one file. Format: `golden/keras_zoo/README.md`. */
export interface ZooRecord {
  readonly x: readonly RecordedTensor[];
  readonly out: readonly RecordedTensor[];
  /** Outputs of every layer by `layer:index`. */
  readonly layers?: Readonly<Record<string, RecordedTensor>>;
  /** EBOPs by layer path. */
  readonly ebops?: Readonly<Record<string, number>>;
}

/** One file of a zoo; either part may be missing. */
export interface ZooEntry {
  readonly name: string;
  /** The content of the `.keras` file. */
  readonly bytes: Uint8Array | null;
  readonly record: ZooRecord | null;
}

/**
 * All files of a folder with real `.keras` files and the `zoo.json` beside them.
 *
 * @param filter only names that contain this text
 * @throws BadFileError without a readable `zoo.json`, or when nothing is left
 */
export async function readZoo(folder: string, filter = ''): Promise<readonly ZooEntry[]> {
  const records = await readRecords(folder);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.keras'));
  const names = [...new Set([...Object.keys(records), ...files.map((file) => file.slice(0, -'.keras'.length))])]
    .filter((name) => name.includes(filter))
    .sort();
  if (names.length === 0) {
    throw new BadFileError(folder, `holds no file whose name contains ${JSON.stringify(filter)}`);
  }
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, `${name}.keras`);
      const bytes = await readFile(path).catch(() => null);
      return { name, bytes: bytes == null ? null : new Uint8Array(bytes), record: records[name] ?? null };
    }),
  );
}

async function readRecords(folder: string): Promise<Readonly<Record<string, ZooRecord>>> {
  const path = join(folder, 'zoo.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BadFileError(folder, 'has no zoo.json that can be read', { cause });
  });
  let records: unknown;
  try {
    records = JSON.parse(text);
  } catch (cause) {
    throw new BadFileError(path, 'is not JSON', { cause });
  }
  if (records === null || typeof records !== 'object' || Array.isArray(records)) {
    throw new BadFileError(path, 'is not an object of records by file name');
  }
  for (const [name, record] of Object.entries(records)) requireRecord(path, name, record);
  return records as Record<string, ZooRecord>;
}

function requireRecord(path: string, name: string, record: unknown): void {
  const { x, out } = (record ?? {}) as Record<string, unknown>;
  for (const [key, tensors] of Object.entries({ x, out })) {
    const good =
      Array.isArray(tensors) &&
      tensors.length > 0 &&
      tensors.every((tensor) => Array.isArray(tensor?.shape) && Array.isArray(tensor?.data));
    if (!good) throw new BadFileError(path, `record '${name}': ${key} is no list of tensors {shape, data}`);
  }
}
