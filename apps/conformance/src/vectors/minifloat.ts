import { quantizeMinifloat } from '@sp/quant';
import { arrayOf, FormError, fieldsOf, type Mismatch, numbersOf, type RowKind } from './row-kind.ts';

/** Minifloat quantizer for inputs all rows share. */
export const minifloat: RowKind = {
  check(file) {
    // The reference computes on float32.
    const x = numbersOf(file['float_x'], 'float_x').map(Math.fround);
    const rows = arrayOf(file, 'float');
    const mismatches: Mismatch[] = [];
    for (const [r, row] of rows.entries()) {
      const format = fieldsOf(row, ['m', 'e', 'e0'], `row ${r}`);
      const expected = numbersOf((row as Record<string, unknown>)['y'], `row ${r}, y`);
      if (expected.length !== x.length)
        throw new FormError(`row ${r}: ${expected.length} results for ${x.length} inputs`);
      x.forEach((value, j) => {
        const got = quantizeMinifloat(value, format);
        const where = `row ${r} (m=${format.m} e=${format.e} e0=${format.e0}), x = ${value}`;
        if (got !== expected[j]) mismatches.push({ where, expected: expected[j], got });
      });
    }
    return { rows: rows.length, values: rows.length * x.length, mismatches };
  },
};
