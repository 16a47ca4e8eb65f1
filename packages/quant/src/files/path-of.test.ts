import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FileError } from './file-error.ts';
import { pathOf } from './path-of.ts';

describe('pathOf', () => {
  it.each(['/tmp/my model', '/tmp/100 %', '/tmp/a#b?c', '/tmp/ä'])('gives %j, however it is named', (path) => {
    const url = pathToFileURL(path);
    expect([pathOf(path), pathOf(url), pathOf(url.href)]).toEqual([path, path, path]);
  });

  it('leaves paths alone that only look like something', () => {
    for (const path of ['runs/7', 'my%20model', 'C:\\data', './file:x']) expect(pathOf(path)).toBe(path);
  });

  it('refuses what names no file here', () => {
    for (const place of ['file://elsewhere/a', 'file:///a%2Fb', new URL('https://example.org/a')]) {
      expect(() => pathOf(place)).toThrow(FileError);
    }
  });

  it.each([
    ['https://example.org/data.npz', 'names no file here (a URL of another kind); fetch it first'],
    ['s3://bucket/model', 'names no file here'],
    ['', "'' names no file or folder; give a path"],
    [undefined, "'undefined' names no file or folder; give a path"],
    [null, "'null' names no file"],
    [{ directory: 'runs' }, "'[object Object]' names no file"],
  ])('says why %j is no path', (place, message) => {
    expect(() => pathOf(place as string)).toThrow(FileError);
    expect(() => pathOf(place as string)).toThrow(message);
  });
});
