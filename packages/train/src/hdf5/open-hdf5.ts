import {
  FormatError,
  type Hdf5Library,
  type Hdf5Metadata,
  hdf5Element,
  hdf5NumberType,
  hdf5Start,
  quietly,
  type Renewable,
  readHdf5Numbers,
  renewable,
  unreadableFilter,
} from '@sp/layers/formats';
import type { Dataset as StoredDataset, File as StoredFile } from 'h5wasm';
import { DataError } from '../data/data-error.ts';
import { type DataFile, type DataPlace, dataPath, isDataFile } from '../data/data-path.ts';
import { readBytes } from '../data/read-bytes.ts';
import { type ArrayReader, checkRows } from '../stream/array-reader.ts';
import { openFile } from '../stream/file-array.ts';

/**
 * Opens a numeric dataset of an HDF5 file to read it piece by piece; only the chunks that hold the wanted rows are read. Needs the
 * optional peer dependency `h5wasm`. A user block (MATLAB v7.3) is skipped; floats of 16 bits (IEEE's, bfloat16), booleans and enumerations of h5py are read. Chunks
 * may be packed with HDF5's own filters (gzip, shuffle, Fletcher-32, scale-offset), and with those whose plugin h5wasm finds.
 *
 * @param name path of the dataset in the file, e.g. `'train/images'`
 * @throws DataError if h5wasm is not installed, the file is no HDF5 file or cut short, or the dataset is missing, not numeric, kept in other
 *   files, or packed with a filter that is not there (LZF, Blosc); from `read`, when rows cannot be read.
 */
export async function openHdf5(place: DataPlace, name: string): Promise<ArrayReader> {
  const path = dataPath(place);
  const field = `dataset '${name}'`;
  const first = await openDataset(place, name, field);
  const { shape } = first;
  let opened: Promise<OpenDataset> | undefined = Promise.resolve(first);
  return {
    source: path,
    field,
    shape,
    async close() {
      const last = opened;
      opened = undefined;
      (await last)?.close();
    },
    async read(start, end) {
      checkRows(start, end, shape[0], `${path}: ${field}`);
      const before = opened;
      // Another file may have brought the library into disorder since.
      const outdated = (await before)?.hasFailed() ?? false;
      if (outdated && opened === before) opened = openDataset(place, name, field);
      const dataset = await opened;
      if (dataset === undefined) throw new DataError(path, field, 'the file has been closed; open it again');
      return dataset.read(start, end);
    },
  };
}

interface OpenDataset {
  readonly shape: readonly number[];
  read(start: number, end: number): ReturnType<typeof readHdf5Numbers>;
  /** Whether what holds it cannot be trusted any more. */
  hasFailed(): boolean;
  close(): void;
}

