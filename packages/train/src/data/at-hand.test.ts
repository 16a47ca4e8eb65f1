/** Files at hand, as a page gets them: the same data and errors as from their paths. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { loadHdf5 } from '../hdf5/index.ts';
import type { DataFile } from './data-path.ts';
import { loadCsv } from './load-csv.ts';
import { loadIdx } from './load-idx.ts';
import { loadNpz } from './load-npz.ts';
import { readBytes } from './read-bytes.ts';
import { unpackStream } from './unpack-stream.ts';

const fixture = (name: string): string => new URL(`../../test/fixtures/cases/${name}`, import.meta.url).pathname;

async function atHand(name: string): Promise<DataFile> {
  return new File([await readFile(fixture(name))], name);
}

const bytes = (name: string, content: Uint8Array): DataFile => new File([content as Uint8Array<ArrayBuffer>], name);
const silent = { note: () => {} };

const idxImages = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 128, 64, 255);
const idxLabels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0);

describe('a file at hand', () => {
  it('is read as the one on the disk: NumPy, HDF5', async () => {
    expect(await loadNpz(await atHand('pdg.npz'), silent)).toEqual(await loadNpz(fixture('pdg.npz'), silent));
    const stored = await loadHdf5(fixture('bool_pixels.h5'), silent);
    expect(await loadHdf5(await atHand('bool_pixels.h5'), silent)).toEqual(stored);
  });

  it('is read as text and as IDX, packed or not', async () => {
    const text = new TextEncoder().encode('1,0,0,2,0\n0,3,0,1,1\n');
    const table = await loadCsv(bytes('a.csv', text));
    expect([...table.images, ...table.labels]).toEqual([1, 0, 0, 2, 0, 3, 0, 1, 0, 1]);
    expect(await loadCsv(bytes('a.csv.gz', gzipSync(text)))).toEqual(table);
    const data = await loadIdx(bytes('i.gz', gzipSync(idxImages)), bytes('l', idxLabels));
    expect(data).toMatchObject({ shape: [2, 1, 1], classes: 2, labels: Int32Array.of(1, 0) });
    expect([...data.images]).toEqual([0, 0.5, 0.25, 255 / 256]);
  });

  it.each([
    ['no zip', 'a.npz', Uint8Array.of(1, 2, 3), loadNpz, 'a.npz: '],
    ['an archive without arrays', 'b.npz', zipSync({ 'x.txt': idxLabels }), loadNpz, "b.npz: array 'x_train': missing"],
    ['no HDF5', 'c.h5', Uint8Array.of(1, 2, 3), loadHdf5, 'c.h5: magic number: not an HDF5 file'],
    ['a text that is none', 'd.csv', Uint8Array.of(255, 254), loadCsv, 'd.csv: text: is not UTF-8 text'],
    ['damaged packing', 'e.csv.gz', idxLabels, loadCsv, 'e.csv.gz: gzip data: cannot be unpacked'],
  ])('is refused with its name: %s', async (_, name, content, load, message) => {
    await expect(load(bytes(name, content))).rejects.toThrow(message);
  });

  it('is refused when HDF5 ends too early, with nothing left behind', async () => {
    const whole = await readFile(fixture('bool_pixels.h5'));
    const cut = bytes('cut.h5', whole.subarray(0, whole.length - 100));
    await expect(loadHdf5(cut)).rejects.toThrow(`cut.h5: file: cut short`);
  });

  it('that is gone since it was chosen is told', async () => {
    const gone: DataFile = { name: 'x.csv', arrayBuffer: () => Promise.reject(new Error('NotFoundError')) };
    await expect(readBytes(gone)).rejects.toThrow('x.csv: file: cannot be read (NotFoundError); choose it again');
  });
});

/** What pages unpack with; Node has it, too. */
describe('unpackStream', () => {
  const none = () => undefined;
  const packed = gzipSync(new Uint8Array(50_000).fill(7));

  it('unpacks what gzip packed, and sees damage', async () => {
    expect(await unpackStream(packed, 'a.gz', {}, none)).toEqual(new Uint8Array(50_000).fill(7));
    expect(await unpackStream(gzipSync(Uint8Array.of(1)), 'a.gz', {}, none)).toEqual(Uint8Array.of(1));
    for (const wrong of [packed.subarray(0, packed.length - 9), Uint8Array.of(1, 2, 3)]) {
      await expect(unpackStream(wrong, 'a.gz', {}, none)).rejects.toThrow('a.gz: gzip data: cannot be unpacked');
    }
    const changed = Uint8Array.from(packed);
    changed[changed.length - 6] ^= 1;
    await expect(unpackStream(changed, 'a.gz', {}, none)).rejects.toThrow('a.gz: gzip data: cannot be unpacked');
  });

  it('takes no more than is allowed, or promised at the start', async () => {
    await expect(unpackStream(packed, 'a.gz', { maxBytes: 1000 }, none)).rejects.toThrow('more than maxBytes 1000');
    await expect(unpackStream(packed, 'a.gz', {}, () => 2000)).rejects.toThrow('more than the 2000 bytes');
    const promise = (start: Uint8Array) => (start[0] === 7 ? 1e12 : 0);
    await expect(unpackStream(packed, 'a.gz', {}, promise)).rejects.toThrow('becomes 1000000000000 bytes');
  });
});
