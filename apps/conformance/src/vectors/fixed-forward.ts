import { type OverflowMode, quantize, quantizeArray } from '@sp/quant';
import type { RoundName } from '@sp/quant/internal';
import { arrayOf, FormError, fieldsOf, type Mismatch, numbersOf, type RowKind } from './row-kind.ts';

/** Stateless quantizer in inference, for inputs all rows share: once value by value, once as an array. */
export const fixedForward: RowKind = {
  check(file) {
    // The reference computes on float32.
    const x = numbersOf(file['fixed_forward_infer_x'], 'fixed_forward_infer_x').map(Math.fround);
    const rows = arrayOf(file, 'fixed_forward_infer');
    const mismatches: Mismatch[] = [];
    for (const [r, row] of rows.entries()) {
      const what = `row ${r}`;
      const { k, i, f } = fieldsOf(row, ['k', 'i', 'f'], what);
      const { round, overflow, y } = row as Record<string, unknown>;
      const expected = numbersOf(y, `${what}, y`);
      if (expected.length !== x.length)
        throw new FormError(`${what}: ${expected.length} results for ${x.length} inputs`);
      if (typeof round !== 'string' || typeof overflow !== 'string')
        throw new FormError(`${what}: no round or overflow`);
      const format = { k: k as 0 | 1, i, f };
      const modes = [round as RoundName, overflow as OverflowMode] as const;
      const array = quantizeArray(x, { shape: [1], k: [format.k], i: [i], f: [f] }, [x.length], ...modes);
      x.forEach((value, j) => {
        const where = `${what} (k=${k} i=${i} f=${f} ${round} ${overflow}), x = ${value}`;
        for (const got of [quantize(value, format, ...modes), array[j]]) {
          if (got !== expected[j]) mismatches.push({ where, expected: expected[j], got });
        }
      });
    }
    return { rows: rows.length, values: rows.length * x.length, mismatches };
  },
};
