import type { OverflowMode, RoundMode } from '@sp/quant';
import { roundHalfEven } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import type { Reals } from '../ops/fraction.ts';
import { hostOp } from '../ops/host-op.ts';
import { type BitIndex, bitIndex } from './broadcast.ts';
import {
  type FixedGradient,
  type FixedLimits,
  fixedLimits,
  reflect,
  roundOnly,
  roundOnlyGradient,
  saturate,
  saturateGradient,
  wrap,
} from './fixed-kernel.ts';

/** What a quantisation does besides its formats. */
export interface FixedOpSettings {
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
  /** WRAP: round without dropping upper bits. */
  readonly roundsOnly: boolean;
  /** WRAP_SM: see `FixedPointParameters`. */
  readonly foldsBeforeCarry?: boolean | undefined;
  /** SAT, SAT_SYM: give 0 for formats without bits. */
  readonly zeroEmpty: boolean;
  /** Result of `roundOnly` when the caller has it already. */
  readonly rounded?: Float32Array | null;
}

/** Bit variables that take part in the gradient, and how (∂/∂f, ∂/∂i) become their gradients. */
export interface FixedOpParameters {
  readonly tensors: readonly tf.Tensor[];
  gradients(df: Float64Array, di: Float64Array): readonly Float32Array[];
}

/** Quantised values, and how their gradient becomes gradients of the data (`null`: unchanged) and the parameters. */
export interface FixedStep {
  readonly y: Float32Array;
  backward(dy: Float32Array): { readonly dx: Float32Array | null; readonly parameters: readonly Float32Array[] };
}

/** Quantises plain data: values hgq2 §1.2–1.4, gradients hgq2 §1.5. */
export function fixedStep(
  values: Reals,
  limits: FixedLimits,
  at: BitIndex,
  settings: FixedOpSettings,
  parameters: FixedOpParameters,
): FixedStep {
  const { round, overflow, roundsOnly, zeroEmpty, rounded } = settings;
  const y = rounded ?? forward();
  return {
    y,
    backward(dy) {
      const { dx, df, di } = gradient(dy);
      return { dx, parameters: parameters.gradients(df, di) };
    },
  };

  function forward(): Float32Array {
    if (overflow === 'WRAP_SM') return reflect(values, limits, at, round, settings.foldsBeforeCarry);
    if (overflow !== 'WRAP') return saturate(values, limits, at, round, zeroEmpty);
    return (roundsOnly ? roundOnly : wrap)(values, limits, at, round);
  }

  function gradient(dy: Float32Array): FixedGradient {
    if (overflow === 'WRAP_SM') {
      // Straight through for the data; the formats learn from values that were inside.
      const inside = dy.map((g, j) =>
        Math.abs(values[j] - y[j]) <= limits.down[at.index?.[j] ?? j % at.period] ? g : 0,
      );
      return { ...roundOnlyGradient(values, y, inside, limits.size, at), dx: null };
    }
    if (overflow !== 'WRAP') return saturateGradient(values, y, dy, limits, at, overflow);
    if (roundsOnly) return roundOnlyGradient(values, y, dy, limits.size, at);
    // Where bits are dropped the result has no useful slope in the format: straight through.
    return { dx: null, df: new Float64Array(limits.size), di: new Float64Array(limits.size) };
  }
}

/** Settings of `fixedQuantize`. */
export interface FixedQuantizeOptions {
  /** 1 for signed formats, 0 for unsigned ones. Default 1. */
  readonly k?: 0 | 1;
  /** Default RND. */
  readonly round?: RoundMode;
  /** Default WRAP. */
  readonly overflow?: 'WRAP' | 'SAT' | 'SAT_SYM';
  /** WRAP rounds only, and formats without bits are not zeroed. Default false. */
  readonly training?: boolean;
}

/**
 * Stateless fixed-point quantisation, differentiable in `x`, `i` and `f` (hgq2 §1.4, §1.5). `i` and `f` are rounded half
 * to even and broadcast: same rank as `x`, extents 1 or those of `x`. Layers use quantizers with state instead.
 *
 * @example
 * fixedQuantize(tf.tensor1d([0.3]), tf.tensor1d([2]), tf.tensor1d([1])).dataSync(); // [0.5]
 */
export function fixedQuantize(x: tf.Tensor, i: tf.Tensor, f: tf.Tensor, options: FixedQuantizeOptions = {}): tf.Tensor {
  const { k = 1, round = 'RND', overflow = 'WRAP', training = false } = options;
  if (i.shape.join() !== f.shape.join() || i.rank !== x.rank) {
    throw new LayerError(
      `fixedQuantize: i [${i.shape}] and f [${f.shape}] must have one shape of rank ${x.rank}. Reshape them.`,
      { option: 'i', value: i.shape },
    );
  }
  const integers = Float64Array.from(i.dataSync(), roundHalfEven);
  const fractions = Float64Array.from(f.dataSync(), roundHalfEven);
  const limits = fixedLimits({ k: integers.map(() => k), i: integers, f: fractions }, overflow === 'SAT_SYM');
  const settings = { round, overflow, roundsOnly: training, zeroEmpty: !training };
  return hostOp([x, i, f], ([values]) => {
    const { y, backward } = fixedStep(values, limits, bitIndex(i.shape, x.shape), settings, {
      tensors: [i, f],
      gradients: (df, di) => [Float32Array.from(di), Float32Array.from(df)],
    });
    return {
      values: y,
      shape: x.shape,
      gradient: (dy) => {
        const { dx, parameters } = backward(dy);
        return [dx ?? 'same', ...parameters];
      },
    };
  });
}
