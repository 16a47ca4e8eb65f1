import type { FixedQuantizerConfig, Quantizer } from '@sp/layers';
import {
  minimalIntegerBitsForFraction,
  minimalIntegerBitsForWidth,
  project,
  roundHalfEven,
  sizeOf,
} from '@sp/layers/kernels';
import { roundBy, roundCode } from './round.ts';
import type { EngineVariable, EngineVariables } from './variables.ts';

/**
 * A fixed-point quantizer in training, on plain arrays: what `FixedQuantizer` does there, without allocating (hgq2 §1.4,
 * §1.5, §2.4).
 *
 * A step calls `begin`, `forward` for the data, `backward` for its gradient, `addBitGradients` for the EBOPs, `finish`.
 */
export interface EngineQuantizer {
  /** Shape of the bit variables. */
  readonly shape: readonly number[];
  /** Bits that EBOPs count, one per bit element; up to date after `forward`. */
  readonly bits: Float64Array;
  /** Takes the formats from the variables and forgets the gradients. */
  begin(): void;
  /** Follows the range of `count` elements of `x` where it has to, and writes the quantised values into `y`. */
  forward(x: Float64Array, y: Float64Array, at: Int32Array, count: number): void;
  /** Turns the gradient `d` of `y` into that of `x`, in place, and adds to those of the formats. */
  backward(x: Float64Array, y: Float64Array, d: Float64Array, at: Int32Array, count: number): void;
  /** Adds gradients of `bits`. */
  addBitGradients(gradients: Float64Array, scale: number): void;
  /** Value of the regularisers of the bit variables. */
  penalty(): number;
  /** Writes the gradients of the bit variables. */
  finish(): void;
}

/** Compiles a quantizer; a string says why it cannot be. `null`: it passes data unchanged and counts no bits. */
export function engineQuantizer(quantizer: Quantizer, variables: EngineVariables): EngineQuantizer | null | string {
  const { config, name } = quantizer;
  if (config.qType === 'dummy') return null;
  if (config.qType === 'float') return `quantizer '${name}' is a minifloat`;
  if (config.scaler != null || config.affine != null || config.qnoiseFactor != null) {
    return `quantizer '${name}' scales its data or adds noise`;
  }
  return compiled(config, name, variables);
}

interface Formats {
  readonly i: Float64Array;
  readonly f: Float64Array;
  readonly up: Float64Array;
  readonly down: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly range: Float64Array;
  readonly empty: Uint8Array;
}

