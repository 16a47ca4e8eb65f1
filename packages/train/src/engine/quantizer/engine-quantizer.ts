import type { Quantizer } from '@sp/layers';
import type { FixedQuantizerConfig } from '@sp/layers/internal';
import { sizeOf } from '@sp/layers/kernels';
import { TrainingError } from '../../training-error.ts';
import { mostParts, type Part } from '../batch/part.ts';
import type { Memory } from '../memory/memory.ts';
import { bytes, floats, type Room, reals } from '../memory/room.ts';
import type { Mode } from '../operations/operation.ts';
import type { EngineVariable, EngineVariables } from '../variables.ts';
import { limitsOf } from './limits-of.ts';
import { powersOfTwo } from './powers-of-two.ts';
import { roundCode } from './round-code.ts';

/** Arrays that a quantizer works on: real numbers, their quantised values, and the bit element of each. */
export interface QuantizedNumbers {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly at: Int32Array;
  /** First number of a part, and the one behind its last. */
  readonly from: number;
  readonly to: number;
}

/** Quantises as many numbers as there are bit elements, in their order, as one part. */
export interface EachQuantizer {
  forward(values: Float32Array, y: Float64Array): void;
  /** Writes the gradient of `values` from that of `y`, and those of the formats. */
  backward(values: Float32Array, y: Float64Array, d: Float64Array, gradient: Float32Array): void;
}

/**
 * A fixed-point quantizer on plain arrays: what `FixedQuantizer` does, without allocating (hgq2 §1.4, §1.5, §2.4).
 *
 * A step calls `prepare`, `forward` and `backward` for every part, `follow`, `addBitGradients` for the EBOPs, `finish`.
 */
export interface EngineQuantizer {
  /** Shape of the bit variables. */
  readonly shape: readonly number[];
  /** Bits that EBOPs count, one per bit element. */
  readonly bits: Room<Float64Array>;
  /** Whether quantised values depend on the range of the whole batch: then a step must be one part. */
  readonly needsWholeBatch: boolean;
  /** Takes the formats from the variables and forgets the gradients. Weights have one part. */
  prepare(mode: Mode, parts: number): void;
  /** Writes the quantised values into `y` and notes the range. */
  forward(numbers: QuantizedNumbers, part: Part, mode: Mode): void;
  /** Turns the gradient `d` of `y` into that of `x`, in place, and adds to those of the formats. */
  backward(numbers: QuantizedNumbers, d: Float64Array, part: Part): void;
  /** `forward` and `backward` of numbers that have a format each, in fewer passes; null for quantizers that follow ranges or wrap. */
  readonly each: EachQuantizer | null;
  /** Follows the range of all numbers, where that has to be; formats are those of the whole batch afterwards. */
  follow(): void;
  /** Adds gradients of `bits`. */
  addBitGradients(gradients: Room<Float64Array>, scale: number): void;
  /** Writes the gradients of the bit variables; returns the value of their regularisers. */
  finish(): number;
}

/** Compiles a quantizer; a string says why it cannot be. `null`: it passes data unchanged and counts no bits. */
export function engineQuantizer(
  quantizer: Quantizer,
  variables: EngineVariables,
  memory: Memory,
): EngineQuantizer | null | string {
  const { config, name } = quantizer;
  if (config.qType === 'dummy') return null;
  if (config.qType === 'float') return `quantizer '${name}' is a minifloat`;
  if (config.scaler != null || config.affine != null || config.qnoiseFactor != null) {
    return `quantizer '${name}' scales its data or adds noise`;
  }
  if (config.overflowMode === 'WRAP_SM') return `quantizer '${name}' reflects (WRAP_SM)`;
  return compiled(config, name, variables, memory);
}

/** `i` of a quantizer whose range was reset is below this until it has seen data. */
const unseen = -5e8;

