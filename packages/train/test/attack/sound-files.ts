import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { File, ready } from 'h5wasm/node';

/** Images of 4 × 5 pixels, whole numbers that every type holds, and labels of 4 classes. */
const count = 24;
const pixels: readonly number[] = Array.from({ length: count * 20 }, (_, p) => (p * 37) % 101);
const labels: readonly number[] = Array.from({ length: count }, (_, j) => (j * 7) % 4);

/** A sound file, and what of it may be changed without becoming another sound file. */
export interface SoundFile {
  readonly bytes: Uint8Array;
  /** Where single bytes may be changed: all of the file, or what is neither a number nor says how numbers are to be read. */
  readonly fragile: (at: number) => boolean;
}

/** A `.npy` array. */
export function npy(descr: string, shape: string, data: ArrayBufferView, order = 'False'): Uint8Array {
  const header = `${`{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }`.padEnd(117)}\n`;
  // Copied: `slice` of a Node buffer is a view, and what is changed there would be changed here.
  return new Uint8Array(
    Buffer.concat([
      Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8),
      new TextEncoder().encode(header),
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]),
  );
}

/** An IDX file of bytes. */
function idx(shape: readonly number[], data: readonly number[]): Uint8Array {
  return Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, size >> 8, size & 255]), ...data);
}

export const imagesNpy: Uint8Array = npy('<f4', `${count}, 4, 5`, Float32Array.from(pixels));
export const labelsNpy: Uint8Array = npy('<i8', `${count},`, BigInt64Array.from(labels, BigInt));
export const imagesIdx: Uint8Array = idx([count, 4, 5], pixels);
export const labelsIdx: Uint8Array = idx([count], labels);
const csv = `${Array.from({ length: count }, (_, j) => [...pixels.slice(20 * j, 20 * j + 20).map((v) => v / 8), labels[j]].join()).join('\n')}\n`;

/** An array has no checksum: another number, another byte order or type in it are another sound array. */
const npyFragile = (at: number): boolean => at < 10 || (at >= 22 && at < 128);
/** Likewise of IDX, whose third byte is the type. */
const idxFragile = (at: number): boolean => at < 16 && at !== 2;

/** HDF5 with checksums over all of its structure (of 1.10 and later) and over packed numbers. */
async function hdf5(directory: string, plain: boolean): Promise<Uint8Array> {
  await ready;
  const path = join(directory, 'sound.h5');
  const file = new File(path, 'w', plain ? { libver: ['earliest', 'v108'] } : { libver: 'latest' });
  const packed = (compression: number) => ({ chunks: [8, 4, 5], compression });
  const x = { name: 'x', data: Float32Array.from(pixels), shape: [count, 4, 5], dtype: '<f' };
  file.create_dataset(plain ? x : { ...x, ...packed(4) });
  file.create_dataset({
    name: 'y',
    data: Int32Array.from(labels),
    shape: [count],
    dtype: '<i',
    ...(plain ? {} : { chunks: [8], compression: 4 }),
  });
  file.close();
  return new Uint8Array(await readFile(path));
}

const everywhere = (): boolean => true;
const nowhere = (): boolean => false;

/** A sound file for every reader. */
export async function soundFiles(directory: string): Promise<Readonly<Record<string, SoundFile>>> {
  const arrays = { 'x.npy': imagesNpy, 'y.npy': labelsNpy };
  const text = new TextEncoder().encode(csv);
  const [hdf5Packed, hdf5Plain] = [await hdf5(directory, false), await hdf5(directory, true)];
  return {
    streamNpy: { bytes: imagesNpy, fragile: npyFragile },
    loadNpz: { bytes: zipSync(arrays, { level: 6 }), fragile: everywhere },
    streamNpz: { bytes: zipSync(arrays, { level: 0 }), fragile: everywhere },
    loadMnistIdx: { bytes: imagesIdx, fragile: idxFragile },
    'loadMnistIdx .gz': { bytes: new Uint8Array(gzipSync(imagesIdx)), fragile: everywhere },
    streamIdx: { bytes: imagesIdx, fragile: idxFragile },
    loadHdf5: { bytes: hdf5Packed, fragile: everywhere },
    streamHdf5: { bytes: hdf5Packed, fragile: everywhere },
    'streamHdf5 without checksums': { bytes: hdf5Plain, fragile: nowhere },
    loadCsv: { bytes: text, fragile: nowhere },
    'loadCsv .gz': { bytes: new Uint8Array(gzipSync(text)), fragile: everywhere },
  };
}
