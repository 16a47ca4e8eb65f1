import { describe, expect, it } from 'vitest';
import { blockNote, blockWithin, shrinkMatrix, thinIndices } from './downsample.ts';
import { axisFormat, grouped, percent, short } from './numbers.ts';
import { logTicks } from './ticks.ts';

describe('thinIndices', () => {
  it('keeps short sequences whole', () => {
    expect(thinIndices(3, 3)).toEqual([0, 1, 2]);
    expect(thinIndices(0, 3)).toEqual([]);
  });

  it('thins evenly and keeps both ends and what is asked for', () => {
    expect(thinIndices(101, 5)).toEqual([0, 25, 50, 75, 100]);
    expect(thinIndices(101, 3, [7, 500])).toEqual([0, 7, 50, 100]);
  });
});

describe('blockWithin', () => {
  it('finds the smallest block that leaves few enough', () => {
    const dense = (side: number, images = 1) => ({
      side,
      atLeast: 0,
      count: (block: number) => images * Math.ceil(side / block) ** 2,
    });
    expect(blockWithin(100, dense(10))).toBe(1);
    expect(blockWithin(100, dense(11))).toBe(2);
    expect(blockWithin(100, dense(512))).toBe(52);
    expect(blockWithin(100, { ...dense(512), atLeast: 512 ** 2 })).toBe(52);
    expect(blockWithin(100, dense(5, 1000))).toBe(5);
  });

  it('is named in a note, unless nothing was lost', () => {
    expect(blockNote(1, 'largest')).toBe('');
    expect(blockNote(4, 'largest')).toBe('every 4 × 4 pixels as one (largest)');
  });
});

describe('shrinkMatrix', () => {
  it('averages blocks, smaller ones at the border, without gaps', () => {
    const values = [1, 2, 3, 4, 5, 6, Number.NaN, 8, 9];
    const small = shrinkMatrix({ rows: 3, columns: 3, values }, 2);
    expect(small.block).toEqual([2, 2]);
    expect([...Array.from(small.values)]).toEqual([3, 4.5, 8, 9]);
  });

  it('leaves a small matrix alone', () => {
    const matrix = { rows: 1, columns: 2, values: [1, 2] };
    expect(shrinkMatrix(matrix, 2)).toEqual({ ...matrix, block: [1, 1] });
  });
});

describe('logTicks', () => {
  it('has 1, 2 and 5 of few decades, one of many, and at least one', () => {
    expect(logTicks(0.1, 10)).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
    expect(logTicks(1e-5, 1)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
    expect(logTicks(1e-20, 1)).toHaveLength(7);
    expect(logTicks(3, 4)).toEqual([3.46]);
  });
});

describe('numbers', () => {
  it('are short and readable', () => {
    expect(grouped(1234567.4)).toBe('1,234,567');
    expect(grouped(-1234)).toBe('-1,234');
    expect(short(0.44612)).toBe('0.446');
    expect(short(5641)).toBe('5,641');
    expect(percent(0.9417)).toBe('94.2 %');
  });

  it('have exponents on axes where prefixes end', () => {
    expect([axisFormat(2e5), axisFormat(1e30), axisFormat(1, 1e-30), axisFormat(0)]).toEqual(['~s', '~e', '~e', '~s']);
  });
});
