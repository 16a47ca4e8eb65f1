import { setBackend } from '@sp/layers';
import { fixedQuantize } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { arrayOf, FormError, fieldsOf, type Mismatch, numbersOf, type RowKind } from './row-kind.ts';

/** The file gives gradients of i and f divided by ln 2; the reference computed them in float32. */
const gradientLimit = 1e-6;

/** Values and surrogate gradients of the stateless fixed-point quantizer in training, inputs shared by all rows (hgq2 §1.5). */
export const fixedGrad: RowKind = {
  async check(file) {
    await setBackend('cpu');
    const x = numbersOf(file['fixed_grad_x'], 'fixed_grad_x');
    const rows = arrayOf(file, 'fixed_grad');
    const mismatches: Mismatch[] = [];
    let values = 0;
    for (const [r, row] of rows.entries()) {
      const { k, i, f } = fieldsOf(row, ['k', 'i', 'f'], `row ${r}`);
      const overflow = overflowOf((row as Record<string, unknown>)['overflow'], r);
      const got = tf.tidy(() => gradients(x, { k: k === 0 ? 0 : 1, i, f }, overflow));
      for (const key of ['y', 'dx', 'di', 'df'] as const) {
        const expected = numbersOf((row as Record<string, unknown>)[key], `row ${r}, ${key}`);
        if (expected.length !== x.length)
          throw new FormError(`row ${r}: ${expected.length} values of ${key} for ${x.length} inputs`);
        values += x.length;
        for (const [j, value] of expected.entries()) {
          const limit = key === 'di' || key === 'df' ? gradientLimit : 0;
          if (Math.abs(got[key][j] - value) <= limit) continue;
          const where = `row ${r} (k=${k} i=${i} f=${f} ${overflow}), ${key} at x = ${x[j]}`;
          mismatches.push({ where, expected: value, got: got[key][j] });
        }
      }
    }
    return { rows: rows.length, values, mismatches };
  },
};

type Overflow = 'WRAP' | 'SAT' | 'SAT_SYM';

function overflowOf(value: unknown, row: number): Overflow {
  if (value === 'WRAP' || value === 'SAT' || value === 'SAT_SYM') return value;
  throw new FormError(`row ${row}: overflow is ${JSON.stringify(value)}, expected WRAP, SAT or SAT_SYM`);
}

function gradients(
  x: readonly number[],
  { k, i, f }: { readonly k: 0 | 1; readonly i: number; readonly f: number },
  overflow: Overflow,
): Record<'y' | 'dx' | 'di' | 'df', number[]> {
  const all = (value: number): tf.Tensor => tf.fill([x.length], value);
  let y: number[] = [];
  const quantise = (...[input, integer, fraction]: tf.Tensor[]): tf.Tensor => {
    const result = fixedQuantize(input, integer, fraction, { k, overflow, training: true });
    y = [...result.dataSync()];
    return result;
  };
  const [dx, di, df] = tf
    .grads(quantise)([tf.tensor([...x]), all(i), all(f)])
    .map((gradient) => [...gradient.dataSync()]);
  const perOctave = (values: number[]): number[] => values.map((value) => value / Math.LN2);
  return { y, dx, di: perOctave(di), df: perOctave(df) };
}
