import * as h from '@sp/layers/hgq1';
import { type HKernelArgs, type HQuantizerConfig, namedVariables, setVariable } from '@sp/layers/internal';
import * as q from '@sp/layers/qkeras';
import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';

/** A random model with data for it. */
export interface RandomModel {
  readonly vocabulary: 'hgq1' | 'qkeras';
  readonly model: tf.LayersModel;
  /** 12 rows. */
  readonly x: Float32Array;
  readonly shape: readonly number[];
}

const rows = 12;

/** A random model of HGQ v1 (odd seeds) or QKeras (even seeds). */
export function randomLegacyModel(seed: number): RandomModel {
  const r = new Draw(seed);
  const rank = r.below(3);
  const shape = [[r.from(3, 7)], [r.from(6, 9), r.from(1, 2)], [r.from(5, 7), r.from(5, 7), r.from(1, 2)]][rank];
  const input = tf.input({ shape, name: `input${seed}` });
  const vocabulary = seed % 2 === 1 ? 'hgq1' : 'qkeras';
  const y = vocabulary === 'hgq1' ? hgq(r, input, rank) : qkeras(r, input, rank);
  const model = tf.model({ inputs: input, outputs: y, name: `random${seed}` });
  for (const [name, variable] of namedVariables(model)) {
    if (/kernel(_bw)?$|activation_bw$|bias$/.test(name)) {
      const values = Float32Array.from({ length: variable.size }, () =>
        name.endsWith('kernel_bw')
          ? r.between(0.6, 5)
          : name.endsWith('activation_bw')
            ? r.between(0.6, 4)
            : r.between(-1.2, 1.2),
      );
      setVariable(variable, values);
    }
  }
  const x = Float32Array.from({ length: rows * shape.reduce((a, b) => a * b, 1) }, () => r.between(-2, 2));
  return { vocabulary, model, x, shape: [rows, ...shape] };
}

function hgq(r: Draw, input: tf.SymbolicTensor, rank: number): tf.SymbolicTensor {
  const paqConf = (): Partial<HQuantizerConfig> => ({
    skipDims: r.pick(['all', 'batch', 'except_last', [0]] as const),
    rndStrategy: r.pick(['standard_round', 'floor', 'auto'] as const),
  });
  const kqConf = (): Partial<HQuantizerConfig> => ({ skipDims: r.pick(['none', 'all', 'except_last'] as const) });
  const kernel = (): HKernelArgs => ({
    paqConf: paqConf(),
    kqConf: kqConf(),
    activation: r.pick(['relu', 'linear']),
    useBias: r.below(4) > 0,
  });
  const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor =>
    layer.apply(x) as tf.SymbolicTensor;
  let y = apply(h.hQuantize({ paqConf: paqConf() }), input);
  if (rank > 0) {
    const conv = {
      ...kernel(),
      filters: r.from(1, 3),
      kernelSize: r.from(1, 3),
      padding: r.pick(['same', 'valid']),
      strides: r.from(1, 2),
      parallelFactor: 2,
    };
    y = apply(rank === 1 ? h.hConv1D(conv) : r.below(2) === 0 ? h.hConv2D(conv) : h.hConv2DBatchNorm(conv), y);
    const pool = { poolSize: 2, padding: 'valid' };
    if (y.shape.slice(1, -1).every((extent) => (extent as number) >= 2)) {
      const pools = rank === 1 ? [h.pMaxPooling1D, h.pAveragePooling1D] : [h.pMaxPooling2D, h.pAveragePooling2D];
      y = apply(r.pick(pools)(pool), y);
    }
    y = apply(h.pFlatten(), y);
  }
  const left = apply(h.hDense({ ...kernel(), units: 4 }), y);
  const right = apply(h.hDenseBatchNorm({ ...kernel(), units: 4 }), y);
  y = apply(r.pick([() => h.hAdd({ paqConf: paqConf() }), () => h.pConcatenate()])(), [left, right]);
  y = apply(h.hActivation({ activation: r.pick(['relu', 'linear', 'tanh', 'sigmoid']), paqConf: paqConf() }), y);
  return apply(h.hDense({ ...kernel(), units: r.from(1, 3) }), y);
}

function qkeras(r: Draw, input: tf.SymbolicTensor, rank: number): tf.SymbolicTensor {
  const bits = (): string => {
    const total = r.from(2, 6);
    return `quantized_bits(${total},${r.from(0, 2)},${r.below(2)},${r.below(4) === 0 ? 0 : 1},alpha=1)`;
  };
  const weights = (): string =>
    r.pick([
      bits,
      () => 'quantized_po2(4)',
      () => 'ternary(alpha=1)',
      () => 'binary(alpha=1)',
      () => "quantized_bits(4,0,1,alpha='auto_po2')",
    ])();
  const activation = (): string =>
    r.pick([
      bits,
      () => `quantized_relu(${r.from(2, 6)},${r.from(0, 2)})`,
      () => 'binary(alpha=1)',
      () => 'quantized_bits(1,0,alpha=1)',
    ])();
  const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor =>
    layer.apply(x) as tf.SymbolicTensor;
  let y = apply(q.qkerasActivation({ activation: 'quantized_bits(5,1,0,1,alpha=1)' }), input);
  if (rank > 0) {
    const common = { kernelSize: r.from(1, 3), padding: r.pick(['same', 'valid']) };
    const [kernelQuantizer, depthwiseQuantizer, pointwiseQuantizer] = [weights(), weights(), weights()];
    const biased = { ...common, biasQuantizer: bits() };
    const filters = r.from(1, 3);
    const plain = { ...biased, filters, kernelQuantizer };
    const separable = { ...biased, filters, depthwiseQuantizer, pointwiseQuantizer };
    const kinds =
      rank === 1
        ? [() => q.qkerasConv1D(plain), () => q.qkerasSeparableConv1D(separable)]
        : [
            () => q.qkerasConv2D(plain),
            () => q.qkerasDepthwiseConv2D({ ...biased, depthwiseQuantizer }),
            () => q.qkerasSeparableConv2D(separable),
          ];
    y = apply(r.pick<() => tf.layers.Layer>(kinds)(), y);
    y = apply(q.qkerasActivation({ activation: activation() }), y);
    if (rank === 2 && y.shape.slice(1, -1).every((extent) => (extent as number) >= 3)) {
      y = apply(
        q.qkerasAveragePooling2D({
          poolSize: r.from(2, 3),
          averageQuantizer: 'quantized_bits(6,0,1,alpha=1)',
          activation: bits(),
        }),
        y,
      );
    }
    y = apply(tf.layers.flatten(), y);
  }
  const dense = (units: number): tf.layers.Layer =>
    q.qkerasDense({
      units,
      kernelQuantizer: weights(),
      biasQuantizer: bits(),
      useBias: r.below(4) > 0,
      activation: activation(),
    });
  const [left, right] = [apply(dense(3), y), apply(dense(3), y)];
  y = apply(r.pick([() => tf.layers.add(), () => tf.layers.concatenate()])(), [left, right]);
  return apply(dense(r.from(1, 3)), y);
}

/** Seeded draws. */
class Draw {
  private readonly random: () => number;
  constructor(seed: number) {
    this.random = seededRandom(seed * 7919);
  }
  unit(): number {
    return this.random();
  }
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }
  from(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}
