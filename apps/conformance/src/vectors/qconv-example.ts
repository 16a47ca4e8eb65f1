import { type QConv2D, qConv2D, quantizerConfigScope, setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { FormError, type Mismatch, numbersOf, type RowKind } from './row-kind.ts';

/** Something that the example records: its name, what the file says and what we get. */
interface Recorded {
  readonly what: string;
  readonly expected: readonly number[];
  readonly got: ArrayLike<number>;
  /** Largest difference that is none. */
  readonly limit: number;
}

/** Recorded gradients have 10 digits behind the point. */
const gradientLimit = 2e-9;

/**
 * One training step of a QConv2D with everything that can be seen of it (hgq2 §7.4): traced formats, quantised weights,
 * output, EBOPs and every gradient.
 */
export const qconvExample: RowKind = {
  async check(file) {
    await setBackend('cpu');
    const example = file['qconv_example'] as Readonly<Record<string, unknown>>;
    const mismatches: Mismatch[] = [];
    let values = 0;
    for (const { what, expected, got, limit } of recorded(example)) {
      if (expected.length !== got.length) {
        throw new FormError(`${what} has ${expected.length} numbers, the layer ${got.length}`);
      }
      values += expected.length;
      for (const [j, value] of expected.entries()) {
        if (!(Math.abs(got[j] - value) <= limit))
          mismatches.push({ where: `${what} ${j}`, expected: value, got: got[j] });
      }
    }
    return { rows: 1, values, mismatches };
  },
};

function recorded(example: Readonly<Record<string, unknown>>): readonly Recorded[] {
  const read = (key: string): readonly number[] => numbersOf([example[key]].flat(2), key);
  const list: Recorded[] = [];
  tf.tidy(() => {
    const side = (key: string): [number, number] => {
      const rows = example[key];
      if (!Array.isArray(rows) || !Array.isArray(rows[0])) throw new FormError(`${key} is no table of numbers`);
      return [rows.length, rows[0].length];
    };
    const [height, width] = side('x');
    const kernelSize = side('kernel');
    const layer = quantizerConfigScope(
      { place: ['weight', 'bias'], defaultQType: 'kbi', overflowMode: 'SAT_SYM' },
      () => qConv2D({ filters: 1, kernelSize, beta0: read('beta')[0] }),
    );
    layer.apply(tf.input({ shape: [height, width, 1] }));
    layer.kernel.write(tf.tensor([...read('kernel')], [...kernelSize, 1, 1]));
    layer.bias?.write(tf.tensor([...read('bias')]));
    const x = tf.tensor([...read('x')], [1, height, width, 1]);
    layer.iq?.resetRange();
    layer.apply(x, { tracing: true });
    const formats = layer.iq?.formats(true);
    const quantised = (role: 'kq' | 'bq', weight: tf.LayerVariable | null): ArrayLike<number> =>
      weight == null ? [] : (layer[role]?.call(weight.read(), 'inference').dataSync() ?? []);
    const exact = (what: string, got: ArrayLike<number>): Recorded => ({ what, expected: read(what), got, limit: 0 });
    list.push(
      exact('iq_i', formats?.i ?? []),
      exact('iq_k', formats?.k ?? []),
      exact('iq_bits', layer.iq?.bits().values ?? []),
      exact('qkernel', quantised('kq', layer.kernel)),
      exact('qbias', quantised('bq', layer.bias)),
      exact('y', (layer.apply(x) as tf.Tensor).dataSync()),
      exact('ebops', [layer.ebops]),
      ...gradients(layer, x, (example['grad_sum_y_plus_losses'] ?? {}) as Readonly<Record<string, unknown>>),
    );
    layer.dispose();
  });
  return list;
}

/** Gradients of the summed output plus all loss terms; recorded names are like `kq_b`. */
function gradients(layer: QConv2D, x: tf.Tensor, expected: Readonly<Record<string, unknown>>): readonly Recorded[] {
  const variables = new Map(
    layer.trainableWeights.map((weight) => [
      weight.originalName.replace(`${layer.name}/`, '').replace('/', '_'),
      weight.read() as tf.Variable,
    ]),
  );
  const loss = (): tf.Scalar =>
    tf.addN([tf.sum(layer.apply(x, { training: true }) as tf.Tensor), ...layer.calculateLosses()]) as tf.Scalar;
  const { grads } = tf.variableGrads(loss, [...variables.values()]);
  return Object.entries(expected).map(([name, values]) => {
    const what = `gradient of ${name}`;
    const variable = variables.get(name);
    if (variable == null) throw new FormError(`${what}: the layer has no such variable`);
    return {
      what,
      expected: numbersOf([values].flat(), what),
      got: grads[variable.name].dataSync(),
      limit: gradientLimit,
    };
  });
}
