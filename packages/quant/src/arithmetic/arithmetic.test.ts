import { describe, expect, it } from 'vitest';
import { codeRange, formatWidth } from '../format/code-range.ts';
import type { Format } from '../format/format.ts';
import { parseType, printType } from '../format/type-string.ts';
import {
  addFixed,
  castFixed,
  compareFixed,
  divideFixed,
  type Fixed,
  multiplyFixed,
  negateFixed,
  shiftFixed,
  subtractFixed,
} from './fixed.ts';
import {
  addFormats,
  dotFormat,
  intersectFormats,
  multiplyFormats,
  negateFormat,
  subtractFormats,
  sumFormat,
} from './formats.ts';
import { exactReciprocal } from './reciprocal.ts';

const format = (text: string): Format => {
  const type = parseType(text);
  if (type.kind === 'auto') throw new Error(text);
  return type.format;
};

describe('formats of results are those of ap_fixed (hls4ml §2.12)', () => {
  it.each([
    ['ap_fixed<8,4>', 'ap_fixed<6,2>', 'ap_fixed<9,5>', 'ap_fixed<9,5>', 'ap_fixed<14,6>'],
    ['ap_ufixed<8,4>', 'ap_fixed<6,4>', 'ap_fixed<10,6>', 'ap_fixed<10,6>', 'ap_fixed<14,8>'],
    ['ap_ufixed<8,4>', 'ap_ufixed<4,0>', 'ap_ufixed<9,5>', 'ap_fixed<9,5>', 'ap_ufixed<12,4>'],
    ['ap_fixed<4,6>', 'ap_fixed<3,3>', 'ap_fixed<7,7>', 'ap_fixed<7,7>', 'ap_fixed<7,9>'],
  ])('%s and %s', (a, b, sum, difference, product) => {
    expect(printType(addFormats(format(a), format(b)))).toBe(sum);
    expect(printType(subtractFormats(format(a), format(b)))).toBe(difference);
    expect(printType(multiplyFormats(format(a), format(b)))).toBe(product);
  });

  it('negation of an unsigned number gains a bit, sums and dot products as many as they need', () => {
    expect(printType(negateFormat(format('ap_ufixed<4,4>')))).toBe('ap_fixed<5,5>');
    expect(printType(sumFormat(format('ap_ufixed<8,1>'), 5))).toBe('ap_ufixed<11,4>');
    const dot = dotFormat(
      [format('ap_ufixed<4,4>'), format('ap_fixed<4,2>'), format('ap_fixed<40,2>')],
      { codes: [3, -2, 0], f: 1 },
      5n,
      4,
    );
    // 15·3/2 + 2·2/2 + 5/16 … −1.75·2/2 at 4 fraction bits: codes −28 … 397.
    expect(printType(dot)).toBe('ap_fixed<10,6>');
    expect(intersectFormats(format('ap_fixed<8,4>'), format('ap_ufixed<6,2>'))).toEqual({ k: 0, i: 2, f: 4 });
  });
});

describe('exact arithmetic', () => {
  const numbers = (text: string): Fixed[] => {
    const { lo, hi } = codeRange(format(text));
    return Array.from({ length: Number(hi - lo) + 1 }, (_, j) => ({ code: lo + BigInt(j), format: format(text) }));
  };
  const real = ({ code, format: { f } }: Fixed): number => Number(code) * 2 ** -f;
  const fits = (value: Fixed): boolean => {
    const { lo, hi } = codeRange(value.format);
    return value.code >= lo && value.code <= hi;
  };

  it('holds for all pairs of small numbers', () => {
    for (const a of numbers('ap_fixed<4,2>')) {
      for (const b of numbers('ap_ufixed<4,5>')) {
        for (const [result, want] of [
          [addFixed(a, b), real(a) + real(b)],
          [subtractFixed(a, b), real(a) - real(b)],
          [multiplyFixed(a, b), real(a) * real(b)],
        ] as const) {
          expect(real(result)).toBe(want + 0);
          expect(fits(result)).toBe(true);
        }
        expect(compareFixed(a, b)).toBe(Math.sign(real(a) - real(b)));
      }
      expect(real(negateFixed(a))).toBe(0 - real(a));
      expect(real(shiftFixed(a, -3))).toBe(real(a) / 8);
      expect(real(castFixed(a, { k: 1, i: 1, f: 0 }, 'TRN', 'WRAP'))).toBe(Math.floor(real(a)));
      // ap_fixed keeps the dividend's type and truncates toward 0: −0.25 / 4 → 0.
      expect(real(divideFixed(a, 3, a.format, 'TRN_ZERO')) + 0).toBe(Math.trunc((real(a) * 4) / 3) / 4 + 0);
    }
    expect(() => divideFixed(numbers('ap_fixed<4,2>')[0], 0, { k: 1, i: 1, f: 0 })).toThrow(/positive integer/);
  });

  it('divides by multiplication where it is proven', () => {
    expect(exactReciprocal(9n, 1000n)).toEqual({ multiplier: 911n, shift: 13 });
    expect(exactReciprocal(8n, 1n << 90n)).toEqual({ multiplier: 1n, shift: 3 });
    expect(formatWidth(sumFormat({ k: 0, i: 0, f: 0 }, 9))).toBe(0);
  });
});
