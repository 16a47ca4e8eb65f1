import { type Format, quantize } from '@sp/quant';
import { ROUND_MODES } from '@sp/quant/internal';
import { minimalIntegerBitsForFraction, minimalIntegerBitsForWidth } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import golden from '../../test/fixtures/hgq2-vectors.json' with { type: 'json' };
import type { FixedPointParameters, FixedQuantizerConfig } from '../config/quantizer-settings.ts';
import { quantizerConfig, setBackend } from '../index.ts';
import type { CallContext } from './call-context.ts';
import { minMax } from './constraint.ts';
import { fixedQuantize } from './fixed-op.ts';
import { FixedQuantizer } from './fixed-quantizer.ts';
import { StateVariable } from './state-variable.ts';

type Parameters = Partial<FixedPointParameters>;

/** A quantizer with free-standing variables, for data of `shape` (leading null = batch). */
function make(qType: 'kbi' | 'kif', shape: readonly (number | null)[], parameters: Parameters): FixedQuantizer {
  const config = quantizerConfig({ qType, homogeneousAxis: [0], ...parameters }) as FixedQuantizerConfig;
  const quantizer = new FixedQuantizer(config, `test/${qType}`);
  quantizer.build(shape, ({ shape: bitShape, initial, trainable, constraint }) => {
    const variable = tf.variable(tf.fill([...bitShape], initial), trainable);
    return new StateVariable({ read: () => variable } as unknown as tf.LayerVariable, constraint);
  });
  return quantizer;
}

function run(quantizer: FixedQuantizer, x: readonly (readonly number[])[], context: CallContext): number[][] {
  return tf.tidy(() => quantizer.call(tf.tensor2d(x.map((row) => [...row])), context).arraySync() as number[][]);
}

/** `∂ Σ y / ∂ (x, parameters)` per element of a vector, with one format per element. */
function gradients(
  quantizer: FixedQuantizer,
  x: readonly number[],
): { y: number[]; dx: number[]; width: number[]; i: number[] } {
  return tf.tidy(() => {
    const { width, i } = quantizer.state;
    const input = tf.variable(tf.tensor1d([...x]));
    let y: number[] = [];
    const trained = [input, width.variable, i.variable].filter((variable) => variable.trainable);
    const { grads } = tf.variableGrads(() => {
      const out = quantizer.call(input, 'training');
      y = [...out.dataSync()];
      return tf.sum(out) as tf.Scalar;
    }, trained);
    const of = (variable: tf.Variable): number[] => [...(grads[variable.name]?.dataSync() ?? x.map(() => 0))];
    return { y, dx: of(input), width: of(width.variable), i: of(i.variable) };
  });
}

beforeAll(() => setBackend('cpu'));

