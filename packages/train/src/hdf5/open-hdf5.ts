import {
  FormatError,
  floatMessageBytes,
  type HalfLayout,
  type Hdf5Library,
  type Hdf5Metadata,
  halfLayouts,
  hdf5NumberType,
  hdf5Start,
  oneHalfLayout,
  quietly,
  readHdf5Numbers,
  unreadableFilter,
} from '@sp/layers/formats';
import type { Dataset as StoredDataset, File as StoredFile } from 'h5wasm';
import { DataError } from '../data/data-error.ts';
import { dataPath } from '../data/data-path.ts';
import { type ArrayReader, checkRows } from '../stream/array-reader.ts';
import { openFile } from '../stream/file-array.ts';

/**
 * Opens a numeric dataset of an HDF5 file (Node) to read it piece by piece; only the chunks that hold the wanted rows are read. Needs the
 * optional peer dependency `h5wasm`. A user block (MATLAB v7.3) is skipped; floats of 16 bits (IEEE's, bfloat16), booleans and enumerations of h5py are read. Chunks
 * may be packed with HDF5's own filters (gzip, shuffle, Fletcher-32, scale-offset), and with those whose plugin h5wasm finds.
 *
 * @param name path of the dataset in the file, e.g. `'train/images'`
 * @throws DataError if h5wasm is not installed, the file is no HDF5 file or cut short, or the dataset is missing, not numeric, kept in other
 *   files, or packed with a filter that is not there (LZF, Blosc); from `read`, when rows cannot be read.
 */
