/**
 * The fixed-point quantizer on plain arrays: forward values (hgq2 §1.2–§1.4) and surrogate gradients (hgq2 §1.5).
 *
 * Data are float32, all arithmetic is double precision with exact powers of two, so the result of every call is the
 * correctly rounded code of the float32 input.
 */
import type { OverflowMode, RoundMode } from '@sp/quant';
import { clip, limitPerFractionBit, limitPerIntegerBit, reflectInto, roundFunction, wrapInto } from '@sp/quant/numeric';
import type { Reals } from '../ops/fraction.ts';
import type { BitIndex } from './broadcast.ts';

/** Integer formats per bit element: `k`, `i` and `f` as in `Format`. */
export interface FormatArrays {
  readonly k: ArrayLike<number>;
  readonly i: ArrayLike<number>;
  readonly f: ArrayLike<number>;
}

/** Scales and limits derived from `FormatArrays`, one entry per bit element. */
export interface FixedLimits {
  readonly size: number;
  /** `2^f` and `2^-f`. */
  readonly up: Float64Array;
  readonly down: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** `2^i` with `i` raised to `−f` where it is smaller: the value the gradients use. */
  readonly range: Float64Array;
  readonly k: Float64Array;
  /** 1 where the format has no bits at all. */
  readonly empty: Uint8Array;
}

/** Derives scales and limits. `symmetric`: the lower limit is minus the upper one (SAT_SYM). */
export function fixedLimits(formats: FormatArrays, symmetric: boolean): FixedLimits {
  const size = formats.k.length;
  const array = (): Float64Array => new Float64Array(size);
  const limits = {
    size,
    up: array(),
    down: array(),
    min: array(),
    max: array(),
    range: array(),
    k: array(),
    empty: new Uint8Array(size),
  };
  for (let q = 0; q < size; q++) {
    const k = formats.k[q];
    const f = formats.f[q];
    const down = 2 ** -f;
    const range = 2 ** Math.max(formats.i[q], -f);
    limits.k[q] = k;
    limits.up[q] = 2 ** f;
    limits.down[q] = down;
    limits.range[q] = range;
    limits.max[q] = range - down;
    limits.min[q] = k === 0 ? 0 : symmetric ? down - range : -range;
    limits.empty[q] = k + formats.i[q] + f <= 0 ? 1 : 0;
  }
  return limits;
}

/** Rounds only: WRAP while training or tracing, and weights under WRAP. */
export function roundOnly(x: Reals, limits: FixedLimits, at: BitIndex, mode: RoundMode): Float32Array {
  const { up, down } = limits;
  const { period, index } = at;
  const y = new Float32Array(x.length);
  const round = roundFunction(mode);
  for (let j = 0, q = 0; j < x.length; j++, q++) {
    if (q === period) q = 0;
    const value = x[j];
    if (value === 0) continue;
    const p = index === undefined ? q : index[j];
    y[j] = round(value * up[p]) * down[p];
  }
  return y;
}

/** Clips, then rounds: SAT and SAT_SYM. With `zeroEmpty` a format without bits gives 0. */
export function saturate(
  x: Reals,
  limits: FixedLimits,
  at: BitIndex,
  mode: RoundMode,
  zeroEmpty: boolean,
): Float32Array {
  const { up, down, min, max, empty } = limits;
  const { period, index } = at;
  const y = new Float32Array(x.length);
  const round = roundFunction(mode);
  for (let j = 0, q = 0; j < x.length; j++, q++) {
    if (q === period) q = 0;
    const value = x[j];
    if (value === 0) continue;
    const p = index === undefined ? q : index[j];
    if (zeroEmpty && empty[p] === 1) continue;
    y[j] = round(clip(value, min[p], max[p]) * up[p]) * down[p];
  }
  return y;
}

