/** Element types that h5wasm cannot write: made by changing the datatype message of a file that it wrote. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHdf5 } from '../../../layers/src/keras/hdf5.ts';
import { openHdf5 } from './open-hdf5.ts';

let directory: string;
beforeAll(async () => {
  await ready;
  directory = await mkdtemp(join(tmpdir(), 'sp-elements-'));
});
afterAll(() => rm(directory, { recursive: true }));

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

interface Stored {
  readonly data: ArrayBufferView;
  readonly dtype: string;
  /** Chunked and packed. */
  readonly packed?: boolean;
}

/** Headers of the first version, without checksums; with the first `before` replaced by `after`. */
async function changed({ data, dtype, packed = false }: Stored, before: string, after: string): Promise<Buffer> {
  const path = join(directory, 'made.h5');
  const file = new File(path, 'w', { libver: ['earliest', 'v108'] });
  const length = (data as Uint8Array).length;
  const options = packed ? { chunks: [length, 1, 1], compression: 4 } : {};
  file.create_dataset({ name: 'x', data: data as Uint8Array, shape: [length, 1, 1], dtype, ...options });
  file.close();
  const bytes = await readFile(path);
  const at = bytes.indexOf(hex(before));
  expect(at).toBeGreaterThan(0);
  hex(after).copy(bytes, at);
  return bytes;
}

async function readBack(bytes: Buffer): Promise<readonly unknown[]> {
  const path = join(directory, 'changed.h5');
  await writeFile(path, bytes);
  const reader = await openHdf5(path, 'x');
  try {
    return [...(await reader.read(0, reader.shape[0]))];
  } finally {
    await reader.close();
  }
}

const short = '10 08 00 00 02 00 00 00 00 00 10 00';
const shorts = { data: Uint16Array.of(0xfff7, 0x0008, 0x7ff5, 0x8002, 0xabcd), dtype: '<h' };

describe('integers of which only some bits count', () => {
  it.each<[string, Stored, string, string, readonly unknown[]]>([
    ['12 signed bits from bit 4', shorts, short, '10 08 00 00 02 00 00 00 04 00 0c 00', [-1, 0, 2047, -2048, -1348]],
    ['12 signed bits', shorts, short, '10 08 00 00 02 00 00 00 00 00 0c 00', [-9, 8, -11, 2, -1075]],
    ['as they were, packed', { ...shorts, packed: true }, short, short, [-9, 8, 32757, -32766, -21555]],
    [
      '12 signed bits from bit 4, packed',
      { ...shorts, packed: true },
      short,
      '10 08 00 00 02 00 00 00 04 00 0c 00',
      [-1, 0, 2047, -2048, -1348],
    ],
    [
      'the other byte order, which the library turns',
      { data: Uint16Array.of(0xf7ff, 0x0800, 0xf57f), dtype: '<h' },
      short,
      '10 09 00 00 02 00 00 00 04 00 0c 00',
      [-1, 0, 2047],
    ],
    [
      '5 bits without a sign from bit 3',
      { data: Uint8Array.of(0xff, 0x08, 0xf7), dtype: '<B' },
      '10 00 00 00 01 00 00 00 00 00 08 00',
      '10 00 00 00 01 00 00 00 03 00 05 00',
      [31, 1, 30],
    ],
    [
      '31 bits without a sign from bit 1',
      { data: Uint32Array.of(0xffffffff, 0x80000001, 2), dtype: '<I' },
      '10 00 00 00 04 00 00 00 00 00 20 00',
      '10 00 00 00 04 00 00 00 01 00 1f 00',
      [0x7fffffff, 0x40000000, 1],
    ],
    [
      '18 signed bits of 32',
      { data: Int32Array.of(1, 0x20000, 0xfffff), dtype: '<i' },
      '10 08 00 00 04 00 00 00 00 00 20 00',
      '10 08 00 00 04 00 00 00 00 00 12 00',
      [1, -131072, -1],
    ],
    [
      '60 signed bits of 64 from bit 2',
      { data: BigInt64Array.of(-4n, 1n << 62n, 7n, 1n << 61n), dtype: '<q' },
      '10 08 00 00 08 00 00 00 00 00 40 00',
      '10 08 00 00 08 00 00 00 02 00 3c 00',
      [-1n, 0n, 1n, -(1n << 59n)],
    ],
  ])('%s', async (_, stored, before, after, expected) => {
    const bytes = await changed(stored, before, after);
    expect(await readBack(bytes)).toEqual(expected);
    const { datasets } = await readHdf5(bytes, 'the file');
    expect([...datasets.get('x')!.values]).toEqual(expected);
  });

  it('in a type that has a name of its own in the file', async () => {
    const bytes = await changed(shorts, short, '03 02 00 00 00 00 00 00 00 00 00 00');
    const at = bytes.indexOf(hex('03 02 00 00 00 00 00 00 00 00 00 00'));
    // The message now says only where the type is: behind all that was there.
    bytes[at - 4] |= 2;
    bytes.writeBigUint64LE(BigInt(bytes.length), at + 2);
    const named = hex(
      `01 00 01 00 01 00 00 00 18 00 00 00 00 00 00 00 03 00 10 00 00 00 00 00 10 08 00 00 02 00 00 00 04 00 0c 00 00 00 00 00`,
    );
    const whole = Buffer.concat([bytes, named]);
    whole.writeBigUint64LE(BigInt(whole.length), 40);
    expect(await readBack(whole)).toEqual([-1, 0, 2047, -2048, -1348]);
  });

  it('refuses fewer than half of the bits, which the library does not open', async () => {
    const bytes = await changed(shorts, short, '10 08 00 00 02 00 00 00 00 00 07 00');
    await expect(readBack(bytes)).rejects.toThrow("dataset 'x': only 7 of the 16 bits of its elements count");
  });

  it.each([
    ['no bits', '10 08 00 00 02 00 00 00 00 00 00 00'],
    ['bits beyond the bytes', '10 08 00 00 02 00 00 00 08 00 0c 00'],
  ])('refuses %s', async (_, after) => {
    await expect(readBack(await changed(shorts, short, after))).rejects.toThrow(/changed\.h5: dataset 'x': .*damaged/);
  });

  it('headers of the second version, with times and ordered links', async () => {
    const path = join(directory, 'latest.h5');
    const file = new File(path, 'w', { libver: 'latest', track_order: true });
    const group = file.create_group('a', true);
    for (let j = 0; j < 12; j++) {
      group.create_dataset({ name: `x${j}`, data: Int16Array.of(j, -j), shape: [2], dtype: '<h', track_order: true });
    }
    file.close();
    const reader = await openHdf5(path, 'a/x11');
    expect([...(await reader.read(0, 2))]).toEqual([11, -11]);
    await reader.close();
  });
});

