import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientDeviation, gridTensor, largestDifference } from '../../test/support/compare.ts';
import {
  layerConfigScope,
  lower,
  type QEinsumDense,
  qDense,
  qEinsum,
  qEinsumDense,
  qLinformerAttention,
  qMultiHeadAttention,
  qSoftmax,
  setBackend,
  totalEbops,
  traceMinMax,
} from '../index.ts';

beforeAll(() => setBackend('cpu'));

type Symbolic = tf.SymbolicTensor;

const formats = {
  qkvoIqConf: { i0: 2, f0: 3 },
  qkvoOqConf: { i0: 2, f0: 4 },
  softmaxExpIqConf: { f0: 4, overflowMode: 'SAT' },
  softmaxOqConf: { i0: 1, f0: 6 },
} as const;

/** What attention with two heads of three features is, of layers that are tested elsewhere. */
function composed(): tf.LayersModel {
  const input = tf.input({ shape: [4, 5], name: 'x' });
  const io = { iqConf: formats.qkvoIqConf, enableOq: true, oqConf: formats.qkvoOqConf };
  const heads = (name: string, biasAxes: string | null): Symbolic =>
    qEinsumDense({ ...io, name, equation: 'abc,cde->abde', outputShape: [4, 2, 3], biasAxes }).apply(input) as Symbolic;
  const [query, key, value] = [heads('query', 'de'), heads('key', null), heads('value', 'de')];
  const plain = { enableIq: false };
  const scores = qEinsum({ ...plain, name: 'scores', equation: 'aecd,abcd->acbe' }).apply([key, query]) as Symbolic;
  const single = { homogeneousAxis: null, heterogeneousAxis: [] };
  const weights = qSoftmax({
    name: 'softmax',
    inputScaler: 1 / Math.sqrt(3),
    enableEbops: true,
    expIqConf: { ...formats.softmaxExpIqConf, ...single },
    invIqConf: single,
    enableOq: true,
    oqConf: formats.softmaxOqConf,
  }).apply(scores) as Symbolic;
  const mixture = qEinsum({ ...plain, name: 'mixture', equation: 'acbe,aecd->abcd' }).apply([
    weights,
    value,
  ]) as Symbolic;
  const output = qEinsumDense({
    iqConf: formats.qkvoIqConf,
    name: 'attention_output',
    equation: 'abcd,cde->abe',
    outputShape: [4, 5],
    biasAxes: 'e',
  }).apply(mixture) as Symbolic;
  return tf.model({ inputs: input, outputs: output });
}

function attention(options: Partial<Parameters<typeof qMultiHeadAttention>[0]> = {}): tf.LayersModel {
  const input = tf.input({ shape: [4, 5], name: 'x' });
  const layer = qMultiHeadAttention({ name: 'attention', numHeads: 2, keyDim: 3, ...formats, ...options });
  return tf.model({ inputs: input, outputs: layer.apply(input) as Symbolic });
}

/** `query/kernel` of one layer and `kernel` of a layer called query are the same. */
const shortName = (name: string): string => name.replace('attention/', '').replace(/_\d+$/, '');

