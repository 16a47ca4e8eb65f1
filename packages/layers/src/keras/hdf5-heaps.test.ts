import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { expect, it } from 'vitest';
import { readHdf5 } from './hdf5.ts';
import { hasBrokenHeap } from './hdf5-heaps.ts';

it('sees a heap in which the library would walk for ever', async () => {
  await ready;
  const path = join(tmpdir(), `sp-heap-${process.pid}.h5`);
  const file = new File(path, 'w');
  file.create_attribute('names', ['one', 'two', 'three']);
  file.close();
  const bytes = new Uint8Array(await readFile(path));
  await rm(path);
  expect(hasBrokenHeap(bytes, 0)).toBe(false);
  expect((await readHdf5(bytes, 'file')).texts.get('@names')).toEqual(['one', 'two', 'three']);
  const view = new DataView(bytes.buffer);
  const heap = Buffer.from(bytes).indexOf('GCOL');
  // The first object becomes a free space that leads nowhere, or out of the heap.
  view.setUint16(heap + 16, 0, true);
  for (const size of [0n, 1n << 60n]) {
    view.setBigUint64(heap + 24, size, true);
    expect(hasBrokenHeap(bytes, 0)).toBe(true);
  }
  await expect(readHdf5(bytes, 'file')).rejects.toThrow(
    /^file is a damaged HDF5 file \(a broken heap\)\. Save the weights again\.$/,
  );
  expect(hasBrokenHeap(bytes.slice(0, heap + 10), 0)).toBe(false);
});
