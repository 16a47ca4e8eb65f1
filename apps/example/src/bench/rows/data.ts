import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { randomImages } from '../networks.ts';
import type { ReadResult } from '../read-data.ts';
import type { BenchGroup } from '../row.ts';

const side = 64;
/** Images written in one piece, and pieces: 2 GiB of float32 in all. */
const perPiece = 512;
const pieces = 256;
const count = perPiece * pieces;
const program = fileURLToPath(new URL('../read-data.js', import.meta.url));

/** Data larger than memory: a file of 2 GiB read in shuffled batches by another process. */
export const data: BenchGroup = {
  name: 'data',
  about: `a file of ${count.toLocaleString('en')} images of ${side} × ${side} (2 GiB), written to a temporary folder, read in shuffled batches of 64`,
  run: async (report) => {
    const folder = await mkdtemp(join(tmpdir(), 'sp-bench-data-'));
    try {
      const { bavail, bsize } = await statfs(folder);
      const needed = 1.1 * 4 * count * side * side;
      if (bavail * bsize < needed) {
        throw new Error(
          `${folder}: ${((bavail * bsize) / 1e9).toFixed(1)} GB free, ${(needed / 1e9).toFixed(1)} needed`,
        );
      }
      const distinct = distinctPieces();
      const expected = sumOf(distinct);
      for (const { kind, write } of [
        { kind: 'npy', write: writeNpy },
        { kind: 'hdf5', write: writeHdf5 },
      ]) {
        const files = await write(folder, distinct);
        if (files === undefined) {
          report({ name: `${kind}, peak memory`, value: Number.NaN, unit: 'MB', note: 'h5wasm is not installed' });
          continue;
        }
        const { size } = await stat(files[0]);
        const { images, sum, seconds, peakMemory } = await read(kind, files);
        if (images !== count || sum !== expected) {
          throw new Error(`${kind}: read ${images} images of sum ${sum}, not ${count} of ${expected}`);
        }
        const note = `file of ${(size / 1e6).toFixed(0)} MB`;
        report({ name: `${kind}, peak memory of the reading process`, value: peakMemory / 1e6, unit: 'MB', note });
        report({ name: `${kind}, speed`, value: size / 1e6 / seconds, unit: 'MB/s', note: 'from the disk cache' });
        for (const file of files) await rm(file);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function read(kind: string, files: readonly string[]): Promise<ReadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, kind, ...files]);
  return JSON.parse(stdout) as ReadResult;
}

/** Eight pieces, which the file repeats. */
function distinctPieces(): readonly Float32Array[] {
  return Array.from({ length: 8 }, (_, seed) => randomImages(perPiece, side, 40, seed));
}

const labels = Uint8Array.from({ length: count }, (_, j) => j % 10);

/** Pixels are sixteenths and labels whole, so the sum is exact in any order. */
function sumOf(distinct: readonly Float32Array[]): number {
  const ofPixels = distinct.map((images) => images.reduce((sum, pixel) => sum + pixel, 0));
  let sum = labels.reduce((all, label) => all + label, 0);
  for (let index = 0; index < pieces; index++) sum += ofPixels[index % ofPixels.length];
  return sum;
}

async function writeNpy(folder: string, distinct: readonly Float32Array[]): Promise<readonly string[]> {
  const [images, truth] = [join(folder, 'x.npy'), join(folder, 'y.npy')];
  const file = await open(images, 'w');
  try {
    await file.write(npyHeader('<f4', [count, side, side]));
    for (let index = 0; index < pieces; index++) await file.write(distinct[index % distinct.length]);
  } finally {
    await file.close();
  }
  await writeFile(truth, Buffer.concat([npyHeader('|u1', [count]), labels]));
  return [images, truth];
}

function npyHeader(dtype: string, shape: readonly number[]): Buffer {
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
  return Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8, ...Buffer.from(text)]);
}

/** Undefined without h5wasm. */
async function writeHdf5(folder: string, distinct: readonly Float32Array[]): Promise<readonly string[] | undefined> {
  const library = await import('h5wasm/node').catch(() => undefined);
  if (library === undefined) return undefined;
  await library.ready;
  const path = join(folder, 'data.h5');
  const file = new library.File(path, 'w');
  try {
    const shape = [perPiece, side, side];
    const images = file.create_dataset({
      name: 'x',
      data: distinct[0],
      shape,
      dtype: '<f',
      maxshape: [null, side, side],
      chunks: [32, side, side],
    });
    for (let index = 1; index < pieces; index++) {
      images.resize([(index + 1) * perPiece, side, side]);
      images.write_slice([[index * perPiece, (index + 1) * perPiece], [], []], distinct[index % distinct.length]);
    }
    file.create_dataset({ name: 'y', data: labels, shape: [count], dtype: '<B' });
  } finally {
    file.close();
  }
  return [path];
}
