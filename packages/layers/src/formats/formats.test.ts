import { crc32 as nodeCrc32 } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { readKeras } from '../keras/read-keras.ts';
import { crc32 } from './crc32.ts';
import { halvesToFloats } from './half.ts';
import { hdf5Start } from './hdf5-numbers.ts';
import { unpackEntry } from './unpack-entry.ts';
import { readFrom, zipDirectory } from './zip-directory.ts';

const text = new TextEncoder().encode('{"one": 1, "two": [2, 2, 2, 2, 2, 2, 2, 2]}'.repeat(40));

describe('zip files', () => {
  const unzip = (bytes: Uint8Array): Record<string, Uint8Array> =>
    Object.fromEntries(
      [...readFrom(bytes, zipDirectory(bytes.length))].map(([name, entry]) => [name, unpackEntry(bytes, entry)]),
    );

  it.each([0, 9] as const)('come back whole or not at all, whatever byte is changed (level %d)', (level) => {
    const bytes = zipSync({ 'a.json': text, 'b.json': text.subarray(0, 7) }, { level });
    expect(unzip(bytes)).toEqual({ 'a.json': text, 'b.json': text.subarray(0, 7) });
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] ^= 1 << (at % 8);
      let found: Record<string, Uint8Array>;
      try {
        found = unzip(changed);
      } catch (error) {
        expect((error as Error).name, `byte ${at}`).toBe('FormatError');
        refused++;
        continue;
      }
      expect(Object.values(found), `byte ${at}`).toEqual([text, text.subarray(0, 7)]);
    }
    expect(refused).toBeGreaterThan(bytes.length / 3);
  });

  it('are not believed about their sizes before memory is taken', () => {
    const bytes = zipSync({ a: text });
    const entry = [...readFrom(bytes, zipDirectory(bytes.length)).values()][0];
    expect(() => unpackEntry(bytes, { ...entry, size: 2 ** 40 })).toThrow("'a': damaged");
    expect(() => unpackEntry(bytes, { ...entry, size: 10 })).toThrow("'a': damaged");
    expect(() => unpackEntry(bytes, { ...entry, encrypted: true })).toThrow("'a': encrypted");
    expect(() => unpackEntry(bytes, { ...entry, method: 12 })).toThrow('packed with method 12');
  });

  it('of .keras are checked as well', async () => {
    const bytes = zipSync({ 'config.json': text, 'metadata.json': text, 'model.weights.h5': text }, { level: 0 });
    bytes[bytes.indexOf(0x7b) + 3] ^= 1;
    await expect(readKeras(bytes)).rejects.toThrow(/a damaged one \('config\.json': damaged \(its CRC-32/);
  });
});

describe('crc32', () => {
  it("is Node's, without it too", () => {
    expect(crc32(text.subarray(9), crc32(text.subarray(0, 9)))).toBe(nodeCrc32(text));
    vi.stubGlobal('process', undefined);
    try {
      expect(crc32(text.subarray(9), crc32(text.subarray(0, 9)))).toBe(nodeCrc32(text));
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('halvesToFloats', () => {
  it('is exact', () => {
    expect([...halvesToFloats(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000, 0x7c00))]).toEqual(
      [1, -2, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, -0, Number.POSITIVE_INFINITY],
    );
    expect(halvesToFloats(Uint16Array.of(0x7c01))[0]).toBeNaN();
  });
});

describe('hdf5Start', () => {
  it('looks behind user blocks of powers of two only', () => {
    const at = (place: number): Uint8Array => {
      const bytes = new Uint8Array(8192);
      bytes.set([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], place);
      return bytes;
    };
    expect([0, 512, 1024, 4096].map((place) => hdf5Start(at(place)))).toEqual([0, 512, 1024, 4096]);
    expect([1, 256, 513, 1536].map((place) => hdf5Start(at(place)))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
