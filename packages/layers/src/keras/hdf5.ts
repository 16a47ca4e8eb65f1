import type { Entity } from 'h5wasm';
import {
  FormatError,
  type Hdf5Library,
  type Hdf5Numbers,
  hdf5Element,
  hdf5NumberType,
  hdf5Start,
  quietly,
  type Renewable,
  readHdf5Numbers,
  renewable,
  type StoredHdf5,
  unreadableFilter,
} from '../formats/index.ts';
import { LayerError } from '../layer-error.ts';
import { hasBrokenHeap } from './hdf5-heaps.ts';

/** A dataset: values as stored, flat in row-major order. */
export interface Hdf5Dataset {
  readonly shape: readonly number[];
  readonly values: Hdf5Numbers;
}

/** A whole HDF5 file in memory: datasets and string attributes by absolute path without leading slash. */
export interface Hdf5File {
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
  /** `name` attributes of groups. */
  readonly names: ReadonlyMap<string, string>;
  /** All text attributes of groups, one string or a list, by `path@name`; the root's path is empty. */
  readonly texts: ReadonlyMap<string, string | readonly string[]>;
}

/**
 * Reads all numeric datasets of an HDF5 file.
 *
 * @param what names the file in errors
 * @throws when h5wasm is not installed or the bytes are no HDF5 file.
 */
export async function readHdf5(bytes: Uint8Array, what: string): Promise<Hdf5File> {
  // Asked before the library is: it reports errors on the console as well.
  const start = hdf5Start(bytes);
  if (start === undefined) throw new LayerError(`${what} is not an HDF5 file. Save the weights again.`);
  if (hasBrokenHeap(bytes, start)) {
    throw new LayerError(`${what} is a damaged HDF5 file (a broken heap). Save the weights again.`);
  }
  const library = await libraries.current().catch((cause) => {
    throw new LayerError(`Reading ${what} needs the package h5wasm. Install it beside @sp/layers: npm install h5wasm`, {
      cause,
    });
  });
  return readBy(library, bytes, start, what).catch((error: LayerError) => {
    libraries.blame(library, error.cause ?? error);
    throw error;
  });
}

type H5wasm = typeof import('h5wasm');

/** A damaged file can bring the library into disorder; the next one is for another instance. */
const libraries: Renewable<H5wasm> = renewable(
  () => import('h5wasm'),
  (count) => import(/* @vite-ignore */ `${import.meta.resolve('h5wasm')}?again=${count}`),
);

async function readBy({ File, ready }: H5wasm, bytes: Uint8Array, start: number, what: string): Promise<Hdf5File> {
  const module = (await ready) as unknown as Hdf5Library;
  const { FS } = module;
  const path = `/${globalThis.crypto.randomUUID()}.h5`;
  FS.writeFile(path, bytes);
  try {
    return quietly(module, () => {
      const file = new File(path, 'r');
      if (file.file_id < 0n) throw new LayerError(`${what} is a damaged HDF5 file. Save the weights again.`);
      try {
        const datasets = new Map<string, Hdf5Dataset>();
        const names = new Map<string, string>();
        const texts = new Map<string, string | readonly string[]>();
        collect(module, { id: file.file_id, path, start }, file, '', datasets, names, texts);
        return { datasets, names, texts };
      } finally {
        file.close();
      }
    })[0];
  } catch (cause) {
    if (cause instanceof LayerError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LayerError(`${what} is a damaged HDF5 file (${why}). Save the weights again.`, { cause });
  } finally {
    FS.unlink(path);
  }
}

function collect(
  library: Hdf5Library,
  stored: StoredHdf5,
  entity: Entity,
  path: string,
  datasets: Map<string, Hdf5Dataset>,
  names: Map<string, string>,
  texts: Map<string, string | readonly string[]>,
): void {
  if ('keys' in entity) {
    const name = entity.attrs['name']?.value;
    if (typeof name === 'string') names.set(path, name);
    for (const [key, { value }] of Object.entries(entity.attrs)) {
      if (typeof value === 'string') texts.set(`${path}@${key}`, value);
      else if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) {
        texts.set(`${path}@${key}`, value as string[]);
      }
    }
    for (const key of entity.keys()) {
      const child = entity.get(key);
      if (child != null) collect(library, stored, child, path === '' ? key : `${path}/${key}`, datasets, names, texts);
    }
  } else if ('shape' in entity) {
    const element = hdf5Element(library, stored, entity.path);
    const { metadata, shape } = entity;
    if (shape == null || hdf5NumberType(metadata) === undefined) return;
    const filter = unreadableFilter(entity.filters);
    if (filter !== undefined) {
      throw new FormatError(`dataset '${path}'`, `packed with the filter '${filter}', which h5wasm does not have`);
    }
    const values = readHdf5Numbers(library, entity.file_id, entity.path, metadata, element);
    datasets.set(path, { shape, values });
  }
}