export async function openHdf5(place: string | URL, name: string): Promise<ArrayReader> {
  const { path, size: fileSize, library, file, attempt } = await openStored(place);
  let usable = true;
  const close = async (): Promise<void> => {
    if (usable) attempt('file', () => file.close());
    usable = false;
  };
  const field = `dataset '${name}'`;
  try {
    const { dataset, metadata, shape } = attempt(field, () => numericDataset(file, path, name, field, fileSize));
    const isHalf = hdf5NumberType(metadata) === 'half';
    const halves = isHalf ? oneHalfLayout(await halfLayoutsOf(path)) : undefined;
    const filter = attempt(field, () => unreadableFilter(dataset.filters));
    const read = (start: number, end: number) =>
      attempt(field, () => readHdf5Numbers(library, file.file_id, dataset.path, metadata, halves, [start, end]));
    if (filter !== undefined) tryFilter(() => read(0, Math.min(1, shape[0])), filter, path, field);
    return {
      source: path,
      field,
      shape,
      close,
      async read(start, end) {
        checkRows(start, end, shape[0], `${path}: ${field}`);
        if (!usable) throw new DataError(path, field, 'the file has been closed; open it again');
        return read(start, end);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Names of the datasets and groups of an HDF5 file, of two levels. @throws DataError as `openHdf5`. */
export async function hdf5Names(place: string | URL): Promise<readonly string[]> {
  const { file, attempt } = await openStored(place);
  try {
    return attempt('file', () => names(file));
  } finally {
    attempt('file', () => file.close());
  }
}

interface Stored {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly library: Hdf5Library;
  readonly file: StoredFile;
  /** Calls the library; whatever it throws is about this file. */
  attempt<Result>(what: string, call: () => Result): Result;
}

async function openStored(place: string | URL): Promise<Stored> {
  const path = dataPath(place);
  const size = await checkFile(path);
  const { File, ready } = await import('h5wasm/node').catch((cause: unknown) => {
    throw new DataError(path, 'file', 'reading HDF5 needs the package h5wasm; npm install h5wasm', { cause });
  });
  const library = (await ready) as unknown as Hdf5Library;
  const attempt = <Result>(what: string, call: () => Result): Result => {
    try {
      return quietly(library, call)[0];
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      if (cause instanceof FormatError) throw new DataError(path, cause.part, cause.problem, { cause });
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(path, what, `damaged (${reason}); get the file again`, { cause });
    }
  };
  const file: StoredFile = attempt('file', () => new File(path, 'r'));
  if (file.file_id < 0n) throw new DataError(path, 'file', 'damaged HDF5 file; get it again');
  return { path, size, library, file, attempt };
}

/** A plugin of the user may know the filter: one row tells. */
function tryFilter(readOne: () => unknown, filter: string, path: string, field: string): void {
  try {
    readOne();
  } catch (cause) {
    throw new DataError(
      path,
      field,
      `packed with the filter '${filter}', which h5wasm does not have; save it with gzip (h5py: compression='gzip')`,
      { cause },
    );
  }
}

interface NumericDataset {
  readonly dataset: StoredDataset;
  readonly metadata: Hdf5Metadata;
  readonly shape: readonly number[];
}

/** Unpacked, nothing is larger than the file by more than this factor: gzip's limit is 1,032, scale-offset of constants comes on top. */
const largestFactor = 10_000;

function numericDataset(file: StoredFile, path: string, name: string, field: string, fileSize: number): NumericDataset {
  const refuse = (problem: string): never => {
    throw new DataError(path, field, problem);
  };
  const entity = file.get(name);
  if (entity === null) {
    const found = names(file).map((key) => `'${key}'`);
    return refuse(`missing (the file holds ${found.join(', ') || 'nothing'})`);
  }
  if (!('slice' in entity)) return refuse('is no dataset, or a damaged one; name a dataset, e.g. group/dataset');
  const metadata = entity.metadata as unknown as Hdf5Metadata;
  const { shape, size, virtual_sources: sources } = metadata;
  if (hdf5NumberType(metadata) === undefined) {
    const { dtype } = entity;
    return refuse(
      `element type ${typeof dtype === 'string' ? dtype : 'compound'} is not a number type; store float32 or an integer type`,
    );
  }
  if (shape === null || shape.length === 0) return refuse('is a single value; expected an array');
  // Parts that are not found would be read as zeros without a word.
  if (sources !== undefined && sources.length > 0) {
    return refuse(
      `a virtual dataset, made of ${[...new Set(sources.map((source) => `'${source.file_name}'`))].join(', ')}; store the data themselves`,
    );
  }
  const bytes = shape.reduce((product, length) => product * length, size);
  if (!(bytes <= fileSize * largestFactor)) {
    return refuse(`shape [${shape.join(', ')}] needs ${bytes} bytes, but the file has ${fileSize}; get it again`);
  }
  return { dataset: entity, metadata, shape };
}

/** Datasets and groups of two levels, to name in an error. */
function names(file: StoredFile): readonly string[] {
  return file.keys().flatMap((key) => {
    const entity = file.get(key);
    return entity !== null && 'keys' in entity ? entity.keys().map((inner) => `${key}/${inner}`) : [key];
  });
}

/** Bytes looked at together for the layouts of 16-bit floats. */
const lookedAt = 2 ** 22;

/** The layouts of all 16-bit floats of a file: the whole of it is read once. */
async function halfLayoutsOf(path: string): Promise<ReadonlySet<HalfLayout>> {
  const file = await openFile(path);
  try {
    const found = new Set<HalfLayout>();
    for (let at = 0; at < file.size; at += lookedAt) {
      const length = Math.min(file.size - at, lookedAt + floatMessageBytes - 1);
      for (const layout of halfLayouts(await file.read(at, length, 'element types'))) found.add(layout);
    }
    return found;
  } finally {
    await file.close();
  }
}

/** User blocks up to this size are looked behind. */
const longestUserBlock = 2 ** 20;

/** Finds the usual damage before the library does. @returns the file's size. */
async function checkFile(path: string): Promise<number> {
  const file = await openFile(path);
  try {
    const start = await file.read(0, Math.min(file.size, longestUserBlock + 64), 'magic number');
    const at = hdf5Start(start);
    if (at === undefined) throw new DataError(path, 'magic number', 'not an HDF5 file; give an HDF5 file');
    const end = storedEnd(start.subarray(at));
    if (end !== undefined && file.size < end) {
      throw new DataError(path, 'file', `cut short: ${file.size} bytes of ${end}; get the file again`);
    }
    return file.size;
  } finally {
    await file.close();
  }
}

/** End of the file as its superblock says, for the usual offsets of 8 bytes. */
function storedEnd(start: Uint8Array): number | undefined {
  if (start.length < 64) return undefined;
  const version = start[8];
  const offsetSize = version < 2 ? start[13] : start[9];
  if (offsetSize !== 8 || version > 3) return undefined;
  const at = version === 0 ? 40 : version === 1 ? 44 : 28;
  return Number(new DataView(start.buffer, start.byteOffset).getBigUint64(at, true));
}
