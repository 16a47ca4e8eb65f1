import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultNetwork, sparseImages } from '../../test/support/default-network.ts';
import { mismatches } from '../../test/support/mismatches.ts';
import type { QuantizerOptions } from '../config/quantizer-settings.ts';
import {
  averagePooling2DSparse,
  inputReduce,
  lower,
  maxPooling2DSparse,
  qAveragePooling2D,
  qDense,
  qMaxPooling2D,
  quantizer,
  setBackend,
  sparseFlatten,
  traceMinMax,
} from '../index.ts';
import type { LowerOptions } from './lower.ts';

// The cpu backend sums in double precision.
beforeAll(() => setBackend('wasm'));

type InputType = NonNullable<LowerOptions['inputType']>;
type Symbolic = tf.SymbolicTensor;

/** Layers that lowering warns of, and layers in which inference and graph differ for these inputs. */
function judged(model: tf.LayersModel, x: tf.Tensor, inputType: InputType): { warned: string[]; differ: string[] } {
  const warned: string[] = [];
  const graph = lower(model, {
    inputType,
    report: ({ kind, layer, message }) => {
      if (kind !== 'warning') return;
      expect(message).toMatch(/float32 inference in tfjs holds 24/);
      warned.push(layer);
    },
  });
  const differ = Object.entries(mismatches(model, graph, x)).flatMap(([layer, count]) => (count > 0 ? [layer] : []));
  return { warned, differ };
}

const fixed: QuantizerOptions = { k0: false, trainable: false, overflowMode: 'SAT', heterogeneousAxis: [-1] };
const above = (bits: number, j: number): number => (2 ** bits + (Math.imul(j + 1, 0x9e3779b1) >>> 29)) / 2 ** bits;

/** One dense unit with whole weights behind an input quantizer. */
function unit(weights: readonly number[], iqConf: QuantizerOptions): tf.LayersModel {
  const input = tf.input({ shape: [weights.length] });
  const kqConf = { qType: 'kif', k0: true, i0: 12, f0: 0, trainable: false, overflowMode: 'SAT_SYM' } as const;
  const layer = qDense({
    units: 1,
    useBias: false,
    enableEbops: false,
    name: 'd',
    kqConf,
    iqConf: { ...fixed, ...iqConf },
  });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as Symbolic });
  layer.kernel.write(tf.tensor2d(weights as number[], [weights.length, 1]));
  return model;
}

/** Average, perhaps maximum, then a quantizer, of sparse or dense images. */
function pooled(kind: 'sparse' | 'dense', cell: number, maximum: number, f0: number): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 1], name: 'image' });
  const cells = maximum === 1 ? [cell] : [cell, maximum];
  let x: Symbolic;
  if (kind === 'dense') {
    const common = (j: number) => ({ enableIq: false, enableEbops: false, poolSize: cells[j], name: `pool${j}` });
    x = qAveragePooling2D(common(0)).apply(input) as Symbolic;
    if (maximum > 1) x = qMaxPooling2D(common(1)).apply(x) as Symbolic;
    x = tf.layers.flatten().apply(x) as Symbolic;
  } else {
    let list = inputReduce({ n: 36, threshold: 0 }).apply(input) as Symbolic[];
    list = averagePooling2DSparse({ poolSize: cell, name: 'pool0' }).apply(list) as Symbolic[];
    if (maximum > 1) list = maxPooling2DSparse({ poolSize: maximum, name: 'pool1' }).apply(list) as Symbolic[];
    x = sparseFlatten().apply(list) as Symbolic;
  }
  const config: QuantizerOptions = { ...fixed, i0: 1, f0, fc: null, roundMode: 'TRN' };
  return tf.model({ inputs: input, outputs: quantizer({ config, name: 'q' }).apply(x) as Symbolic });
}

describe.each(['sparse', 'dense'] as const)('%s pooling', (kind) => {
  it('warns of averages that float32 rounds', () => {
    const images = tf.tensor4d(
      Float32Array.from({ length: 36 * 16 }, (_, j) => above(23, j)),
      [16, 6, 6, 1],
    );
    const result = judged(pooled(kind, 2, 1, 23), images, { k: 0, i: 1, f: 23 });
    expect(result.warned).toEqual(['pool0']);
    expect(result.differ).toContain('q');
  });

  it('compares and rounds exact fractions, and warns where the quantizer behind them is wide', () => {
    const images = tf.tensor4d(
      Float32Array.from({ length: 36 * 64 }, (_, j) => above(23, j)),
      [64, 6, 6, 1],
    );
    const { warned, differ } = judged(pooled(kind, 3, 2, 23), images, { k: 0, i: 1, f: 23 });
    expect(warned).toEqual([]);
    expect(differ).not.toContain('q');
    expect(judged(pooled(kind, 3, 2, 26), images, { k: 0, i: 1, f: 23 })).toMatchObject({ warned: ['q'] });
  });
});

describe('sums', () => {
  it('are judged by their largest part, where large terms cancel', () => {
    const x = tf.tensor2d(
      Float32Array.from({ length: 256 }, (_, j) => ((j * 89) % 256) / 256),
      [64, 4],
    );
    const behindOffset = unit([3, 3, -3, -3], { i0: 0, f0: 8, affine: [1, 32768] });
    expect(judged(behindOffset, x, { k: 0, i: 0, f: 8 })).toEqual({ warned: ['d'], differ: ['d'] });
    const narrow = unit([3, 3, -3, -3], { i0: 0, f0: 8, affine: [1, 128] });
    expect(judged(narrow, x, { k: 0, i: 0, f: 8 })).toEqual({ warned: [], differ: [] });
  });

  it('with an offset are judged like others', () => {
    const input = tf.input({ shape: [4] });
    const config: QuantizerOptions = { ...fixed, i0: 0, f0: 8, affine: [1, 2 ** 20] };
    const model = tf.model({ inputs: input, outputs: quantizer({ config, name: 'q' }).apply(input) as Symbolic });
    expect(judged(model, tf.ones([1, 4]), { k: 0, i: 0, f: 8 }).warned).toEqual(['q']);
  });

  it('of terms that may be 0 are no larger in part than as a whole', () => {
    // 2^12 · 4095 < 2^24 to either side, though all terms together have twice that magnitude.
    const x = tf.tensor2d([4095, 0, 0, 4095, 4095, 4095], [3, 2]);
    const model = unit([4095, -4095], { i0: 12, f0: 0 });
    expect(judged(model, x, { k: 0, i: 12, f: 0 })).toEqual({ warned: [], differ: [] });
  });

  it('of an ordinary network need no warning', () => {
    const model = defaultNetwork();
    const images = sparseImages(16, 12, 3);
    traceMinMax(model, images);
    expect(judged(model, images, 'ap_ufixed<5,1>')).toEqual({ warned: [], differ: [] });
  });
});
