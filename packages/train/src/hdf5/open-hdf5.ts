import type { Dataset as StoredDataset, File as StoredFile } from 'h5wasm';
import { DataError } from '../data/data-error.ts';
import type { NumberArray } from '../data/typed-array.ts';
import { type ArrayReader, checkRows } from '../stream/array-reader.ts';
import { openFile } from '../stream/file-array.ts';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Opens a numeric dataset of an HDF5 file (Node) to read it piece by piece; only the chunks that hold the wanted rows are read. Needs the
 * optional peer dependency `h5wasm`. Chunks may be packed with gzip or shuffle, not with filters that are plugins of HDF5 (LZF, Blosc).
 *
 * @param name path of the dataset in the file, e.g. `'train/images'`
 * @throws DataError if h5wasm is not installed, the file is no HDF5 file or cut short, or the dataset is missing or not numeric.
 */
export async function openHdf5(path: string, name: string): Promise<ArrayReader> {
  await checkFile(path);
  const { File, ready } = await import('h5wasm/node').catch((cause: unknown) => {
    throw new DataError(path, 'file', 'reading HDF5 needs the package h5wasm; npm install h5wasm', { cause });
  });
  await ready;
  const file: StoredFile = new File(path, 'r');
  if (file.file_id < 0n) throw new DataError(path, 'file', 'damaged HDF5 file; get it again');
  let usable = true;
  const close = async (): Promise<void> => {
    if (usable) file.close();
    usable = false;
  };
  const field = `dataset '${name}'`;
  try {
    const { dataset, shape } = numericDataset(file, path, name, field);
    return {
      source: path,
      field,
      shape,
      close,
      async read(start, end) {
        checkRows(start, end, shape[0], `${path}: ${field}`);
        if (!usable) throw new DataError(path, field, 'the file has been closed; open it again');
        const values = attempt(() => dataset.slice([[start, end]]), path, field, `rows ${start} … ${end - 1}`);
        if (!ArrayBuffer.isView(values)) {
          throw new DataError(path, field, 'is not an array of numbers; store float32 or an integer type');
        }
        return values as NumberArray['data'];
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function numericDataset(
  file: StoredFile,
  path: string,
  name: string,
  field: string,
): { readonly dataset: StoredDataset; readonly shape: readonly number[] } {
  const entity = file.get(name);
  if (entity === null) {
    throw new DataError(
      path,
      field,
      `missing (the file holds ${
        names(file)
          .map((key) => `'${key}'`)
          .join(', ') || 'nothing'
      })`,
    );
  }
  if (!('slice' in entity)) throw new DataError(path, field, 'is no dataset; name a dataset, e.g. group/dataset');
  const { shape, dtype } = entity;
  if (typeof dtype !== 'string' || !/^[<>|]?[bBhHiIqQfd]$/.test(dtype)) {
    throw new DataError(
      path,
      field,
      `element type ${typeof dtype === 'string' ? dtype : 'compound'} is not a number type; store float32 or an integer type`,
    );
  }
  if (shape === null || shape.length === 0) throw new DataError(path, field, 'is a single value; expected an array');
  return { dataset: entity, shape };
}

/** Datasets and groups of two levels, to name in an error. */
function names(file: StoredFile): readonly string[] {
  return file.keys().flatMap((key) => {
    const entity = file.get(key);
    return entity !== null && 'keys' in entity ? entity.keys().map((inner) => `${key}/${inner}`) : [key];
  });
}

function attempt<T>(read: () => T, path: string, field: string, what: string): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(
      path,
      field,
      `${what} cannot be read (${reason}); the file is damaged or uses a filter plugin`,
      {
        cause,
      },
    );
  }
}

/** Finds the usual damage before the library does, which also reports it on the console. */
async function checkFile(path: string): Promise<void> {
  const file = await openFile(path);
  try {
    const start = await file.read(0, Math.min(file.size, 64), 'magic number');
    if (signature.some((byte, index) => start[index] !== byte)) {
      throw new DataError(path, 'magic number', 'not an HDF5 file; give an HDF5 file');
    }
    const end = storedEnd(start);
    if (end !== undefined && file.size < end) {
      throw new DataError(path, 'file', `cut short: ${file.size} bytes of ${end}; get the file again`);
    }
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
