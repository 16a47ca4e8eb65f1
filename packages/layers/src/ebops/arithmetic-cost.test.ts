import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { qEinsumDense, qSoftmax, qSum, qUnaryFunctionLUT, setBackend } from '../index.ts';
import { einsumCost } from './einsum-cost.ts';
import { carryCost, productCost, widestCost } from './merge-cost.ts';
import type { CostFunction } from './operand.ts';
import { gruCost, simpleRnnCost } from './recurrent-cost.ts';
import { softmaxCost } from './softmax-cost.ts';
import { groupSumCost } from './sum-cost.ts';
import { tableCost } from './table-cost.ts';

/** Different random widths, so that no two tie. */
function widths(sizes: readonly number[], seed: number): Float64Array[] {
  const random = seededRandom(seed);
  return sizes.map((size) => Float64Array.from({ length: size }, () => 8 * random()));
}

/** Largest difference between a cost's derivatives and central differences. */
function slopeError(cost: CostFunction, bits: readonly Float64Array[]): number {
  const { gradients } = cost(bits);
  let worst = 0;
  for (const [t, operand] of bits.entries()) {
    for (const j of operand.keys()) {
      const at = (shift: number): number =>
        cost(bits.map((other, k) => (k === t ? other.map((width, q) => (q === j ? width + shift : width)) : other)))
          .value;
      worst = Math.max(worst, Math.abs((at(1e-5) - at(-1e-5)) / 2e-5 - gradients[t][j]));
    }
  }
  return worst;
}

const cell = { inputs: 2, units: 3, parallelizationFactor: 2 };
const sizes = new Map([...'bijkq'].map((label, j) => [label, [1, 2, 3, 4, 2][j]]));

describe('costs', () => {
  it.each<[string, CostFunction, readonly number[]]>([
    ['additions', carryCost(0.65), [6, 6, 6]],
    ['differences', widestCost, [6, 6]],
    ['products', productCost, [6, 6, 6]],
    ['sums', ([x]) => groupSumCost(x, [1, 3, 4], [1, 3, 1], 0.65), [12]],
    ['tables', ([x, y]) => tableCost(x, y), [5, 5]],
    ['einsums', (bits) => einsumCost(['bijq', 'bjk', 'bk'], sizes, bits), [12, 12, 4]],
    ['softmax', softmaxCost({ shape: [1, 2, 3], sums: [1, 2, 1], stable: true, share: 0.5 }), [6, 6, 2, 2]],
    ['softmax, iq', softmaxCost({ shape: [1, 2, 3], sums: [1, 2, 1], stable: true, share: 1 }), [6, 6, 2, 2, 6]],
    ['softmax, unstable', softmaxCost({ shape: [1, 4], sums: [1, 1], stable: false, share: 1 }), [4, 4, 1, 1, 4]],
    ['a recurrence', simpleRnnCost({ ...cell, steps: 4 }), [8, 6, 3, 9, 3]],
    ['a gated recurrence', gruCost({ ...cell, resetAfter: true }), [2, 18, 3, 27, 6, 3, 3, 18]],
    ['a gated recurrence, reset in front', gruCost({ ...cell, resetAfter: false }), [2, 18, 3, 27, 6, 3, 3, 9]],
    ['a gated recurrence without bias', gruCost({ ...cell, resetAfter: false }), [2, 18, 3, 27, 6, 3, 3]],
  ])('of %s have the derivatives they claim', (_, cost, lengths) => {
    expect(slopeError(cost, widths(lengths, 3))).toBeLessThan(1e-6);
  });

  it('take the first of operands of equal width, as TensorFlow does', () => {
    const two = [new Float64Array([3]), new Float64Array([3])];
    expect(carryCost(1)(two)).toEqual({ value: 3, gradients: [new Float64Array([0]), new Float64Array([1])] });
    expect(widestCost(two).gradients).toEqual([new Float64Array([1]), new Float64Array([0])]);
  });

  it('of an einsum count every product', () => {
    const [a, b] = widths([6, 12], 9);
    let expected = 0;
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) expected += a[i * 3 + j] * b[j * 4 + k];
    }
    expect(einsumCost(['bij', 'bjk'], sizes, [a, b]).value).toBeCloseTo(expected, 9);
  });
});

describe('read-outs', () => {
  beforeAll(() => setBackend('cpu'));
  const lane = (f0: number) => ({ i0: 2, f0, overflowMode: 'SAT_SYM' }) as const;

  it('are cut to whole numbers, and nothing without quantizers', () => {
    const input = tf.input({ shape: [4] });
    const sum = qSum({ iqConf: lane(3) });
    sum.apply(input);
    expect(sum.ebops).toBe(9);
    const lut = qUnaryFunctionLUT({ activation: 'exp', enableOq: false });
    lut.apply(input);
    expect([lut.enableEbops, lut.ebops]).toEqual([false, 0]);
  });

  it('of a softmax without input quantizer exist when asked for', () => {
    const input = tf.input({ shape: [4] });
    const tables = { expIqConf: lane(3), expOqConf: { b0: 6 }, invIqConf: lane(3), invOqConf: { b0: 7 } };
    const counted = qSoftmax({ ...tables, enableEbops: true });
    counted.apply(input);
    expect(counted.ebops).toBe(206);
    const silent = qSoftmax(tables);
    silent.apply(input);
    expect(silent.ebops).toBe(0);
    expect(() => qSoftmax({ name: 's', stable: false, enableEbops: true })).toThrow(/Layer 's'.*Set enableIq: true/);
  });

  it('scale with the positions computed at once', () => {
    const make = (parallelizationFactor: number): number => {
      const layer = qEinsumDense({
        equation: 'bij,jk->bik',
        outputShape: [2, 4],
        parallelizationFactor,
        iqConf: lane(3),
      });
      layer.apply(tf.input({ shape: [2, 3] }));
      return layer.ebops;
    };
    expect(make(1) * 2).toBe(make(-1));
  });
});
