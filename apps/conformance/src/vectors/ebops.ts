import { setBackend } from '@sp/layers';
import { arithmeticEbops } from './ebops-arithmetic.ts';
import { convEbops } from './ebops-conv.ts';
import type { EbopsRow } from './ebops-row.ts';
import { arrayOf, FormError, fieldsOf, type Mismatch, type RowKind } from './row-kind.ts';

/** Counters by family of layers; each returns null for rows of other families. */
const families: readonly ((row: EbopsRow) => number | null)[] = [convEbops, arithmeticEbops];

/** The reference adds in float32: a step of the last bit is no difference. */
const tolerance = 2 ** -23;

/** EBOPs of whole layers: what our layers add to the loss at β = 1. */
export const ebops: RowKind = {
  async check(file) {
    await setBackend('cpu');
    const rows = arrayOf(file, 'ebops');
    const mismatches = rows.flatMap((row, r): Mismatch[] => {
      const expected = recorded(row as EbopsRow, r);
      const got = measured(row as EbopsRow, r);
      const close = Math.abs(got - expected) <= tolerance * Math.abs(expected);
      return close ? [] : [{ where: `row ${r}, ${(row as EbopsRow).layer}`, expected, got }];
    });
    return { rows: rows.length, values: rows.length, mismatches };
  },
};

/** Rows of layers with tables inside list the parts. */
function recorded(row: EbopsRow, r: number): number {
  if (row.layer !== 'QSoftmax') return fieldsOf(row, ['ebops'], `row ${r}`).ebops;
  const {
    own,
    exp_table: exponential,
    inv_table: inverse,
  } = fieldsOf(row, ['own', 'exp_table', 'inv_table'], `row ${r}`);
  return own + exponential + inverse;
}

function measured(row: EbopsRow, r: number): number {
  for (const family of families) {
    const got = family(row);
    if (got != null) return got;
  }
  throw new FormError(`row ${r}: no layer '${row.layer}'`);
}