/** Rounds, then drops the bits above the format: WRAP in inference. */
export function wrap(x: Reals, limits: FixedLimits, at: BitIndex, mode: RoundMode): Float32Array {
  const { up, down, range, k, empty } = limits;
  const { period, index } = at;
  const y = new Float32Array(x.length);
  const round = roundFunction(mode);
  for (let j = 0, q = 0; j < x.length; j++, q++) {
    if (q === period) q = 0;
    const value = x[j];
    if (value === 0) continue;
    const p = index === undefined ? q : index[j];
    if (empty[p] === 1) continue;
    y[j] = wrapInto(round(value * up[p]) * down[p], -k[p] * range[p], range[p]);
  }
  return y;
}

/** Whether a value was rounded up into the next repetition of a range of this span (`FixedPointParameters.foldsBeforeCarry`). */
export function carries(value: number, rounded: number, span: number): boolean {
  return rounded > value && rounded % span === 0;
}

/**
 * Rounds, then reflects at the limits of the format until the value is inside (`ap_fixed`'s AP_WRAP_SM): a triangle wave
 * that has the period of two ranges. `beforeCarry`: see `FixedPointParameters.foldsBeforeCarry`.
 */
export function reflect(
  x: Reals,
  limits: FixedLimits,
  at: BitIndex,
  mode: RoundMode,
  beforeCarry: boolean = false,
): Float32Array {
  const { down, range, k, empty } = limits;
  const { period, index } = at;
  const y = roundOnly(x, limits, at, mode);
  for (let j = 0, q = 0; j < x.length; j++, q++) {
    if (q === period) q = 0;
    const p = index === undefined ? q : index[j];
    const low = -k[p] * range[p];
    let value = y[j];
    if (empty[p] === 1) y[j] = 0;
    else if (value < low || value >= range[p]) {
      if (beforeCarry && carries(x[j], value, range[p] - low)) value -= down[p];
      y[j] = reflectInto(value, low, range[p], down[p]);
    }
  }
  return y;
}

/** Gradients with respect to x (`null`: equal to dy), fraction bits and integer bits, the latter two per bit element. */
export interface FixedGradient {
  readonly dx: Float32Array | null;
  readonly df: Float64Array;
  readonly di: Float64Array;
}

/** Gradient of `roundOnly`: straight through, and `ln2 · (x − y)` for f. */
export function roundOnlyGradient(
  x: Reals,
  y: Float32Array,
  dy: Float32Array,
  size: number,
  { period, index }: BitIndex,
): FixedGradient {
  const df = new Float64Array(size);
  for (let j = 0, q = 0; j < x.length; j++, q++) {
    if (q === period) q = 0;
    const error = x[j] - y[j];
    if (error !== 0) df[index === undefined ? q : index[j]] += dy[j] * error;
  }
  for (let p = 0; p < size; p++) df[p] *= Math.LN2;
  return { dx: null, df, di: new Float64Array(size) };
}

/** Gradient of `saturate` (hgq2 §1.5). `overflow`: SAT or SAT_SYM. */
export function saturateGradient(
  x: Reals,
  y: Float32Array,
  dy: Float32Array,
  limits: FixedLimits,
  { period, index }: BitIndex,
  overflow: OverflowMode,
): FixedGradient {
  const { size, down, min, max, range, k } = limits;
  const symmetric = overflow === 'SAT_SYM';
  const dx = new Float32Array(x.length);
  const df = new Float64Array(size);
  const di = new Float64Array(size);
  for (let j = 0, q = 0; j < x.length; j++, q++) {
    if (q === period) q = 0;
    const p = index === undefined ? q : index[j];
    const value = x[j];
    const upstream = dy[j];
    if (value > max[p] || value < min[p]) {
      const side = value > max[p] ? 1 : -k[p];
      df[p] += upstream * limitPerFractionBit(side, down[p], symmetric);
      di[p] += upstream * limitPerIntegerBit(side, range[p]);
    } else {
      dx[j] = upstream;
      df[p] += upstream * (value - y[j]);
    }
  }
  for (let p = 0; p < size; p++) {
    df[p] *= Math.LN2;
    di[p] *= Math.LN2;
  }
  return { dx, df, di };
}
