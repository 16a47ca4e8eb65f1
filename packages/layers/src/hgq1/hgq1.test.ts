import { interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { namedVariables, setVariable } from '../model/model-state.ts';
import {
  bnFold,
  modelQuantize,
  parseQuantizer,
  printQStats,
  type QKerasAffine,
  qkerasActivation,
  qkerasDense,
} from '../qkeras/index.ts';
import { exactKif, minimalWidths } from './exact-bits.ts';
import {
  getDefaultKqConf,
  getDefaultPaqConf,
  type HDense,
  hActivation,
  hCalibratedBops,
  hConv1D,
  hDense,
  hFreeBops,
  hQuantize,
  hResetMinMax,
  hTraceMinMax,
  pFlatten,
  setDefaultKqConf,
  signature,
  toProxyModel,
  widthReport,
} from './index.ts';

beforeAll(() => setBackend('cpu'));

const close = (values: ArrayLike<number>, digits = 6): unknown[] =>
  Array.from(values, (value) => expect.closeTo(value, digits));

/** hgq1.md §7.4: two inputs, two outputs. */
function example(): { readonly model: tf.LayersModel; readonly dense: HDense } {
  const input = tf.input({ shape: [2] });
  const dense = hDense({ name: 'd', units: 2, activation: 'relu', paqConf: { l1: 0 }, kqConf: { l1: 0 } });
  const q = hQuantize({ name: 'q', paqConf: { l1: 0 } }).apply(input);
  const model = tf.model({ inputs: input, outputs: dense.apply(q) as tf.SymbolicTensor });
  const set: Readonly<Record<string, readonly number[]>> = {
    'q/activation_bw': [1, 2],
    'd/kernel': [0.8, -0.5, 0.2, 1.4],
    'd/kernel_bw': [2, 1, 2, 1],
    'd/bias': [0.125, -0.25],
    'd/activation_bw': [2, 1],
  };
  const variables = namedVariables(model);
  for (const [name, values] of Object.entries(set))
    setVariable(variables.get(name) as tf.Variable, Float32Array.from(values));
  return { model, dense };
}

const rows = (): tf.Tensor2D => tf.tensor2d([0.3, -0.6, 1.2, 0.9], [2, 2]);

describe('the numbers of hgq1.md §7', () => {
  it('quantises by strategy (7.1) with their gradients (7.2)', () => {
    const x = [0.3, -0.3, 0.375, -0.375, 0.125, -0.125];
    const of = (rndStrategy: 'standard_round' | 'floor'): { y: number[]; db: number[] } => {
      const layer = hQuantize({ paqConf: { rndStrategy, initBw: 2, l1: 0 } });
      const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [6] }), layer] });
      const { value, grads } = tf.variableGrads(
        () => tf.sum(model.apply(tf.tensor2d(x, [1, 6]), { training: true }) as tf.Tensor) as tf.Scalar,
      );
      value.dispose();
      const y = Array.from((model.predict(tf.tensor2d(x, [1, 6])) as tf.Tensor).dataSync(), (v) => v + 0);
      return { y, db: Array.from(Object.values(grads)[0].dataSync()) };
    };
    expect(of('floor').y).toEqual([0.25, -0.5, 0.25, -0.5, 0, -0.25]);
    const { y, db } = of('standard_round');
    expect(y).toEqual([0.25, -0.25, 0.5, -0.25, 0.25, 0]);
    expect(db).toEqual(close([0.034657, -0.034657, -0.086643, -0.086643, -0.086643, -0.086643], 5));
  });

  it('derives exact bits from ranges and weights (7.3)', () => {
    const [f, min, max] = [
      [2, 2, 2, 2, 3],
      [0, -1, -1.25, 0.5, 0],
      [0, 0.75, 1, 2, 1.875],
    ];
    const list = ({ k, i, f: bits }: ReturnType<typeof exactKif>): number[][] =>
      Array.from(k, (sign, j) => [sign, i[j], bits[j]]);
    expect(list(exactKif(f, min, max, false))).toEqual([
      [0, 0, 0],
      [1, 0, 2],
      [1, 1, 2],
      [0, 2, 2],
      [0, 1, 3],
    ]);
    expect(list(exactKif(f, min, max, true))).toEqual([
      [0, 0, 0],
      [0, 0, 2],
      [0, 1, 2],
      [0, 2, 2],
      [0, 1, 3],
    ]);
    expect(Array.from(minimalWidths([0.75, -0.5, 0.25, 1.5, 3, 2, 0, 0.625, -1]))).toEqual([2, 1, 1, 2, 2, 1, 0, 3, 1]);
  });

  it('computes a dense layer, its gradients, ranges and BOPs (7.4)', () => {
    const { model, dense } = example();
    const weights = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const variables = namedVariables(model);
    let y: number[] = [];
    const { grads } = tf.variableGrads(() => {
      const out = model.apply(rows(), { training: true }) as tf.Tensor;
      y = Array.from(out.dataSync());
      return tf.sum(tf.mul(out, weights)) as tf.Scalar;
    });
    expect(y).toEqual([0.5, 0, 1.25, 1]);
    const gradient = (name: string): number[] =>
      Array.from(grads[(variables.get(name) as tf.Variable).name].dataSync());
    expect(gradient('q/activation_bw')).toEqual(close([-0.0693147, -0.4852031]));
    expect(gradient('d/kernel')).toEqual(close([3.5, 4, 2.5, 4]));
    expect(gradient('d/kernel_bw')).toEqual(close([0.1213008, 0, -0.0866434, -0.2772589]));
    expect(gradient('d/activation_bw')).toEqual(close([-0.3465736, -Math.LN2]));
    expect(Array.from(dense.paq.range.min)).toEqual([0.5, -1]);
    expect(Array.from(dense.paq.range.max)).toEqual([1.25, 1]);
    const bops = tf.variableGrads(() => tf.mul(dense.countBops(false), 0.01) as tf.Scalar);
    expect(bops.value.dataSync()[0]).toBeCloseTo(0.18, 6);
    const ofBops = (name: string): number[] =>
      Array.from(bops.grads[(variables.get(name) as tf.Variable).name].dataSync());
    expect(ofBops('q/activation_bw')).toEqual(close([0.03, 0.03]));
    expect(ofBops('d/kernel_bw')).toEqual(close([0.02, 0.02, 0.04, 0.04]));
  });

  it('makes its proxies, wrapping and saturating (7.5)', () => {
    const { model } = example();
    hTraceMinMax(model, rows());
    const run = (aggressive: boolean, x: readonly number[]): number[] => {
      const graph = toProxyModel(model, { aggressive });
      const node = graph.nodes.find(({ name }) => name === graph.outputs[0]);
      const codes = Array.from(interpret(graph, x).outputs[graph.outputs[0]].codes, Number);
      return codes.map((code, j) => code * 2 ** -(node?.format.f[j % (node?.format.f.length ?? 1)] ?? 0));
    };
    for (const aggressive of [true, false]) expect(run(aggressive, [0.3, -0.6, 1.2, 0.9])).toEqual([0.5, 0, 1.25, 1]);
    expect(run(true, [3, 0])).toEqual([1, 0]);
    expect(run(false, [3, 0])).toEqual([1.5, 0]);
    expect(run(true, [-0.4, 2.2])).toEqual([1, 0.5]);
    expect(run(false, [-0.4, 2.2])).toEqual([0.75, 1.5]);
  });

  it('counts BOPs of convolutions by parallel factor and border (7.6)', () => {
    const bops = (padding: string, parallelFactor: number): number => {
      const input = tf.input({ shape: [4, 1] });
      const s = signature({ keepNegative: 0, bits: 3, intBits: 3 }).apply(input);
      const layer = hConv1D({ name: 'c', filters: 1, kernelSize: 2, padding, parallelFactor, useBias: false });
      const model = tf.model({ inputs: input, outputs: layer.apply(s) as tf.SymbolicTensor });
      const set = namedVariables(model);
      setVariable(set.get('c/kernel') as tf.Variable, Float32Array.from([0.75, 0.5]));
      setVariable(set.get('c/kernel_bw') as tf.Variable, Float32Array.from([2, 1]));
      return hTraceMinMax(model, tf.ones([2, 4, 1]));
    };
    expect([bops('valid', 1), bops('valid', 3), bops('same', 1)]).toEqual([9, 27, 8.25]);
  });

  it('folds batch normalisations as mathematics has it (7.9)', () => {
    const folded = bnFold({ kernel: [2], bias: [0.5], mean: [0.5], variance: [4] });
    expect(folded.kernel[0]).toBeCloseTo(0.999875, 6);
    expect(folded.bias[0]).toBeCloseTo(0, 6);
    const after = bnFold({ kernel: [2], bias: [0.5], mean: [0.005], variance: [1.03] });
    expect([after.kernel[0], after.bias[0]]).toEqual(close([1.9697026, 0.4875014]));
  });
});