describe('attention', () => {
  it('is its parts: outputs, EBOPs, losses and gradients', () => {
    tf.tidy(() => {
      const [whole, parts] = [attention(), composed()];
      const x = gridTensor([6, 4, 5], 1, 4);
      const named = (model: tf.LayersModel): Map<string, tf.Variable> =>
        new Map(
          model.layers.flatMap((layer) =>
            layer.weights.map((weight) => {
              const own = shortName(weight.originalName);
              const key = model === whole ? own : `${layer.name}/${own.split('/').slice(-2).join('/')}`;
              return [key.replace(/^(\w+)\/\1\//, '$1/'), weight.read() as tf.Variable];
            }),
          ),
        );
      const [ours, theirs] = [named(whole), named(parts)];
      const inBoth = [...theirs.keys()].filter((name) => ours.has(name));
      expect(inBoth.filter((name) => name.endsWith('kernel'))).toHaveLength(4);
      for (const name of inBoth) ours.get(name)?.assign(theirs.get(name) as tf.Tensor);
      const run = (model: tf.LayersModel, variables: Map<string, tf.Variable>): ReturnType<typeof tf.variableGrads> =>
        tf.variableGrads(
          () => {
            const y = model.apply(x, { training: true }) as tf.Tensor;
            const data = tf.sum(tf.mul(y, gridTensor(y.shape, 7, 5)));
            return tf.add(data, tf.addN(model.calculateLosses())) as tf.Scalar;
          },
          inBoth.map((name) => variables.get(name) as tf.Variable).filter(({ trainable }) => trainable),
        );
      const [mine, other] = [run(whole, ours), run(parts, theirs)];
      // The two sums of products cost what only the whole layer knows.
      const layer = whole.layers[1] as ReturnType<typeof qMultiHeadAttention>;
      const own = layer.lossTerms.find(({ name }) => name === 'ebops')?.value as number;
      expect(own).toBeGreaterThan(0);
      expect(mine.value.dataSync()[0] - own).toBeCloseTo(other.value.dataSync()[0], 4);
      for (const name of inBoth) {
        const [a, b] = [mine.grads[ours.get(name)?.name ?? ''], other.grads[theirs.get(name)?.name ?? '']];
        // Widths of queries, keys, values and weights count in the sums of products too.
        if (a == null || /^(query|key|value|softmax)\/oq\//.test(name)) continue;
        expect(largestDifference(a, b), name).toBeLessThan(1e-5);
      }
      traceMinMax(whole, x);
      traceMinMax(parts, x);
      const [y, z] = [whole, parts].map((model) => model.predict(x) as tf.Tensor);
      expect(largestDifference(y, z)).toBe(0);
      const bits = (part: QEinsumDense | typeof layer.parts.softmax): Float64Array =>
        (part.oq as NonNullable<typeof part.oq>).bits().values;
      const { query, key, value, softmax } = layer.parts;
      const [q, k, v, w] = [query, key, value, softmax].map(bits);
      let products = 0;
      for (let h = 0; h < 2; h++) {
        for (let i = 0; i < 4; i++) {
          for (let j = 0; j < 4; j++) {
            for (let d = 0; d < 3; d++) {
              products += q[(i * 2 + h) * 3 + d] * k[(j * 2 + h) * 3 + d];
              products += w[(h * 4 + i) * 4 + j] * v[(j * 2 + h) * 3 + d];
            }
          }
        }
      }
      expect(totalEbops(whole) - totalEbops(parts)).toBe(products);
    });
  });

  it('with a causal mask gives a position what those behind it cannot change', () => {
    // Without the largest score, which is that of all positions.
    const model = attention({ useCausalMask: true, stableSoftmax: false });
    const x = gridTensor([1, 4, 5], 1, 4);
    const changed = tf.concat([tf.slice(x, [0, 0, 0], [1, 3, 5]), gridTensor([1, 1, 5], 9, 4)], 1);
    traceMinMax(model, tf.concat([x, changed]));
    const [a, b] = [x, changed].map((data) => (model.predict(data) as tf.Tensor).arraySync() as number[][][]);
    expect(b[0].slice(0, 3)).toEqual(a[0].slice(0, 3));
    expect(b[0][3]).not.toEqual(a[0][3]);
  });

  it('without quantizers has the gradient it claims', () => {
    const dummy = { qType: 'dummy' } as const;
    const layer = qLinformerAttention({
      numHeads: 2,
      keyDim: 2,
      linKvProjDim: 2,
      enableIq: false,
      qkvoKqConf: dummy,
      qkvoIqConf: dummy,
      qkvoBqConf: dummy,
      qkvoOqConf: dummy,
      softmaxExpIqConf: dummy,
      softmaxExpOqConf: dummy,
      softmaxInvIqConf: dummy,
      softmaxInvOqConf: dummy,
      softmaxOqConf: dummy,
    });
    layer.apply(tf.input({ shape: [3, 2] }));
    const loss = (x: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(layer.apply(x) as tf.Tensor, gridTensor([2, 3, 2], 5, 4))) as tf.Scalar;
    expect(gradientDeviation(loss, [gridTensor([2, 3, 2], 3, 4)])).toBeLessThan(0.01);
  });

  it('shares an input quantizer where it is fused', () => {
    const roles = (fuse: 'none' | 'kv' | 'qkv'): string[] => {
      const layer = attention({ fuse }).layers[1] as ReturnType<typeof qMultiHeadAttention>;
      return [...layer.quantizers.keys()].filter((role) => /^(query|key|value)\/iq$/.test(role));
    };
    expect(roles('none')).toEqual(['query/iq', 'key/iq', 'value/iq']);
    expect(roles('kv')).toEqual(['query/iq', 'value/iq']);
    expect(roles('qkv')).toEqual(['value/iq']);
  });

  it('attends to a shorter sequence, over chosen axes of an image, and takes several features out', () => {
    const shape = (layer: tf.layers.Layer, ...shapes: number[][]): unknown => {
      const inputs = shapes.map((each) => tf.input({ shape: each }));
      return (layer.apply(inputs.length === 1 ? inputs[0] : inputs) as Symbolic).shape;
    };
    const size = { numHeads: 2, keyDim: 3, ...formats };
    expect(shape(qMultiHeadAttention({ ...size, valueDim: 1 }), [4, 5], [2, 3])).toEqual([null, 4, 5]);
    expect(shape(qMultiHeadAttention({ ...size, attentionAxes: 2, outputShape: [2, 3] }), [2, 3, 4])).toEqual([
      null,
      2,
      3,
      2,
      3,
    ]);
    expect(shape(qLinformerAttention({ ...size, linKvProjDim: [2, 1] }), [2, 3, 4])).toEqual([null, 2, 3, 4]);
  });

  it('derives the format of an input that only its projections quantise', () => {
    const model = attention();
    traceMinMax(model, gridTensor([6, 4, 5], 1, 4));
    expect(lower(model).nodes[0]).toMatchObject({ op: 'input', name: 'x' });
  });

  it('that is not stable does not lower with wide scores, and says what would', () => {
    const model = attention({ stableSoftmax: false, qkvoOqConf: { i0: 3, f0: 9 } });
    traceMinMax(model, gridTensor([6, 4, 5], 1, 8));
    expect(() => lower(model)).toThrow(/its scores have \d+ bits.*Use stableSoftmax: true/);
  });

  it('trains with stock fit without leaks, with one β for all parts', async () => {
    const input = tf.input({ shape: [3, 2] });
    const mixed = layerConfigScope({ beta0: 1e-7 }, () =>
      qMultiHeadAttention({ numHeads: 1, keyDim: 2, name: 'a' }).apply(input),
    ) as Symbolic;
    const last = qDense({ units: 1, beta0: 0 }).apply(tf.layers.flatten().apply(mixed) as Symbolic) as Symbolic;
    const model = tf.model({ inputs: input, outputs: last });
    const layer = model.getLayer('a') as ReturnType<typeof qMultiHeadAttention>;
    layer.beta = 1e-6;
    expect([layer.parts.query.beta, layer.parts.softmax.beta].map(Math.fround)).toEqual([1e-6, 1e-6].map(Math.fround));
    const x = gridTensor([64, 3, 2], 1, 3);
    const y = tf.tidy(() => tf.sum(x, [1, 2]).reshape([64, 1]));
    model.compile({ optimizer: tf.train.adam(0.03), loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    const [tensors, cost] = [tf.memory().numTensors, layer.ebops];
    const { history } = await model.fit(x, y, { epochs: 10, verbose: 0 });
    expect(tf.memory().numTensors).toBe(tensors);
    const loss = history['loss'] as number[];
    expect(loss.at(-1)).toBeLessThan(0.7 * loss[0]);
    expect(layer.ebops).toBeLessThan(cost);
  });

  it.each([
    [{ numHeads: 0 }, /numHeads = 0; expected whole numbers ≥ 1/],
    [{ keyDim: undefined }, /keyDim = undefined; expected/],
    [{ attentionAxes: [1, 1] }, /attentionAxes = \[1, 1\] of data of rank 3; expected different axes between/],
    [{ attentionAxes: [2] }, /attentionAxes = \[2\]/],
    [{ fuse: 'kvq' }, /fuse = 'kvq'; expected 'none', 'kv' or 'qkv'/],
    [{ iqConf: {} }, /the option 'iqConf' is called|unknown option 'iqConf'/],
  ])('refuses %o', (options, said) => {
    expect(() => attention(options as never)).toThrow(said);
  });

  it.each([
    [() => qLinformerAttention({ numHeads: 1, keyDim: 1, linKvProjDim: [2, 2] }), /2 numbers for 1 attention axes/],
    [() => qLinformerAttention({ numHeads: 1, keyDim: 1 } as never), /linKvProjDim = undefined; expected/],
    [
      () => qLinformerAttention({ numHeads: 1, keyDim: 1, linKvProjDim: 1, fuse: 'kv' } as never),
      /unknown option 'fuse'/,
    ],
  ])('to projected positions refuses what does not fit: %#', (make, said) => {
    expect(() => make().apply(tf.input({ shape: [3, 2] }))).toThrow(said);
  });

  it('refuses inputs that do not fit together', () => {
    const layer = (): tf.layers.Layer => qMultiHeadAttention({ numHeads: 1, keyDim: 1, name: 'a' });
    const [x, y] = [tf.input({ shape: [3, 2] }), tf.input({ shape: [4, 2] })];
    expect(() => layer().apply([x, x, y])).toThrow(/Layer 'a': inputs .* value and key with the same positions/);
    expect(() => layer().apply(tf.input({ shape: [null, 2] }))).toThrow(/with fixed sizes/);
  });
});
