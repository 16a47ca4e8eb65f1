import { describe, expect, it } from 'vitest';
import { widestGap } from './widest-gap.ts';

describe('widestGap', () => {
  it.each<[string, readonly number[], number, { from: number; to: number } | undefined]>([
    ['about the value', [0.01, 0.05, 0.06, 0.2, 0.21], 0.1, { from: 0.06, to: 0.2 }],
    ['above a value that is just in the noise', [0.1, 0.149, 0.15, 0.25], 0.14, { from: 0.15, to: 0.25 }],
    ['below a value that is just in the signal', [0.05, 0.2, 0.21, 0.211], 0.21, { from: 0.05, to: 0.2 }],
    ['from 0 on, without noise', [0.2, 0.21], 0.1, { from: 0, to: 0.2 }],
    ['not the one below all values', [0.05, 0.051, 0.052], 0.0515, undefined],
    ['the nearest of equal ones', [0.1, 0.2, 0.3, 0.4], 0.26, { from: 0.2, to: 0.3 }],
    ['none further away than a quarter', [0.1, 0.101, 0.15, 0.151], 0.1, { from: 0.101, to: 0.15 }],
    ['none that are narrow', [0.1, 0.102, 0.104, 0.106, 0.108, 0.11, 0.112, 0.114, 0.116], 0.107, undefined],
    ['none beyond all values', [0.1, 0.2], 0.5, undefined],
    ['none of no values', [], 0.5, undefined],
  ])('%s', (_, values, value, gap) => {
    expect(widestGap(values, value)).toEqual(gap);
  });

  it('takes none below the least width: a threshold that is still 0 is in no gap of noise', () => {
    expect(widestGap([1e-6, 2e-6, 0.5], 0, 1e-3)).toBeUndefined();
    expect(widestGap([0.4, 0.5], 0, 1e-3)).toEqual({ from: 0, to: 0.4 });
  });
});
