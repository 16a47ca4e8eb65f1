import { formatTable } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { bytesOf, printCpp, storageType, typeOfCodes, ZERO_TYPE } from './fixed-type.ts';

describe('storageType', () => {
  it('holds every format of a table and ignores those without width', () => {
    const table = formatTable([4], { k: [0, 1, 0, 1], i: [3, -1, 0, 40], f: [-1, 6, 0, -41] });
    expect(storageType(table)).toEqual({ signed: true, width: 1 + 3 + 6, int: 4 });
  });

  it('has a type for constant 0', () => {
    expect(storageType(formatTable([1], { k: 0, i: 5, f: -5 }))).toEqual(ZERO_TYPE);
  });
});

describe('typeOfCodes', () => {
  it('is the narrowest', () => {
    expect(printCpp(typeOfCodes([0, 3, 7], 2))).toBe('ap_ufixed<3, 1>');
    expect(printCpp(typeOfCodes([-8, 7], 0))).toBe('ap_fixed<4, 4>');
    expect(printCpp(typeOfCodes([-1], 5))).toBe('ap_fixed<1, -4>');
    expect(printCpp(typeOfCodes([4, -3], -2))).toBe('ap_fixed<4, 6>');
    expect(typeOfCodes([0, 0], 3)).toEqual(ZERO_TYPE);
  });
});

describe('bytesOf', () => {
  it('counts a sign bit for unsigned types', () => {
    const bytes = (signed: boolean, width: number) => bytesOf({ signed, width, int: 0 });
    expect([
      bytes(true, 8),
      bytes(false, 8),
      bytes(true, 32),
      bytes(false, 32),
      bytes(true, 64),
      bytes(false, 64),
    ]).toEqual([1, 2, 4, 8, 8, 16]);
    expect(bytes(true, 129)).toBe(24);
  });
});
