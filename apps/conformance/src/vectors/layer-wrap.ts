import { quantizer, setBackend } from '@sp/layers';
import type { QuantizerOptions } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { arrayOf, FormError, fieldsOf, type Mismatch, numbersOf, type RowKind } from './row-kind.ts';

/** i after decaying in float32. */
const rangeLimit = 1e-6;

/** Sequences of training steps of WRAP quantizers that follow their range, and inference afterwards (hgq2 §2.4). */
export const layerWrap: RowKind = {
  async check(file) {
    await setBackend('cpu');
    const rows = arrayOf(file, 'layer_wrap');
    const mismatches: Mismatch[] = [];
    let values = 0;
    const compare = (where: string, expected: readonly number[], got: ArrayLike<number>, limit = 0): void => {
      if (expected.length !== got.length)
        throw new FormError(`${where}: ${expected.length} numbers, the quantizer has ${got.length}`);
      values += expected.length;
      for (const [j, value] of expected.entries()) {
        if (!(Math.abs(got[j] - value) <= limit))
          mismatches.push({ where: `${where} ${j}`, expected: value, got: got[j] });
      }
    };
    for (const [r, row] of rows.entries()) tf.tidy(() => repeat(row as Row, `row ${r}`, compare));
    return { rows: rows.length, values, mismatches };
  },
};

type Row = Readonly<Record<string, unknown>>;
type Compare = (where: string, expected: readonly number[], got: ArrayLike<number>, limit?: number) => void;

function repeat(row: Row, where: string, compare: Compare): void {
  const steps = arrayOf(row, 'train_steps') as readonly Row[];
  const [size] = matrix(steps[0]?.['x'], `${where}, step 0`).shape.slice(-1);
  const layer = quantizer({ config: configOf(row, where) });
  layer.apply(tf.input({ shape: [size] }));
  const { iq } = layer;
  const integerBits = layer.weights.find(({ originalName }) => originalName.endsWith('iq/i'));
  if (iq == null || integerBits == null) throw new FormError(`${where}: the quantizer has no range`);
  for (const [s, step] of steps.entries()) {
    const at = `${where} (${String(row['cls'])}), step ${s}`;
    const y = layer.apply(matrix(step['x'], at), { training: true }) as tf.Tensor;
    compare(`${at}, y`, flat(step['y'], at), y.dataSync());
    compare(`${at}, i_raw`, flat(step['i_raw'], at), integerBits.read().dataSync(), rangeLimit);
    compare(`${at}, i`, flat(step['i'], at), iq.formats(true)?.i ?? []);
  }
  const after = row['infer_after'] as Row | undefined;
  if (after == null) throw new FormError(`${where}: no infer_after`);
  const y = layer.apply(matrix(after['x'], where), {}) as tf.Tensor;
  compare(`${where} (${String(row['cls'])}), inference, y`, flat(after['y'], where), y.dataSync());
  layer.dispose();
}

function configOf(row: Row, where: string): QuantizerOptions {
  const { i_decay_speed: iDecaySpeed } = fieldsOf(row, ['i_decay_speed'], where);
  const { i0, k0 } = fieldsOf(row['init'], ['i0', 'k0'], where);
  const common = {
    i0,
    k0: k0 === 1,
    iDecaySpeed,
    homogeneousAxis: numbersOf(row['homogeneous_axis'], `${where}, homogeneous_axis`),
    overflowMode: 'WRAP',
  } as const;
  switch (row['cls']) {
    case 'FixedPointQuantizerKIF':
      return { ...common, qType: 'kif', f0: fieldsOf(row['init'], ['f0'], where).f0 };
    case 'FixedPointQuantizerKBI':
      return { ...common, qType: 'kbi', b0: fieldsOf(row['init'], ['b0'], where).b0 };
    default:
      throw new FormError(`${where}: no quantizer '${String(row['cls'])}'`);
  }
}

function matrix(value: unknown, where: string): tf.Tensor2D {
  if (!Array.isArray(value) || value.length === 0) throw new FormError(`${where}: x is no table of numbers`);
  return tf.tensor2d(value.map((entries, j) => [...numbersOf(entries, `${where}, x ${j}`)]));
}

function flat(value: unknown, where: string): readonly number[] {
  return numbersOf([value].flat(2), where);
}
