import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientDeviation, largestDifference, randomTensor, unquantised } from '../../test/support/compare.ts';
import {
  type QLayer,
  qBatchNormalization,
  qBatchNormDense,
  qConv2DBatchNorm,
  qDenseBatchNorm,
  setBackend,
} from '../index.ts';

/** Every variable of the layers by the last part of its name, in order. */
function variables(...layers: tf.layers.Layer[]): Map<string, tf.Variable> {
  const named = layers.flatMap((layer) =>
    layer.weights.map(
      (weight) => [weight.originalName.split('/').at(-1) as string, weight.read() as tf.Variable] as const,
    ),
  );
  return new Map(named);
}

/** Random values for a layer's variables, variances positive. */
function randomise(layer: tf.layers.Layer): void {
  for (const [index, [name, variable]] of [...variables(layer)].entries()) {
    const values = randomTensor(variable.shape, 40 + index);
    variable.assign(name === 'moving_variance' ? tf.add(tf.square(values), 0.25) : values);
  }
}

/** The same layer in two ways, on the same weights: fused, and as stock layers one after the other. */
interface Pair {
  readonly fused: QLayer;
  readonly plain: tf.layers.Layer;
  readonly norm: tf.layers.Layer;
  readonly shape: readonly number[];
  /** Whether the normalisation comes first. */
  readonly normFirst?: boolean;
}

const batchNorm = { momentum: 0.75, epsilon: 0.125 } as const;

function copyWeights({ fused, plain, norm }: Pair): void {
  const from = variables(fused);
  const to = variables(plain, norm);
  const renamed: Record<string, string> = { bn_gamma: 'gamma', bn_beta: 'beta' };
  for (const [name, variable] of from) {
    const target = to.get(renamed[name] ?? name) ?? (name === 'bias' ? to.get('beta') : undefined);
    if (target == null) throw new Error(`nothing stands for ${name}`);
    target.assign(variable.clone());
  }
}

function stock({ plain, norm, normFirst }: Pair, x: tf.Tensor, training: boolean): tf.Tensor {
  const layers = normFirst ? [norm, plain] : [plain, norm];
  return layers.reduce((y, layer) => layer.apply(y, { training }) as tf.Tensor, x);
}

const pairs: Record<string, () => Pair> = {
  qBatchNormalization: () => ({
    fused: qBatchNormalization({ ...unquantised, ...batchNorm }),
    plain: tf.layers.activation({ activation: 'linear' }),
    norm: tf.layers.batchNormalization({ ...batchNorm }),
    shape: [3, 2, 4],
  }),
  qDenseBatchNorm: () => ({
    fused: qDenseBatchNorm({ ...unquantised, ...batchNorm, units: 3 }),
    plain: tf.layers.dense({ units: 3, useBias: false }),
    norm: tf.layers.batchNormalization({ ...batchNorm }),
    shape: [2, 5],
  }),
  qConv2DBatchNorm: () => ({
    fused: qConv2DBatchNorm({ ...unquantised, ...batchNorm, filters: 2, kernelSize: 2, strides: 2, padding: 'same' }),
    plain: tf.layers.conv2d({ filters: 2, kernelSize: 2, strides: 2, padding: 'same', useBias: false }),
    norm: tf.layers.batchNormalization({ ...batchNorm }),
    shape: [5, 4, 3],
  }),
  qBatchNormDense: () => ({
    fused: qBatchNormDense({ ...unquantised, ...batchNorm, units: 3 }),
    plain: tf.layers.dense({ units: 3 }),
    norm: tf.layers.batchNormalization({ ...batchNorm }),
    shape: [5],
    normFirst: true,
  }),
};

describe.each(['cpu', 'wasm'] as const)('batch normalisation on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  describe.each(Object.entries(pairs))('%s without quantizers', (_, make) => {
    const prepared = (): Pair & { readonly x: tf.Tensor } => {
      const pair = make();
      const x = tf.add(tf.mul(randomTensor([6, ...pair.shape], 3), 2), 0.5);
      pair.fused.apply(x);
      stock(pair, x, false);
      randomise(pair.fused);
      copyWeights(pair);
      return { ...pair, x };
    };

    it('infers as the stock layers one after the other', () => {
      const { x, ...pair } = prepared();
      expect(largestDifference(pair.fused.apply(x) as tf.Tensor, stock(pair, x, false))).toBeLessThan(1e-5);
    });

    it('trains as they do: output, gradients, moving statistics', () => {
      const { x, ...pair } = prepared();
      const run = (f: (a: tf.Tensor) => tf.Tensor): { value: tf.Tensor; grad: tf.Tensor } => {
        const square = (a: tf.Tensor): tf.Tensor => tf.sum(tf.mul(tf.square(f(a)), randomTensor(f(a).shape, 8)));
        return { value: f(x), grad: tf.grad(square)(x) };
      };
      const fused = run((a) => pair.fused.apply(a, { training: true }) as tf.Tensor);
      const reference = run((a) => stock(pair, a, true));
      expect(largestDifference(fused.value, reference.value)).toBeLessThan(2e-5);
      expect(largestDifference(fused.grad, reference.grad)).toBeLessThan(1e-4);
      const [own, theirs] = [variables(pair.fused), variables(pair.plain, pair.norm)];
      for (const name of ['moving_mean', 'moving_variance']) {
        expect(largestDifference(own.get(name)!, theirs.get(name)!), name).toBeLessThan(1e-4);
      }
    });

    it('changes its statistics in training only, and not when frozen', () => {
      const { x, fused } = prepared();
      const statistics = (): number[] =>
        ['moving_mean', 'moving_variance'].flatMap((name) => [...variables(fused).get(name)!.dataSync()]);
      const before = statistics();
      fused.apply(x);
      fused.apply(x, { tracing: true });
      expect(statistics()).toEqual(before);
      fused.trainable = false;
      const frozen = fused.apply(x, { training: true }) as tf.Tensor;
      expect(statistics()).toEqual(before);
      expect(largestDifference(frozen, fused.apply(x) as tf.Tensor)).toBe(0);
      fused.trainable = true;
      fused.apply(x, { training: true });
      expect(statistics()).not.toEqual(before);
    });
  });
});