function compiled(
  config: FixedQuantizerConfig,
  name: string,
  variables: EngineVariables,
  memory: Memory,
): EngineQuantizer {
  const isKbi = config.qType === 'kbi';
  const wraps = config.overflowMode === 'WRAP';
  const follows = wraps && config.trainable;
  const trainsI = config.trainable && !wraps;
  const symmetric = config.overflowMode === 'SAT_SYM' ? 1 : 0;
  const signBit = config.overflowMode === 'SAT' ? 1 : 0;
  const round = roundCode(config.roundMode);
  const decay = Math.fround(config.iDecaySpeed);
  const widthVariable = variables.get(`${name}/${isKbi ? 'b' : 'f'}`);
  const integerVariable = variables.get(`${name}/i`);
  const signVariable = variables.get(`${name}/k`);
  const traced = follows ? variables.get(`${name}/traced`) : null;
  if (follows) integerVariable.changes = true;
  if (traced != null) traced.changes = true;
  widthVariable.constraint = (isKbi ? config.bc : config.fc) ?? null;
  integerVariable.constraint = config.ic;
  const size = sizeOf(widthVariable.shape);
  const room = (): Room<Float64Array> => reals(memory, size);
  const perPart = (): readonly Room<Float64Array>[] => Array.from({ length: config.isWeight ? 1 : mostParts }, room);
  const [up, down, min, max, range, signs, bits] = [room(), room(), room(), room(), room(), room(), room()];
  const empty = bytes(memory, size);
  // No format has been computed yet.
  const last = floats(memory, 3 * size);
  last.view.fill(Number.NaN);
  const powers = powersOfTwo(memory);
  const [df, di, largest] = [perPart(), perPart(), perPart()];
  const ofBits = room();
  const noGradient = floats(memory, 1);
  const widthPenalty = config.trainable ? ((isKbi ? config.br : config.fr) ?? 0) : 0;
  const integerPenalty = trainsI ? config.ir : 0;
  let parts = 1;
  const gradientOf = ({ gradient }: EngineVariable): Room<Float32Array> => gradient ?? noGradient;
  if (config.trainable) widthVariable.gradient = floats(memory, size);
  if (trainsI) integerVariable.gradient = floats(memory, size);

  function updateFormats(): void {
    memory.kernels.updateFormats(
      widthVariable.values.view,
      integerVariable.values.view,
      signVariable.values.view,
      last.view,
      powers.view,
      isKbi ? 1 : 0,
      symmetric,
      signBit,
      up.view,
      down.view,
      min.view,
      max.view,
      range.view,
      signs.view,
      empty.view,
      bits.view,
      size,
    );
  }

  function followRange(): void {
    const magnitudes = largest[0].view;
    for (const { view } of largest.slice(1, parts)) {
      for (let q = 0; q < size; q++) magnitudes[q] = Math.max(magnitudes[q], view[q]);
    }
    const { min: least, max: most } = limitsOf(config.ic);
    memory.kernels.followRange(
      integerVariable.values.view,
      widthVariable.values.view,
      magnitudes,
      powers.view,
      isKbi ? 1 : 0,
      decay,
      least,
      most,
      size,
    );
    traced?.values.view.fill(0);
    updateFormats();
  }

  return {
    shape: widthVariable.shape,
    bits,
    needsWholeBatch: follows && isKbi && !config.isWeight,
    prepare(mode, partsOfStep) {
      parts = partsOfStep;
      updateFormats();
      for (let index = 0; index < parts; index++) {
        memory.kernels.clear(df[index].view, size);
        if (trainsI) memory.kernels.clear(di[index].view, size);
        if (follows) memory.kernels.clear(largest[index].view, size);
      }
      memory.kernels.clear(ofBits.view, size);
      if (mode === 'inference' && wraps && integerVariable.values.view.some((i) => i <= unseen)) {
        throw new TrainingError(
          `Quantizer '${name}': its range was reset and it has seen no data since. Run traceMinMax(model, data).`,
        );
      }
    },
    forward({ x, y, at, from, to }, { kernels, index }, mode) {
      if (!wraps) {
        const limits = [min.view, max.view, empty.view] as const;
        kernels.saturateAll(x, y, at, up.view, down.view, ...limits, round, from, to);
        return;
      }
      // Weights under WRAP never overflow: their range is that of the weights.
      if (mode === 'inference' && !(follows && config.isWeight)) {
        const limits = [range.view, signs.view, empty.view] as const;
        kernels.wrapAll(x, y, at, up.view, down.view, ...limits, round, from, to);
        return;
      }
      const isFollowing = follows && mode === 'training';
      // KBI measures what comes in, KIF what comes out (hgq2 §2.4).
      if (isFollowing && isKbi) {
        kernels.raiseMagnitudes(x, at, largest[index].view, from, to);
        followRange();
      }
      kernels.roundAll(x, y, at, up.view, down.view, round, from, to);
      if (isFollowing && !isKbi) kernels.raiseMagnitudes(y, at, largest[index].view, from, to);
    },
    backward({ x, y, at, from, to }, d, { kernels, index }) {
      if (wraps) {
        if (config.trainable) kernels.roundBackward(x, y, d, at, df[index].view, from, to);
        return;
      }
      kernels.saturateBackward(
        x,
        y,
        d,
        at,
        df[index].view,
        di[index].view,
        down.view,
        range.view,
        min.view,
        max.view,
        signs.view,
        symmetric,
        from,
        to,
      );
    },
    each: wraps
      ? null
      : {
          forward(values, y) {
            const limits = [min.view, max.view, empty.view] as const;
            memory.kernels.saturateEach(values, y, up.view, down.view, ...limits, round, size);
          },
          backward(values, y, d, gradient) {
            memory.kernels.saturateEachBackward(
              values,
              y,
              d,
              gradient,
              df[0].view,
              di[0].view,
              down.view,
              range.view,
              min.view,
              max.view,
              signs.view,
              symmetric,
              size,
            );
          },
        },
    follow() {
      if (follows && !isKbi) followRange();
    },
    addBitGradients(gradients, scale) {
      memory.kernels.addScaled(ofBits.view, gradients.view, scale, size);
    },
    finish() {
      if (!config.trainable) return 0;
      const { kernels } = memory;
      for (let index = 1; index < parts; index++) {
        kernels.addInto(df[0].view, df[index].view, size);
        if (trainsI) kernels.addInto(di[0].view, di[index].view, size);
      }
      kernels.bitGradients(
        gradientOf(widthVariable).view,
        gradientOf(integerVariable).view,
        trainsI ? 1 : 0,
        df[0].view,
        di[0].view,
        ofBits.view,
        down.view,
        range.view,
        isKbi ? 1 : 0,
        widthPenalty,
        integerPenalty,
        size,
      );
      let penalty = 0;
      if (widthPenalty !== 0) penalty += widthPenalty * kernels.sum(widthVariable.values.view, size);
      if (integerPenalty !== 0) penalty += integerPenalty * kernels.sum(integerVariable.values.view, size);
      return penalty;
    },
  };
}