describe('HGQ v1 words', () => {
  it('widens ranges by the cover factor', () => {
    const layer = hQuantize({ name: 'q', paqConf: { initBw: 1 } });
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [1] }), layer] });
    const cover = (coverFactor: number): number[] => {
      hTraceMinMax(model, tf.tensor2d([-1, 3], [2, 1]), { coverFactor });
      const { k, i, f } = layer.paq.exact(false);
      return [k[0], i[0], f[0]];
    };
    expect([cover(1), cover(1.5), cover(0.25)]).toEqual([
      [1, 2, 1],
      [1, 3, 1],
      [0, 1, 1],
    ]);
    expect(() => cover(0)).toThrow(/coverFactor = 0/);
  });

  it('adapts kernel bits to the kernel', () => {
    const layer = hDense({ name: 'd', units: 1, kqConf: { initBw: 2 } });
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [4] }), hQuantize(), layer] });
    setVariable(namedVariables(model).get('d/kernel') as tf.Variable, Float32Array.from([1.5, 0.375, -0.1, 4]));
    setVariable(layer.kq.fbw, Float32Array.from([2, 2, 2, 2]));
    layer.adaptKernelBits();
    expect(Array.from(layer.kq.fbw.dataSync())).toEqual(close([1.41504, 3.41504, 5.32193, 0], 4));
  });

  it('keeps defaults and refuses incomplete or unknown settings', () => {
    const before = getDefaultKqConf();
    setDefaultKqConf({ ...before, initBw: 5 });
    expect(hDense({ units: 1 }).kq.config.initBw).toBe(5);
    setDefaultKqConf(before);
    expect(getDefaultPaqConf().skipDims).toEqual([0]);
    expect(() => setDefaultKqConf({ initBw: 3 } as typeof before)).toThrow(/missing/);
    expect(() => hDense({ units: 1, kqConf: { bits: 3 } as object })).toThrow(/no setting 'bits'/);
    expect(() => hDense({ units: 1, activation: 'tanh' })).toThrow(/hActivation/);
    expect(() => hActivation({ activation: 'nonsense' })).toThrow(/nonsense/);
    const first = { filters: 1, kernelSize: 1, dataFormat: 'channelsFirst' };
    expect(() => hConv1D(first)).toThrow(/only 'channelsLast'/);
  });

  it('needs a quantizer first, and a trace before a proxy', () => {
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [3] }), hDense({ units: 2 })] });
    expect(() => hTraceMinMax(model, tf.ones([1, 3]))).toThrow(/hQuantize or signature/);
    const { model: untraced } = example();
    expect(() => toProxyModel(untraced)).toThrow(/hTraceMinMax/);
  });

  it('refuses widths beyond the limit, and both vocabularies in one model', () => {
    const { model } = example();
    hTraceMinMax(model, rows());
    const widest = widthReport(toProxyModel(model))[0];
    expect(() => toProxyModel(model, { widthLimit: widest.width - 1 })).toThrow(
      new RegExp(`needs ${widest.width} bits`),
    );
    const mixed = tf.sequential({
      layers: [
        tf.layers.inputLayer({ inputShape: [3] }),
        hQuantize(),
        qkerasDense({ units: 1, kernelQuantizer: 'quantized_bits(4,0,1,alpha=1)' }),
      ],
    });
    expect(() => toProxyModel(mixed)).toThrow(/one kind/);
  });

  it('has the callbacks', () => {
    const { model, dense } = example();
    const logs: Record<string, number> = {};
    hCalibratedBops(model, rows()).onEpochEnd(0, logs);
    expect(logs['bops']).toBe(18);
    hFreeBops(model).onEpochEnd(0, logs);
    expect(logs['bops']).toBe(18);
    hResetMinMax(model).onEpochEnd(0, logs);
    expect(dense.paq.traced).toBe(false);
  });

  it('passes bits through layers without arithmetic', () => {
    const input = tf.input({ shape: [2, 2] });
    const s = signature({ keepNegative: 1, bits: [1, 2, 3, 4], intBits: 1 }).apply(input);
    const flat = pFlatten().apply(tf.layers.permute({ dims: [2, 1] }).apply(s));
    const layer = hDense({ name: 'd', units: 1, useBias: false });
    const model = tf.model({ inputs: input, outputs: layer.apply(flat) as tf.SymbolicTensor });
    const variables = namedVariables(model);
    setVariable(variables.get('d/kernel') as tf.Variable, Float32Array.from([0, 0.25, 0, 0.75]));
    setVariable(variables.get('d/kernel_bw') as tf.Variable, Float32Array.from([2, 2, 2, 2]));
    // Transposed: 1, 3, 2, 4 bits.
    expect(hTraceMinMax(model, tf.ones([1, 2, 2]))).toBe(3 * 1 + 4 * 2);
  });
});