async function openDataset(place: DataPlace, name: string, field: string): Promise<OpenDataset> {
  const stored = await openStored(place);
  const { path, library, file, attempt, close, hasFailed } = stored;
  try {
    const { dataset, element, metadata, shape } = attempt(field, () => numericDataset(stored, name, field));
    const filter = attempt(field, () => unreadableFilter(dataset.filters));
    const read = (start: number, end: number) =>
      attempt(field, () => readHdf5Numbers(library, file.file_id, dataset.path, metadata, element, [start, end]));
    if (filter !== undefined) tryFilter(() => read(0, Math.min(1, shape[0])), filter, path, field);
    return { shape, read, hasFailed, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Names of the datasets and groups of an HDF5 file, of two levels. @throws DataError as `openHdf5`. */
export async function hdf5Names(place: DataPlace): Promise<readonly string[]> {
  const { file, attempt, close } = await openStored(place);
  try {
    return attempt('file', () => names(file));
  } finally {
    close();
  }
}

interface Stored {
  /** What errors call the file. */
  readonly path: string;
  /** Its name in the library's file system. */
  readonly storedAs: string;
  /** Bytes. */
  readonly size: number;
  /** Where the HDF5 data begin. */
  readonly start: number;
  readonly library: Hdf5Library;
  readonly file: StoredFile;
  /** Calls the library; whatever it throws is about this file. */
  attempt<Result>(what: string, call: () => Result): Result;
  hasFailed(): boolean;
  close(): void;
}

type H5wasm = typeof import('h5wasm/node');

/** A damaged file can bring the library into disorder; the next one is for another instance. */
const libraries: Renewable<H5wasm> = renewable(
  () => import('h5wasm/node'),
  (count) => import(/* @vite-ignore */ `${import.meta.resolve('h5wasm/node')}?again=${count}`),
);

/** For files at hand: its file system is in memory. */
const librariesInMemory: Renewable<H5wasm> = renewable(
  () => import('h5wasm'),
  (count) => import(/* @vite-ignore */ `${import.meta.resolve('h5wasm')}?again=${count}`),
);

async function openStored(place: DataPlace): Promise<Stored> {
  const path = dataPath(place);
  return isDataFile(place) ? openAtHand(place) : openIn(libraries, path, path, await checkFile(path));
}

let filesAtHand = 0;

async function openAtHand(file: DataFile): Promise<Stored> {
  // Never packed as a whole, whatever its name.
  const bytes = await readBytes({ name: file.name.replace(/\.gz$/, ''), arrayBuffer: () => file.arrayBuffer() });
  const extent = checkStart(bytes.subarray(0, longestUserBlock + 64), bytes.length, file.name);
  const storedAs = `/at-hand-${filesAtHand++}.h5`;
  let remove = () => {};
  const prepare = ({ FS }: Hdf5Library) => {
    FS.writeFile(storedAs, bytes);
    remove = () => FS.unlink(storedAs);
  };
  try {
    const stored = await openIn(librariesInMemory, file.name, storedAs, extent, prepare);
    return {
      ...stored,
      close() {
        stored.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function openIn(
  libraries: Renewable<H5wasm>,
  path: string,
  storedAs: string,
  { size, start }: Extent,
  prepare: (library: Hdf5Library) => void = () => {},
): Promise<Stored> {
  const h5wasm = await libraries.current().catch((cause: unknown) => {
    throw new DataError(path, 'file', 'reading HDF5 needs the package h5wasm; npm install h5wasm', { cause });
  });
  const library = (await h5wasm.ready) as unknown as Hdf5Library;
  const hasFailed = () => libraries.hasFailed(h5wasm);
  const attempt = <Result>(what: string, call: () => Result): Result => {
    try {
      return quietly(library, call)[0];
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      if (cause instanceof FormatError) throw new DataError(path, cause.part, cause.problem, { cause });
      libraries.blame(h5wasm, cause);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(path, what, `damaged (${reason}); get the file again`, { cause });
    }
  };
  const file: StoredFile = attempt('file', () => {
    prepare(library);
    return new h5wasm.File(storedAs, 'r');
  });
  if (file.file_id < 0n) throw new DataError(path, 'file', 'damaged HDF5 file; get it again');
  // In disorder, nothing more is asked of the library.
  const close = () => void (hasFailed() || attempt('file', () => file.close()));
  return { path, storedAs, size, start, library, file, attempt, hasFailed, close };
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
  readonly element: ReturnType<typeof hdf5Element>;
  readonly shape: readonly number[];
}

/** Unpacked, nothing is larger than the file by more than this factor: gzip's limit is 1,032, scale-offset of constants comes on top. */
const largestFactor = 10_000;

function numericDataset(stored: Stored, name: string, field: string): NumericDataset {
  const { path, storedAs, size: fileSize, start, library, file } = stored;
  const refuse = (problem: string): never => {
    throw new DataError(path, field, problem);
  };
  const entity = file.get(name);
  if (entity === null) {
    const found = names(file).map((key) => `'${key}'`);
    return refuse(`missing (the file holds ${found.join(', ') || 'nothing'})`);
  }
  if (!('slice' in entity)) return refuse('is no dataset, or a damaged one; name a dataset, e.g. group/dataset');
  const element = hdf5Element(library, { id: file.file_id, path: storedAs, start }, entity.path);
  const metadata = entity.metadata as unknown as Hdf5Metadata;
  const { shape, size } = metadata;
  if (hdf5NumberType(metadata) === undefined) {
    const { dtype } = entity;
    return refuse(
      `element type ${typeof dtype === 'string' ? dtype : 'compound'} is not a number type; store float32 or an integer type`,
    );
  }
  if (shape === null || shape.length === 0) return refuse('is a single value; expected an array');
  const bytes = shape.reduce((product, length) => product * length, size);
  if (!(bytes <= fileSize * largestFactor)) {
    return refuse(`shape [${shape.join(', ')}] needs ${bytes} bytes, but the file has ${fileSize}; get it again`);
  }
  return { dataset: entity, metadata, element, shape };
}

/** Datasets and groups of two levels, to name in an error. */
function names(file: StoredFile): readonly string[] {
  return file.keys().flatMap((key) => {
    const entity = file.get(key);
    return entity !== null && 'keys' in entity ? entity.keys().map((inner) => `${key}/${inner}`) : [key];
  });
}

/** User blocks up to this size are looked behind. */
const longestUserBlock = 2 ** 20;

/** A file's size in bytes, and where the HDF5 data begin. */
interface Extent {
  readonly size: number;
  readonly start: number;
}

/** Finds the usual damage before the library does. */
async function checkFile(path: string): Promise<Extent> {
  const file = await openFile(path);
  try {
    return checkStart(await file.read(0, Math.min(file.size, longestUserBlock + 64), 'magic number'), file.size, path);
  } finally {
    await file.close();
  }
}

function checkStart(start: Uint8Array, size: number, path: string): Extent {
  const at = hdf5Start(start);
  if (at === undefined) throw new DataError(path, 'magic number', 'not an HDF5 file; give an HDF5 file');
  const end = storedEnd(start.subarray(at));
  if (end !== undefined && size < end) {
    throw new DataError(path, 'file', `cut short: ${size} bytes of ${end}; get the file again`);
  }
  return { size, start: at };
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