describe('FixedQuantizer against the reference', () => {
  it('gives the recorded inference values', () => {
    for (const { k, i, f, round, overflow, y } of golden.fixed_forward_infer) {
      const quantizer = make('kif', [null, 1], {
        k0: k === 1,
        i0: Math.max(i, -f),
        f0: f,
        roundMode: round as FixedPointParameters['roundMode'],
        overflowMode: overflow as FixedPointParameters['overflowMode'],
      });
      quantizer.state.i.assignUnconstrained(new Float32Array([i]));
      const out = run(
        quantizer,
        golden.fixed_forward_infer_x.map((x) => [x]),
        'inference',
      ).flat();
      expect({ k, i, f, round, overflow, y: out.map((value) => value + 0) }).toEqual({ k, i, f, round, overflow, y });
    }
  });

  it.each(golden.fixed_grad)(
    'gives the recorded gradients: $k $i $f $overflow',
    ({ k, i, f, overflow, y, dx, di, df }) => {
      const x = golden.fixed_grad_x;
      const overflowMode = overflow as 'WRAP' | 'SAT' | 'SAT_SYM';
      const common = { k0: k === 1, overflowMode, homogeneousAxis: [] };
      const close = (actual: ArrayLike<number>, expected: number[]): void => {
        for (const [j, value] of expected.entries()) expect(actual[j] / Math.LN2).toBeCloseTo(value, 5);
      };
      const point = [tf.tensor1d(x), tf.fill([x.length], i), tf.fill([x.length], f)];
      const stateless = (u: tf.Tensor, integers: tf.Tensor, fractions: tf.Tensor): tf.Tensor =>
        fixedQuantize(u, integers, fractions, { k: k as 0 | 1, overflow: overflowMode, training: true });
      const [gx, gi, gf] = tf.grads(stateless)(point, tf.ones([x.length]));
      expect([...stateless(point[0], point[1], point[2]).dataSync()].map((value) => value + 0)).toEqual(y);
      expect([...gx.dataSync()]).toEqual(dx);
      close(gi.dataSync(), di);
      close(gf.dataSync(), df);
      if (overflow === 'WRAP' || i + f < 0) return;
      const ofKbi = gradients(make('kbi', [x.length], { ...common, b0: i + f, i0: i }), x);
      expect(ofKbi.y.map((value) => value + 0)).toEqual(y);
      close(ofKbi.width, df);
      close(
        ofKbi.i,
        di.map((value, j) => value - df[j]),
      );
    },
  );

  it('finds the recorded minimal integer bits', () => {
    for (const [a, f, i] of golden.minimal_i_xf) expect(minimalIntegerBitsForFraction(a, f)).toBe(i);
    for (const [a, b, i] of golden.minimal_i_xb) expect(minimalIntegerBitsForWidth(a, b)).toBe(i);
  });

  it.each(golden.layer_wrap)(
    'follows ranges in training as recorded: $cls',
    ({ cls, init, i_decay_speed, train_steps, infer_after }) => {
      const initial = init as { i0: number; f0?: number; b0?: number };
      const qType = cls.endsWith('KIF') ? 'kif' : 'kbi';
      const quantizer = make(qType, [null, 3], {
        ...initial,
        k0: true,
        iDecaySpeed: i_decay_speed,
        overflowMode: 'WRAP',
      });
      for (const step of train_steps) {
        expect(run(quantizer, step.x, 'training')).toEqual(step.y);
        expect([...quantizer.state.i.values]).toEqual(step.i_raw);
        expect(quantizer.formats(true).i).toEqual(step.i);
      }
      expect(run(quantizer, infer_after.x, 'inference')).toEqual(infer_after.y);
    },
  );
});

