/** Data files as users have them, made of the built-in digits. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Dataset, loadDigits, sliceImages } from '@sp/train';
import { zipSync } from 'fflate';

/** A file to give to the page. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A file of these bytes. */
export function given(name: string, bytes: Uint8Array): GivenFile {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
}

/** The digits as `numpy.savez` writes them: `x_train`, `y_train`, `x_test`, `y_test`. */
export async function digitsNpz(): Promise<GivenFile> {
  const { train, test } = await loadDigits();
  const entries = {
    'x_train.npy': images(train),
    'y_train.npy': npy('<i4', [train.labels.length], train.labels),
    'x_test.npy': images(test),
    'y_test.npy': npy('<i4', [test.labels.length], test.labels),
  };
  return given('digits.npz', zipSync(entries));
}

/** Some digits as IDX files, images packed. */
export async function digitsIdx(): Promise<readonly GivenFile[]> {
  const { images: pixels, labels } = await someDigits();
  const bytes = Uint8Array.from(pixels, (value) => Math.min(255, 256 * value));
  const sizes = [labels.length, 28, 28];
  return [
    given('some-images-idx3-ubyte.gz', gzipSync(idx(sizes, bytes))),
    given('some-labels-idx1-ubyte', idx([labels.length], Uint8Array.from(labels))),
  ];
}

/** Some digits as lines, with names at the top. */
export async function digitsCsv(): Promise<GivenFile> {
  const { images: pixels, labels } = await someDigits();
  const names = Array.from({ length: 784 }, (_, p) => `p${p}`).join();
  const lines = Array.from(labels, (label, j) => `${pixels.subarray(784 * j, 784 * (j + 1)).join()},${label}`);
  return given('digits.csv', new TextEncoder().encode(`${names},label\n${lines.join('\n')}\n`));
}

/** Some digits as HDF5, packed in chunks; made in `folder`. */
export async function digitsHdf5(folder: string): Promise<GivenFile> {
  const { default: h5wasm } = await import('h5wasm/node');
  await h5wasm.ready;
  const { images: pixels, labels } = await someDigits();
  const path = join(folder, 'digits.h5');
  const file = new h5wasm.File(path, 'w');
  const shape = [labels.length, 28, 28];
  file.create_dataset({ name: 'x', data: pixels, shape, dtype: '<f', chunks: [20, 28, 28], compression: 4 });
  file.create_dataset({ name: 'y', data: labels, shape: [labels.length], dtype: '<i' });
  file.close();
  const bytes = await readFile(path);
  await rm(path);
  return given('digits.h5', bytes);
}

async function someDigits(): Promise<Dataset> {
  return sliceImages((await loadDigits()).test, 0, 100);
}

function images({ images: pixels, labels }: Dataset): Uint8Array {
  return npy('<f4', [labels.length, 28, 28], pixels);
}

function npy(descr: string, shape: readonly number[], data: Float32Array | Int32Array): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = `${text.padEnd(117)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

function idx(sizes: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * sizes.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, sizes.length]);
  for (const [axis, size] of sizes.entries()) view.setUint32(4 + 4 * axis, size);
  bytes.set(data, 4 + 4 * sizes.length);
  return bytes;
}