describe('floats', () => {
  it.each<[string, string, string, number | string]>([
    ['binary32', 'f', '11 20 1f 00 04 00 00 00 00 00 20 00 17 08 00 17 7f 00 00 00', 0.5],
    ['a bias of 126', 'f', '11 20 1f 00 04 00 00 00 00 00 20 00 17 08 00 17 7e 00 00 00', "not IEEE's; store float32"],
    [
      'a mantissa without its leading bit',
      'f',
      '11 00 1f 00 04 00 00 00 00 00 20 00 17 08 00 17 7f 00 00 00',
      "not IEEE's; store float32",
    ],
    ['binary64', 'd', '11 20 3f 00 08 00 00 00 00 00 40 00 34 0b 00 34 ff 03 00 00', 0.5],
  ])('%s', async (_, dtype, type, expected) => {
    const data = dtype === 'f' ? Float32Array.of(0.5) : Float64Array.of(0.5);
    const bytes = await changed({ data, dtype: `<${dtype}` }, type.replace('7e', '7f').replace('11 00', '11 20'), type);
    if (typeof expected === 'number') expect(await readBack(bytes)).toEqual([expected]);
    else await expect(readBack(bytes)).rejects.toThrow(expected);
  });
});

describe('data that are elsewhere', () => {
  it('refuses a virtual dataset before the library reads what it is made of', async () => {
    const path = join(directory, 'made.h5');
    const bytes = await changed(shorts, short, short);
    // The layout: contiguous becomes virtual, with its heap at the start of the file, where there is none.
    const layout = bytes.indexOf(hex('08 00 18 00 00 00 00 00 03 01'));
    expect(layout).toBeGreaterThan(0);
    hex('04 03 00 00 00 00 00 00 00 00 00 00 00 00').copy(bytes, layout + 8);
    await writeFile(path, bytes);
    await expect(openHdf5(path, 'x')).rejects.toThrow(
      "made.h5: dataset 'x': a virtual dataset, made of parts of others",
    );
  });

  it('refuses a dataset whose header names other files', async () => {
    const bytes = await changed(shorts, short, short);
    // The message with the time of the last change becomes that of external files.
    const time = bytes.indexOf(hex('12 00 08 00'));
    expect(time).toBeGreaterThan(0);
    bytes[time] = 7;
    await expect(readBack(bytes)).rejects.toThrow("dataset 'x': its data are kept in other files; store the data");
  });

  it('refuses a dataset of another file, which a link leads to', async () => {
    await changed(shorts, short, short);
    const path = join(directory, 'links.h5');
    const file = new File(path, 'w');
    file.create_dataset({ name: 'own', data: Float32Array.of(1, 2) });
    file.create_external_link(join(directory, 'made.h5'), '/', 'other');
    file.close();
    await expect(openHdf5(path, 'other/x')).rejects.toThrow(/links\.h5: dataset 'other\/x': .*(another file|missing)/);
  });
});
