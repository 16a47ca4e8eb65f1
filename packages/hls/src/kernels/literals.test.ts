import { describe, expect, it } from 'vitest';
import { literal } from './literals.ts';

describe('literal', () => {
  it('is exact and an integer literal only where an int holds it', () => {
    expect([literal(3, 2), literal(-1, 0), literal(0, 5), literal(-0, 1)]).toEqual(['0.75', '-1', '0', '0']);
    expect(literal(1, -60)).toBe('1152921504606846976.0');
    expect(literal(2 ** 31, 0)).toBe('2147483648.0');
    expect(Number(literal(2 ** 52 + 1, 70))).toBe((2 ** 52 + 1) * 2 ** -70);
  });
});