describe('batch normalisation', () => {
  beforeAll(() => setBackend('cpu'));

  it('has the gradients that finite differences show, through the moments too', () => {
    const layer = qBatchNormalization({ ...unquantised, ...batchNorm });
    const x = randomTensor([5, 3], 1);
    layer.apply(x);
    randomise(layer);
    const loss = (a: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(tf.square(layer.apply(a, { training: true }) as tf.Tensor), randomTensor([5, 3], 2)));
    expect(gradientDeviation(loss, [x])).toBeLessThan(1e-2);
  });

  it('trains gamma and beta, or neither', () => {
    const input = (): tf.SymbolicTensor => tf.input({ shape: [4] });
    const names = (layer: tf.layers.Layer): string[] => {
      layer.apply(input());
      return layer.trainableWeights.map((weight) => weight.originalName.split('/').at(-1) as string);
    };
    expect(names(qBatchNormalization(unquantised))).toEqual(['bn_gamma', 'bn_beta']);
    expect(names(qBatchNormalization({ ...unquantised, center: false, scale: false }))).toEqual([]);
    expect(names(qDenseBatchNorm({ ...unquantised, units: 2 }))).toEqual(['kernel', 'bias', 'bn_gamma']);
    expect(names(qDenseBatchNorm({ ...unquantised, units: 2, center: false }))).toEqual(['kernel', 'bn_gamma']);
    expect(names(qBatchNormDense({ ...unquantised, units: 2, scale: false }))).toEqual(['kernel', 'bias']);
  });

  it('without center adds no offset of its own', () => {
    const layer = qBatchNormalization({ ...unquantised, center: false, epsilon: 0 });
    layer.apply(tf.input({ shape: [2] }));
    const state = variables(layer);
    state.get('moving_mean')!.assign(tf.tensor1d([1, -2]));
    state.get('moving_variance')!.assign(tf.tensor1d([4, 0.25]));
    const y = layer.apply(tf.tensor2d([3, -1], [1, 2])) as tf.Tensor;
    expect([...y.dataSync()]).toEqual([1, 2]);
  });

  it('quantises the fused scale and offset, in all contexts', () => {
    const fixed = { qType: 'kif', overflowMode: 'SAT_SYM', i0: 2, f0: 1, trainable: false } as const;
    const layer = qBatchNormalization({ enableIq: false, kqConf: fixed, bqConf: fixed, epsilon: 0 });
    layer.apply(tf.input({ shape: [1] }));
    const state = variables(layer);
    state.get('bn_gamma')!.assign(tf.tensor1d([1.3]));
    state.get('moving_mean')!.assign(tf.tensor1d([0.6]));
    // s = 1.3 → 1.5, o = −0.78 → −1 (RND: ⌊−1.56 + ½⌋ / 2).
    expect((layer.apply(tf.tensor2d([[2]])) as tf.Tensor).dataSync()[0]).toBe(2);
    // A batch of mean 0.5 and variance 0.25: s = 2.6 → 2.5, o = −1.3 → −1.5.
    const trained = layer.apply(tf.tensor2d([[0], [1]]), { training: true }) as tf.Tensor;
    expect([...trained.dataSync()]).toEqual([-1.5, 1]);
  });

  it('refuses what it cannot do, naming the layer', () => {
    const input = tf.input({ shape: [4, 3] });
    expect(() => qBatchNormalization({ axis: 3, name: 'bn' }).apply(input)).toThrow(
      /Layer 'bn': axis = 3; expected an axis from 1 to 2/,
    );
    expect(() => qBatchNormalization({ axis: 2 }).apply(input)).not.toThrow();
    expect(() => qBatchNormalization({ momentum: 1.5, name: 'bn' })).toThrow(/Layer 'bn': momentum = 1.5/);
    expect(() => qDenseBatchNorm({ units: 0, name: 'd' })).toThrow(/Layer 'd': units = 0/);
  });
});
