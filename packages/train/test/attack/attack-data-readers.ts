import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadHdf5, streamHdf5 } from '../../src/hdf5/index.ts';
import {
  DataError,
  type Dataset,
  loadCsv,
  loadMnistIdx,
  loadNpz,
  randomSource,
  readStream,
  type StreamingDataset,
  streamIdx,
  streamNpy,
  streamNpz,
} from '../../src/index.ts';
import { mutations } from './mutations.ts';
import { labelsIdx, labelsNpy, soundFiles } from './sound-files.ts';

/** What became of the damaged files that one reader was given. */
export interface AttackRow {
  readonly reader: string;
  readonly mutations: number;
  /** With a `DataError`. */
  readonly refused: number;
  /** Read as the sound file is: what was changed means nothing. */
  readonly acceptedSame: number;
  /** Read as other images, labels or shapes: none is right. */
  readonly acceptedDifferent: number;
  /** Refused with an error that is no `DataError`: none is right. */
  readonly untyped: number;
  /** Readings that took more than ten seconds of this process' time: none is right. */
  readonly hangs: number;
  /** One line for everything that is not right, to find it again. */
  readonly faults: readonly string[];
}

/** How many damaged files, and which. */
export interface AttackOptions {
  readonly seed: number;
  /** Files in all, spread evenly over the readers. */
  readonly count: number;
}

const quiet = { note: () => {} };
/** Microseconds of this process, whatever else the machine does: sound files take milliseconds. */
const patience = 10_000_000;
/** So often the sound file is read in between: one that is damaged must not spoil the next. */
const soundEvery = 10;

/**
 * Gives every reader of data files damaged ones: single bits and stretches changed, cut, doubled, lengthened, other formats, headers that lie about
 * types, shapes and sizes, entries twice, contents swapped. Where a format has no checksum (`.npy`, IDX, CSV, HDF5 before 1.10) its numbers themselves
 * are spared, and what turns it into another sound file: no reader can see those.
 *
 * The same file name is used again and again, so that what a library keeps of an earlier file would show as other numbers.
 */
export async function attackDataReaders({ seed, count }: AttackOptions): Promise<readonly AttackRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'sp-attack-'));
  try {
    const sound = await soundFiles(directory);
    const readers = readersIn(directory);
    const rows: AttackRow[] = [];
    for (const [index, [reader, file]] of Object.entries(sound).entries()) {
      const read = readers[reader];
      const expected = fingerprint(await read(file.bytes));
      const row = { reader, mutations: 0, refused: 0, acceptedSame: 0, acceptedDifferent: 0, untyped: 0, hangs: 0 };
      const faults: string[] = [];
      const share = Math.floor((count + index) / Object.keys(sound).length);
      for (; row.mutations < share; row.mutations++) {
        const kinds = mutations[reader];
        const kind = kinds[row.mutations % kinds.length];
        const damaged = kind(file, randomSource(seed, index, row.mutations));
        const start = process.cpuUsage();
        const found = await read(damaged).then(fingerprint, (error: unknown) => error);
        const { user, system } = process.cpuUsage(start);
        if (user + system > patience) {
          row.hangs++;
          faults.push(`${reader} ${kind.name} ${row.mutations}: ${(user + system) / 1e6} s`);
        }
        if (found instanceof DataError) row.refused++;
        else if (typeof found !== 'string') {
          row.untyped++;
          faults.push(`${reader} ${kind.name} ${row.mutations}: ${String(found)}`);
        } else if (found === expected) row.acceptedSame++;
        else {
          row.acceptedDifferent++;
          faults.push(`${reader} ${kind.name} ${row.mutations}: other numbers`);
        }
        // A reader that refuses everything would pass else.
        if ((row.mutations + 1) % soundEvery !== 0 && row.mutations + 1 < share) continue;
        const again = await read(file.bytes).then(fingerprint, String);
        if (again !== expected) faults.push(`${reader} ${row.mutations}: the sound file reads otherwise now: ${again}`);
      }
      rows.push({ ...row, faults });
    }
    return rows;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function fingerprint(data: readonly Dataset[]): string {
  return JSON.stringify(data.map(({ images, labels, shape, classes }) => [[...images], [...labels], shape, classes]));
}

async function whole(data: StreamingDataset): Promise<readonly Dataset[]> {
  try {
    return [await readStream(data)];
  } finally {
    await data.close();
  }
}

type Reader = (bytes: Uint8Array) => Promise<readonly Dataset[]>;

function readersIn(directory: string): Readonly<Record<string, Reader>> {
  const put = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(directory, name), bytes);
    return join(directory, name);
  };
  const mnist =
    (ending: string): Reader =>
    async (bytes) => {
      for (const part of ['train', 't10k']) {
        await put(`${part}-labels-idx1-ubyte`, labelsIdx);
        await rm(join(directory, `${part}-images-idx3-ubyte${ending === '' ? '.gz' : ''}`), { force: true });
        await put(`${part}-images-idx3-ubyte${ending}`, bytes);
      }
      const { train, test } = await loadMnistIdx(directory, quiet);
      return [train, test];
    };
  const csv = { shape: [4, 5, 1] as const, classes: 4, ...quiet };
  const parts = async (split: Promise<{ train: Dataset; test: Dataset }>): Promise<readonly Dataset[]> => {
    const { train, test } = await split;
    return [train, test];
  };
  return {
    streamNpy: async (bytes) => whole(await streamNpy(await put('x.npy', bytes), await put('y.npy', labelsNpy), quiet)),
    loadNpz: async (bytes) => parts(loadNpz(await put('a.npz', bytes), quiet)),
    streamNpz: async (bytes) => whole(await streamNpz(await put('b.npz', bytes), quiet)),
    loadMnistIdx: mnist(''),
    'loadMnistIdx .gz': mnist('.gz'),
    streamIdx: async (bytes) => whole(await streamIdx(await put('x', bytes), await put('y', labelsIdx), quiet)),
    loadHdf5: async (bytes) => parts(loadHdf5(await put('a.h5', bytes), quiet)),
    streamHdf5: async (bytes) => whole(await streamHdf5(await put('b.h5', bytes), quiet)),
    'streamHdf5 without checksums': async (bytes) => whole(await streamHdf5(await put('c.h5', bytes), quiet)),
    loadCsv: async (bytes) => [await loadCsv(await put('a.csv', bytes), csv)],
    'loadCsv .gz': async (bytes) => [await loadCsv(await put('a.csv.gz', bytes), csv)],
  };
}