describe('FixedQuantizer', () => {
  it('mirrors by the value after rounding, or before it as HGQ2 does', () => {
    // Range -8 … 7: 16 and -16 begin another repetition; zoo file q_WRAP_SM has 15.75.
    const x = [[15.125, 15.5, 15.75, 16, 16.5, -8.625, -16.25, -17.5, -0.25, 31.75, 46.25]];
    const settings = { i0: 3, f0: 0, overflowMode: 'WRAP_SM', trainable: false } as const;
    const after = make('kif', [null, 11], settings);
    expect(run(after, x, 'inference')).toEqual([[0, -1, -1, -1, -2, -8, -1, 0, 0, 0, 1]]);
    const before = make('kif', [null, 11], { ...settings, foldsBeforeCarry: true });
    expect(run(before, x, 'inference')).toEqual([[0, 0, 0, -1, -2, -8, 0, 0, 0, -1, 1]]);
  });

  it('mirrors numbers far beyond the range as the exact arithmetic does', () => {
    const x = [2 ** 24, 2 ** 60, -(2 ** 60), 2 ** 100, 3 * 2 ** 53, 2 ** 53 + 2 ** 31, -(2 ** 53 + 2 ** 31)];
    for (const k0 of [false, true]) {
      const settings = { k0, i0: 1, f0: 1, overflowMode: 'WRAP_SM', trainable: false } as const;
      const y = x.map((value) => quantize(value, { k: k0 ? 1 : 0, i: 1, f: 1 }, 'RND', 'WRAP_SM') + 0);
      expect(run(make('kif', [null, x.length], settings), [x], 'inference')).toEqual([y]);
    }
  });

  it('follows each batch with infinite decay and takes the sign in tracing only', () => {
    const quantizer = make('kif', [null, 2], { i0: 2, f0: 1, iDecaySpeed: Number.POSITIVE_INFINITY });
    expect(run(quantizer, [[-0.6, 0]], 'training')).toEqual([[-0.5, 0]]);
    expect([...quantizer.state.i.values]).toEqual([0, -1]);
    expect(quantizer.formats(true).k).toEqual([1, 1]);
    quantizer.resetRange();
    run(quantizer, [[-0.6, 0]], 'tracing');
    expect(quantizer.formats(true)).toEqual({ shape: [2], k: [1, 0], i: [0, -1], f: [1, 1] });
    expect(quantizer.traced).toBe(true);
    run(quantizer, [[-0.6, 0]], 'training');
    expect(quantizer.traced).toBe(false);
  });

  it('keeps ranges inside their constraint, in training too', () => {
    const ic = minMax(-2, 2);
    for (const [qType, width] of [
      ['kif', { f0: 1 }],
      ['kbi', { b0: 3 }],
    ] as const) {
      const quantizer = make(qType, [null, 2], { i0: 2, ...width, ic });
      run(quantizer, [[100, 0]], 'training');
      expect([...quantizer.state.i.values]).toEqual([2, Math.fround(1.99)]);
      run(quantizer, [[-4, 0]], 'tracing');
      expect([...quantizer.state.i.values]).toEqual([2, 2]);
      expect(quantizer.traced).toBe(true);
    }
  });

  it('traces zeros where a format has no bits, as in inference', () => {
    const quantizer = make('kbi', [null, 2], { b0: 0, roundMode: 'TRN' });
    quantizer.resetRange();
    expect(run(quantizer, [[-0.3, 0.3]], 'tracing')).toEqual([[0, 0]]);
    expect(run(quantizer, [[-0.3, 0.3]], 'inference')).toEqual([[0, 0]]);
  });

  it('refuses to trace values beyond the constraint, which inference would wrap', () => {
    const quantizer = make('kif', [null, 2], { i0: 2, f0: 1 });
    quantizer.resetRange();
    const tooLarge = /test\/kif.* 16777216 does not fit into the 23 integer bits.*Widen ic/;
    expect(() => run(quantizer, [[2 ** 24, 1]], 'tracing')).toThrow(tooLarge);
    expect(quantizer.traced).toBe(false);
    expect(run(make('kif', [null, 2], { i0: 2, f0: 1, ic: null }), [[2 ** 24, 1]], 'tracing')).toEqual([[2 ** 24, 1]]);
    expect(() => run(make('kbi', [null, 2], { b0: 3, ic: minMax(-2, 2) }), [[1, 4]], 'tracing')).toThrow(/value 4/);
    const weight = make('kif', [null, 2], { f0: 1, ic: minMax(-2, 2), isWeight: true });
    expect(run(weight, [[5, 1]], 'tracing')).toEqual([[5, 1]]);
  });

  it('only rounds weights under WRAP in inference, and wraps a frozen quantizer', () => {
    const frozen = make('kif', [null, 2], { i0: 2, f0: 1, trainable: false });
    expect(run(frozen, [[5.3, -0.3]], 'training')).toEqual([[5.5, -0.5]]);
    expect(run(frozen, [[5.3, -0.3]], 'inference')).toEqual([[-2.5, -0.5]]);
    expect(frozen.traced).toBe(true);
    const weight = make('kif', [null, 2], { i0: 2, f0: 1, isWeight: true });
    expect(run(weight, [[5.3, -0.3]], 'inference')).toEqual([[5.5, -0.5]]);
  });

  it('drops exactly the upper bits of values of any size', () => {
    let state = 7;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const wrapping = { trainable: false, overflowMode: 'WRAP' } as const;
    const big = make('kif', [null, 1], { ...wrapping, i0: 1, f0: 0 });
    expect(run(big, [[2 ** 55], [2 ** 60 + 2 ** 40], [-(2 ** 55)], [-2], [3]], 'inference')).toEqual([
      [0],
      [0],
      [0],
      [-2],
      [-1],
    ]);
    for (let j = 0; j < 200; j++) {
      const format: Format = {
        k: random() < 0.5 ? 1 : 0,
        i: Math.floor(random() * 14) - 2,
        f: Math.floor(random() * 10) + 2,
      };
      const roundMode = ROUND_MODES[j % ROUND_MODES.length];
      const quantizer = make('kif', [null, 1], {
        ...wrapping,
        roundMode,
        k0: format.k === 1,
        i0: format.i,
        f0: format.f,
      });
      const x = Array.from({ length: 8 }, () => Math.fround((random() - 0.5) * 2 ** Math.floor(random() * 70 - 8)));
      const column = x.map((value) => [value]);
      const got = run(quantizer, column, 'inference').map(([value]) => value + 0);
      expect(got, JSON.stringify({ format, x })).toEqual(
        x.map((value) => quantize(value, format, roundMode, 'WRAP') + 0),
      );
    }
  });

  it('refuses inference after a reset without tracing', () => {
    const quantizer = make('kif', [null, 2], {});
    quantizer.resetRange();
    expect(() => run(quantizer, [[1, 1]], 'inference')).toThrow(/test\/kif.*traceMinMax/);
  });

  it('is exact where float32 rounding is not: just below a half, and odd numbers above 2^23', () => {
    const quantizer = make('kif', [null, 1], { i0: 25, f0: 0, ic: null });
    const x = [0.49999997, -0.50000003, 8388609];
    expect(
      run(
        quantizer,
        x.map((value) => [value]),
        'inference',
      )
        .flat()
        .map((value) => value + 0),
    ).toEqual([0, -1, 8388609]);
  });

  it('gives 0 for formats without bits, in training as in inference', () => {
    const quantizer = make('kif', [null, 1], { i0: -1, f0: 1, overflowMode: 'SAT' });
    quantizer.state.i.assignUnconstrained(new Float32Array([-3]));
    for (const context of ['training', 'inference'] as const) {
      expect(
        run(quantizer, [[-1], [0.2]], context)
          .flat()
          .map((value) => value + 0),
      ).toEqual([0, 0]);
    }
  });

  it.each([
    ['one per tensor', { heterogeneousAxis: [] }, [1, 1, 1]],
    ['one per element', { homogeneousAxis: [] }, [2, 3, 4]],
    ['shared over the batch', { homogeneousAxis: [0] }, [1, 3, 4]],
    ['one per channel', { heterogeneousAxis: [-1] }, [1, 1, 4]],
    ['one per row', { homogeneousAxis: [0, -1] }, [1, 3, 1]],
  ])('places formats: %s', (_, axes, shape) => {
    const quantizer = make('kif', [2, 3, 4], {
      homogeneousAxis: null,
      overflowMode: 'SAT',
      k0: true,
      i0: 3,
      f0: 0,
      ...axes,
    });
    expect(quantizer.bits().shape).toEqual(shape);
    const { f } = { f: quantizer.state.width };
    f.assign(Float32Array.from({ length: f.values.length }, (__, q) => q % 3));
    const x = tf.randomUniform([2, 3, 4], -9, 9, 'float32', 4);
    const expected = tf.tidy(() => {
      const scale = tf.pow(2, tf.broadcastTo(f.variable, [2, 3, 4])) as tf.Tensor;
      const rounded = tf.div(tf.floor(tf.add(tf.mul(x, scale), 0.5)), scale);
      return tf.minimum(tf.maximum(rounded, -8), tf.sub(8, tf.div(1, scale)));
    });
    expect([...quantizer.call(x, 'inference').dataSync()]).toEqual([...expected.dataSync()]);
  });

  it.each([
    ['WRAP', true, -4],
    ['SAT', false, 0],
    ['SAT_SYM', true, -3.5],
  ] as const)('tells what it can represent under %s', (overflowMode, k0, min) => {
    const quantizer = make('kif', [null, 1], { i0: 2, f0: 1, overflowMode, k0 });
    const range = quantizer.range();
    expect([range.min[0], range.max[0], range.epsilon[0]]).toEqual([min, 3.5, 0.5]);
    expect([...run(quantizer, [[-3.5], [3.5]], 'inference').flat()]).toEqual(k0 ? [-3.5, 3.5] : [0, 3.5]);
  });

  it('cannot be built with a format per sample', () => {
    expect(() => make('kif', [null, 3], { homogeneousAxis: [] })).toThrow(/axis 0.*homogeneousAxis: \[0\]/);
  });

  it('applies scaler, noise and affine map as documented', () => {
    const settings = {
      k0: true,
      i0: 1,
      f0: 1,
      overflowMode: 'SAT',
      scaler: 2,
      affine: [0.25, 0.5],
      qnoiseFactor: 0.5,
    } as const;
    const quantizer = make('kif', [null, 3], settings);
    // q(x/2)·2 = −4, 1, 3; half way from x in training (hgq2 §8.1, 10: the noise is taken on one scale).
    expect(run(quantizer, [[-5, 0.7, 5]], 'inference')).toEqual([[-0.5, 0.75, 1.25]]);
    expect(run(quantizer, [[-5, 0.7, 5]], 'training')[0].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
      -0.625, 0.7125, 1.5,
    ]);
  });
});
