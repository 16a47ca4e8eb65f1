import { FileError } from '@sp/quant/files';
import { expect, it } from 'vitest';
import { parseTolerantJson } from './tolerant-json.ts';

it('reads the numbers that JSON lacks, and leaves strings alone', () => {
  const text =
    '{"a": Infinity, "b": [-Infinity, NaN, -1.5e3], "c": "Infinity, \\"NaN\\"", "Infinity": null, "d": "\\\\"}';
  expect(parseTolerantJson(text)).toEqual({
    a: Number.POSITIVE_INFINITY,
    b: [Number.NEGATIVE_INFINITY, Number.NaN, -1500],
    c: 'Infinity, "NaN"',
    Infinity: null,
    d: '\\',
  });
});

it('still refuses what is no JSON', () => {
  expect(() => parseTolerantJson('{"a": Infinite}')).toThrow(FileError);
  expect(() => parseTolerantJson('{"a": nan}')).toThrow(FileError);
});
