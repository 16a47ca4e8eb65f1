import { minimalIntegerBits } from '@sp/quant';
import { minimalIntegerBitsOfWidth } from '@sp/quant/internal';
import { arrayOf, type Mismatch, numbersOf, type RowKind } from './row-kind.ts';

/** Rows `[magnitude, bits, minimal integer bits]`. */
function minimalBits(key: string, rule: (x: number, bits: number) => number): RowKind {
  return {
    check(file) {
      const rows = arrayOf(file, key).map((row, r) => numbersOf(row, `row ${r}`));
      const mismatches = rows.flatMap(([x, bits, expected], r): Mismatch[] => {
        const got = rule(x, bits);
        return got === expected ? [] : [{ where: `row ${r}, x = ${x}, bits = ${bits}`, expected, got }];
      });
      return { rows: rows.length, values: rows.length, mismatches };
    },
  };
}

/** Fraction bits given. */
export const minimalBitsF: RowKind = minimalBits('minimal_i_xf', (x, f) => minimalIntegerBits(x, f));

/** Width besides the sign given. */
export const minimalBitsB: RowKind = minimalBits('minimal_i_xb', minimalIntegerBitsOfWidth);