describe('modelQuantize', () => {
  it('replaces layers as the dictionary says, with their weights', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'a', units: 3, inputShape: [2], activation: 'relu' }),
        tf.layers.dense({ name: 'b', units: 1 }),
      ],
    });
    const quantised = modelQuantize(model, {
      inputs: 'quantized_bits(8,1,alpha=1)',
      QActivation: { relu: 'quantized_relu(6,2)' },
      layers: {
        QDense: { kernelQuantizer: 'quantized_bits(6,1,1,alpha=1)', biasQuantizer: 'quantized_bits(6,1,alpha=1)' },
      },
    });
    expect(quantised.getLayer('a')).toMatchObject({
      activation: { quantizer: parseQuantizer('quantized_relu(6,2)') },
    });
    expect(Array.from(quantised.getLayer('a').getWeights()[0].dataSync())).toEqual(
      Array.from(model.getLayer('a').getWeights()[0].dataSync()),
    );
    expect(toProxyModel(quantised, { aggressive: false }).outputs).toHaveLength(1);
    expect(printQStats(quantised)).toContain('smult_6_8');
    expect(() => modelQuantize(model, { layers: { QConv2D: {} } })).toThrow(/names no layer/);
  });

  it("takes QKeras' own dictionaries, and fills in activations", () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'a', units: 3, inputShape: [2], activation: 'relu' }),
        tf.layers.dense({ name: 'b', units: 1, activation: 'tanh' }),
      ],
    });
    const dictionary = {
      QDense: { kernel_quantizer: 'quantized_bits(4,0,1,alpha=1)', bias_quantizer: 'quantized_bits(4,1,alpha=1)' },
      b: { kernel_quantizer: 'binary(alpha=1)' },
    };
    const quantised = modelQuantize(model, dictionary, { activationBits: 5 });
    const [a, b] = ['a', 'b'].map((name) => quantised.getLayer(name) as QKerasAffine);
    expect(a.activation).toMatchObject({ quantizer: parseQuantizer('quantized_relu(5)') });
    expect(b.activation).toMatchObject({ quantizer: parseQuantizer('quantized_tanh(5)') });
    expect(b.quantizers.get('kernel')).toEqual(parseQuantizer('binary(alpha=1)'));
    const fresh = modelQuantize(model, dictionary, { transferWeights: false, activationBits: 5 });
    expect(fresh.getWeights()[0].dataSync()).not.toEqual(model.getWeights()[0].dataSync());
    expect(() => modelQuantize(model, { QDense: { kernel: 'binary' } as object })).toThrow(/setting 'kernel'/);
  });

  it('says which input has no format', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.inputLayer({ inputShape: [2] }),
        qkerasActivation({ name: 'r', activation: 'quantized_relu(6,2)' }),
      ],
    });
    expect(() => toProxyModel(model)).toThrow(/quantized_bits\(8,0,alpha=1\)/);
  });
});