function compiled(config: FixedQuantizerConfig, name: string, variables: EngineVariables): EngineQuantizer {
  const isKbi = config.qType === 'kbi';
  const wraps = config.overflowMode === 'WRAP';
  const follows = wraps && config.trainable;
  const trainsI = config.trainable && !wraps;
  const symmetric = config.overflowMode === 'SAT_SYM';
  const signBit = config.overflowMode === 'SAT' ? 1 : 0;
  const round = roundCode(config.roundMode);
  const decay = Math.fround(config.iDecaySpeed);
  const widthVariable = variables.get(`${name}/${isKbi ? 'b' : 'f'}`);
  const integerVariable = variables.get(`${name}/i`);
  const signs = variables.get(`${name}/k`).values;
  const traced = follows ? variables.get(`${name}/traced`) : null;
  if (follows) integerVariable.changes = true;
  if (traced != null) traced.changes = true;
  widthVariable.constraint = (isKbi ? config.bc : config.fc) ?? null;
  integerVariable.constraint = config.ic;
  const size = sizeOf(widthVariable.shape);
  const reals = (): Float64Array => new Float64Array(size);
  const formats: Formats = {
    i: reals(),
    f: reals(),
    up: reals(),
    down: reals(),
    min: reals(),
    max: reals(),
    range: reals(),
    empty: new Uint8Array(size),
  };
  const bits = reals();
  const df = reals();
  const di = reals();
  const bitGradients = reals();
  const magnitudes = reals();
  const widthPenalty = config.trainable ? ((isKbi ? config.br : config.fr) ?? 0) : 0;
  const integerPenalty = trainsI ? config.ir : 0;
  const gradientOf = (variable: EngineVariable, wanted: boolean): Float32Array | null => {
    if (!wanted) return null;
    variable.gradient = new Float32Array(size);
    return variable.gradient;
  };
  const widthGradient = gradientOf(widthVariable, config.trainable);
  const integerGradient = gradientOf(integerVariable, trainsI);

  function updateFormats(): void {
    const width = widthVariable.values;
    const integer = integerVariable.values;
    const { i, f, up, down, min, max, range, empty } = formats;
    for (let q = 0; q < size; q++) {
      const k = signs[q];
      const iq = roundHalfEven(integer[q]);
      const wq = roundHalfEven(width[q]);
      const fq = isKbi ? wq - iq : wq;
      const step = 2 ** -fq;
      const top = 2 ** Math.max(iq, -fq);
      i[q] = iq;
      f[q] = fq;
      up[q] = 2 ** fq;
      down[q] = step;
      range[q] = top;
      max[q] = top - step;
      min[q] = k === 0 ? 0 : symmetric ? step - top : -top;
      empty[q] = k + iq + fq <= 0 ? 1 : 0;
      bits[q] = (isKbi ? wq : Math.max(iq + fq, 0)) + signBit * k;
    }
  }

  function followRange(values: Float64Array, at: Int32Array, count: number): void {
    magnitudes.fill(0);
    for (let j = 0; j < count; j++) {
      const magnitude = Math.abs(values[j]);
      if (magnitude > magnitudes[at[j]]) magnitudes[at[j]] = magnitude;
    }
    const integer = integerVariable.values;
    for (let q = 0; q < size; q++) {
      const w = roundHalfEven(widthVariable.values[q]);
      const magnitude = magnitudes[q];
      const needed = isKbi
        ? minimalIntegerBitsForWidth(magnitude, w)
        : magnitude === 0
          ? 0 - w
          : minimalIntegerBitsForFraction(magnitude, w);
      integer[q] = project(config.ic, Math.max(Math.fround(integer[q] - decay), needed));
    }
    traced?.values.fill(0);
    updateFormats();
  }

  function roundAll(x: Float64Array, y: Float64Array, at: Int32Array, count: number): void {
    const { up, down } = formats;
    for (let j = 0; j < count; j++) {
      const value = x[j];
      y[j] = value === 0 ? 0 : Math.fround(roundBy(round, value * up[at[j]]) * down[at[j]]);
    }
  }

  function saturateAll(x: Float64Array, y: Float64Array, at: Int32Array, count: number): void {
    const { up, down, min, max, empty } = formats;
    for (let j = 0; j < count; j++) {
      const value = x[j];
      const p = at[j];
      if (value === 0 || empty[p] === 1) {
        y[j] = 0;
        continue;
      }
      const clipped = Math.min(Math.max(value, min[p]), max[p]);
      y[j] = Math.fround(roundBy(round, clipped * up[p]) * down[p]);
    }
  }

  return {
    shape: widthVariable.shape,
    bits,
    begin() {
      updateFormats();
      df.fill(0);
      di.fill(0);
      bitGradients.fill(0);
    },
    forward(x, y, at, count) {
      if (!wraps) {
        saturateAll(x, y, at, count);
        return;
      }
      // KBI measures what comes in, KIF what comes out (hgq2 §2.4).
      if (follows && isKbi) followRange(x, at, count);
      roundAll(x, y, at, count);
      if (follows && !isKbi) followRange(y, at, count);
    },
    backward(x, y, d, at, count) {
      if (wraps) {
        for (let j = 0; j < count; j++) df[at[j]] += d[j] * (x[j] - y[j]);
        return;
      }
      const { down, min, max, range } = formats;
      for (let j = 0; j < count; j++) {
        const p = at[j];
        const value = x[j];
        const upstream = d[j];
        if (value > max[p]) {
          df[p] += upstream * down[p];
          di[p] += upstream * range[p];
          d[j] = 0;
        } else if (value < min[p]) {
          if (symmetric) df[p] -= upstream * signs[p] * down[p];
          di[p] -= upstream * signs[p] * range[p];
          d[j] = 0;
        } else {
          df[p] += upstream * (value - y[j]);
        }
      }
    },
    addBitGradients(gradients, scale) {
      for (let q = 0; q < size; q++) bitGradients[q] += gradients[q] * scale;
    },
    penalty() {
      let sum = 0;
      if (widthPenalty !== 0) for (let q = 0; q < size; q++) sum += widthPenalty * widthVariable.values[q];
      if (integerPenalty !== 0) for (let q = 0; q < size; q++) sum += integerPenalty * integerVariable.values[q];
      return sum;
    },
    finish() {
      if (widthGradient == null) return;
      for (let q = 0; q < size; q++) {
        const open = isKbi || formats.i[q] + formats.f[q] > 0 ? bitGradients[q] : 0;
        const fraction = Math.LN2 * df[q];
        widthGradient[q] = fraction + open + widthPenalty;
        if (integerGradient != null) {
          const integer = Math.LN2 * di[q];
          // KBI: f = b − i, so i moves against f; its width does not depend on i.
          integerGradient[q] = (isKbi ? integer - fraction : integer + open) + integerPenalty;
        }
      }
    },
  };
}
