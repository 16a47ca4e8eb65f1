import { describe, expect, it } from 'vitest';
import { broadcastIndices, expandFormats, formatOf, formatTable, tableUnion } from './format-table.ts';
import { powerOfTwo } from './power-of-two.ts';

describe('format tables', () => {
  const table = formatTable([1, 2, 3], { k: 1, i: [0, 1, 2, 3, 4, 5], f: 2 });

  it('broadcasts row-major', () => {
    expect([...broadcastIndices([1, 2, 1], [2, 2, 2])]).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...expandFormats(table, [2, 2, 3]).i]).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    expect(formatOf(table, [2, 2, 3], 10)).toEqual({ k: 1, i: 4, f: 2 });
    expect(tableUnion(table)).toEqual({ k: 1, i: 5, f: 2 });
  });

  it('refuses what does not fit', () => {
    expect(() => formatTable([2], { k: 1, i: [1], f: 0 })).toThrow(/i has 1 entries; give 2/);
    expect(() => formatTable([1], { k: 1, i: 1.5, f: 0 })).toThrow(/i is 1.5/);
    expect(() => expandFormats(table, [2, 3, 3])).toThrow(/does not broadcast/);
    expect(() => formatOf(table, [2, 2, 3], 12)).toThrow(/element 12/);
  });
});

describe('powerOfTwo', () => {
  it('is exact over all doubles', () => {
    for (let n = -1022; n <= 1023; n++) expect(Math.log2(powerOfTwo(n))).toBe(n);
    expect(powerOfTwo(-1074)).toBe(Number.MIN_VALUE);
    expect(powerOfTwo(1023) / powerOfTwo(1022)).toBe(2);
    expect(() => powerOfTwo(1024)).toThrow(/between/);
    expect(() => powerOfTwo(0.5)).toThrow(/integer/);
  });
});
