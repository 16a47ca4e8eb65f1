import type { Entity } from 'h5wasm';
import { LayerError } from '../layer-error.ts';

/** A dataset: values as stored, flat in row-major order. */
export interface Hdf5Dataset {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | BigInt64Array | BigUint64Array;
}

/** A whole HDF5 file in memory: datasets and string attributes by absolute path without leading slash. */
export interface Hdf5File {
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
  /** `name` attributes of groups. */
  readonly names: ReadonlyMap<string, string>;
  /** All text attributes of groups, one string or a list, by `path@name`; the root's path is empty. */
  readonly texts: ReadonlyMap<string, string | readonly string[]>;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Reads all numeric datasets of an HDF5 file.
 *
 * @param what names the file in errors
 * @throws when h5wasm is not installed or the bytes are no HDF5 file.
 */
export async function readHdf5(bytes: Uint8Array, what: string): Promise<Hdf5File> {
  // Asked before the library is: it reports errors on the console as well.
  if (signature.some((byte, index) => bytes[index] !== byte))
    throw new LayerError(`${what} is not an HDF5 file. Save the weights again.`);
  const { File, ready } = await import('h5wasm').catch((cause) => {
    throw new LayerError(`Reading ${what} needs the package h5wasm. Install it beside @sp/layers: npm install h5wasm`, {
      cause,
    });
  });
  const { FS } = await ready;
  const path = `/${globalThis.crypto.randomUUID()}.h5`;
  FS.writeFile(path, bytes);
  try {
    const file = new File(path, 'r');
    if (file.file_id < 0n) throw new LayerError(`${what} is a damaged HDF5 file. Save the weights again.`);
    try {
      const datasets = new Map<string, Hdf5Dataset>();
      const names = new Map<string, string>();
      const texts = new Map<string, string | readonly string[]>();
      collect(file, '', datasets, names, texts);
      return { datasets, names, texts };
    } finally {
      file.close();
    }
  } finally {
    FS.unlink(path);
  }
}

function collect(
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
      if (child != null) collect(child, path === '' ? key : `${path}/${key}`, datasets, names, texts);
    }
  } else if ('shape' in entity) {
    const { value } = entity;
    if (ArrayBuffer.isView(value)) {
      datasets.set(path, { shape: entity.shape ?? [], values: value as Hdf5Dataset['values'] });
    } else if (typeof value === 'bigint') {
      datasets.set(path, { shape: [], values: new BigInt64Array([value]) });
    } else if (typeof value === 'number') {
      // A scalar comes without its type; unsigned integers have to stay recognisable.
      const values = entity.dtype === '<I' ? new Uint32Array([value]) : new Float32Array([value]);
      datasets.set(path, { shape: [], values: entity.dtype === '<B' ? new Uint8Array([value]) : values });
    }
  }
}
