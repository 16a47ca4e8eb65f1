import type { FormatTable } from '@sp/quant/internal';
import { minimalIntegerBitsForFraction, minimalIntegerBitsForWidth, roundHalfEven } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import type { FixedQuantizerConfig } from '../config/quantizer-settings.ts';
import { LayerError } from '../layer-error.ts';
import { exactValues, type Reals } from '../ops/fraction.ts';
import { hostOp } from '../ops/host-op.ts';
import { bitShapeOf } from './bit-shape.ts';
import { absMaxPerBit, anyNegativePerBit, type BitIndex, bitIndex, listIndex, sizeOf } from './broadcast.ts';
import type { CallContext } from './call-context.ts';
import { project } from './constraint.ts';
import { type FixedLimits, fixedLimits, roundOnly } from './fixed-kernel.ts';
import { type FixedOpParameters, type FixedStep, fixedStep } from './fixed-op.ts';
import type { AddVariable, BitCounts, ListQuantizer, Quantizer, QuantizerRange } from './quantizer.ts';
import { scaledCall } from './scaled-call.ts';
import type { StateVariable } from './state-variable.ts';

/** `i` of a WRAP quantizer whose range was reset and that has seen no data since. */
const unseen = -1e9;

/** Formats in use: the stored reals rounded half to even. */
interface Formats {
  readonly k: Float64Array;
  readonly i: Float64Array;
  readonly f: Float64Array;
  readonly limits: FixedLimits;
}

/**
 * Trainable fixed-point quantizer, parametrised by width and integer bits (KBI) or integer and fraction bits (KIF).
 * Behaviour: hgq2 §2.3 and §2.4; gradients hgq2 §1.5. One tensor operation per call, computed on the host.
 *
 * Differences from the reference: exact exponents (hgq2 §8.1, 12); `ic` also holds in KIF training (5); a SAT format
 * without bits gives 0 in training as in inference (6); a frozen or weight quantizer under WRAP behaves as there.
 */
export class FixedQuantizer implements Quantizer {
  readonly config: FixedQuantizerConfig;
  readonly name: string;
  readonly followsRange: boolean;
  private variables: { width: StateVariable; i: StateVariable; k: StateVariable; traced: StateVariable | null } | null =
    null;
  private bitShape: readonly number[] = [];
  private hasBatchAxis = false;
  private current: { readonly sources: readonly Float32Array[]; readonly formats: Formats } | null = null;
  private readonly indices = new Map<string, BitIndex>();

  constructor(config: FixedQuantizerConfig, name: string) {
    this.config = config;
    this.name = name;
    this.followsRange = config.overflowMode === 'WRAP' && config.trainable;
  }

  build(shape: readonly (number | null)[], addVariable: AddVariable): void {
    const { config } = this;
    const isKbi = config.qType === 'kbi';
    this.bitShape = bitShapeOf(shape, config, this.name);
    this.hasBatchAxis = shape[0] === null;
    const common = { shape: this.bitShape };
    const trainsI = config.trainable && config.overflowMode !== 'WRAP';
    const width = (): StateVariable =>
      addVariable({
        ...common,
        name: isKbi ? 'b' : 'f',
        initial: (isKbi ? config.b0 : config.f0) as number,
        trainable: config.trainable,
        constraint: (isKbi ? config.bc : config.fc) ?? null,
        monoL1: (isKbi ? config.br : config.fr) ?? 0,
      });
    const integer = (): StateVariable =>
      addVariable({
        ...common,
        name: 'i',
        initial: config.i0,
        trainable: trainsI,
        constraint: config.ic,
        monoL1: trainsI ? config.ir : 0,
      });
    // Trainable variables in the reference's order (KBI: b, i; KIF: i, f), so that loss terms come in the same order.
    const first = isKbi ? width() : integer();
    const second = isKbi ? integer() : width();
    const state = { trainable: false, constraint: null, monoL1: 0 };
    const k = addVariable({ ...common, ...state, name: 'k', initial: config.k0 ? 1 : 0 });
    const traced = this.followsRange ? addVariable({ ...state, name: 'traced', shape: [], initial: 0 }) : null;
    this.variables = { width: isKbi ? first : second, i: isKbi ? second : first, k, traced };
  }

  get traced(): boolean {
    const { traced } = this.built();
    return traced == null || traced.values[0] === 1;
  }

  /** The variables behind the formats, for importers and read-outs; values are reals, rounded half to even in use. */
  get state(): { readonly width: StateVariable; readonly i: StateVariable; readonly k: StateVariable } {
    return this.built();
  }

  call(x: tf.Tensor, context: CallContext): tf.Tensor {
    return scaledCall(this.config, x, context, (scaled) => this.quantise(scaled, context));
  }

  bits(): BitCounts {
    const { k, i, f } = this.formatsNow();
    const { width, i: integer } = this.built();
    const { qType, overflowMode, trainable } = this.config;
    const countsSign = overflowMode === 'SAT';
    const values = new Float64Array(k.length);
    for (let q = 0; q < values.length; q++) {
      values[q] = (qType === 'kbi' ? i[q] + f[q] : Math.max(i[q] + f[q], 0)) + (countsSign ? k[q] : 0);
    }
    if (!trainable) return { values, shape: this.bitShape, variables: [], gradient: () => [] };
    const trainsI = qType === 'kif' && overflowMode !== 'WRAP';
    return {
      values,
      shape: this.bitShape,
      variables: trainsI ? [integer, width] : [width],
      gradient: (bits) => {
        const open = Float32Array.from(bits, (g, q) => (qType === 'kbi' || i[q] + f[q] > 0 ? g : 0));
        return trainsI ? [open, open] : [open];
      },
    };
  }

  formats(dropBatch: boolean): FormatTable {
    const { k, i, f } = this.formatsNow();
    this.refuseUnseen(i);
    return {
      shape: dropBatch && this.hasBatchAxis ? this.bitShape.slice(1) : this.bitShape,
      k: Array.from(k, (value) => (value === 0 ? 0 : 1)),
      i: Array.from(i),
      f: Array.from(f),
    };
  }

  range(): QuantizerRange {
    const { k, i, f } = this.formatsNow();
    this.refuseUnseen(i);
    const symmetric = this.config.overflowMode === 'SAT_SYM';
    const epsilon = f.map((bits) => 2 ** -bits);
    // A format without width holds 0 only.
    const isEmpty = (q: number): boolean => k[q] + i[q] + f[q] <= 0;
    const max = i.map((bits, q) => (isEmpty(q) ? 0 : 2 ** bits - epsilon[q]));
    const min = i.map((bits, q) => (k[q] === 0 || isEmpty(q) ? 0 : symmetric ? -max[q] : -(2 ** bits)));
    return { shape: this.bitShape, min, max, epsilon };
  }

  resetRange(): void {
    if (!this.followsRange) return;
    const { i, k, traced } = this.built();
    i.assignUnconstrained(new Float32Array(i.values.length).fill(unseen));
    k.assign(new Float32Array(k.values.length));
    traced?.assign(new Float32Array(1));
  }

  get list(): ListQuantizer | null {
    const { scaler, affine, qnoiseFactor } = this.config;
    if (scaler != null || affine != null || qnoiseFactor != null) return null;
    const { bitShape } = this;
    return {
      parameters: this.trainedParameters().tensors,
      indexOf: (elements, shape) => listIndex(bitShape, shape, elements),
      quantise: (values, at, context) => this.step(values, at, context),
    };
  }

  private quantise(x: tf.Tensor, context: CallContext): tf.Tensor {
    return hostOp([x, ...this.trainedParameters().tensors], () => {
      const { y, backward } = this.step(exactValues(x), this.indexFor(x.shape), context);
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

  private step(values: Reals, at: BitIndex, context: CallContext): FixedStep {
    const rounded = this.followsRange && context !== 'inference' ? this.followRange(values, at, context) : null;
    const { i, limits } = this.formatsNow();
    const { roundMode: round, overflowMode: overflow, isWeight, foldsBeforeCarry } = this.config;
    const roundsOnly = context === 'training' || (this.followsRange && (context === 'tracing' || isWeight));
    if (overflow === 'WRAP' && !roundsOnly) this.refuseUnseen(i);
    // Zero also in training: otherwise an empty signed format would emit −2^-f there and 0 in inference (hgq2 §8.1, 6).
    const settings = { round, overflow, foldsBeforeCarry, roundsOnly, zeroEmpty: true, rounded };
    return fixedStep(values, limits, at, settings, this.trainedParameters());
  }

  private trainedParameters(): FixedOpParameters {
    const { width, i } = this.built();
    const { qType, trainable, overflowMode } = this.config;
    if (!trainable) return { tensors: [], gradients: () => [] };
    if (overflowMode === 'WRAP') return { tensors: [width.variable], gradients: (df) => [Float32Array.from(df)] };
    return {
      tensors: [width.variable, i.variable],
      // KBI: f = b − i, so i moves against f.
      gradients: (df, di) => [
        Float32Array.from(df),
        Float32Array.from(qType === 'kbi' ? di.map((value, q) => value - df[q]) : di),
      ],
    };
  }

  /**
   * WRAP while training or tracing: raises `i` (and in tracing `k`) to hold the data; in training `i` decays first.
   * Returns the rounded data.
   */
  private followRange(x: Reals, at: BitIndex, context: 'training' | 'tracing'): Float32Array {
    const { width, i, k, traced } = this.built();
    const { qType, roundMode, ic, iDecaySpeed } = this.config;
    const size = sizeOf(this.bitShape);
    const isKbi = qType === 'kbi';
    const old = i.values;
    const next = new Float32Array(size);
    // KIF measures what comes out; KBI, whose fraction bits depend on the range, what comes in.
    const fixed = isKbi ? null : roundOnly(x, this.formatsNow().limits, at, roundMode);
    const magnitudes = absMaxPerBit(fixed ?? x, at, size);
    let isCut = false;
    for (let q = 0; q < size; q++) {
      const w = roundHalfEven(width.values[q]);
      const needed = (isKbi ? minimalIntegerBitsForWidth : minimalIntegerBitsForFraction)(magnitudes[q], w);
      if (context === 'training') next[q] = Math.max(Math.fround(old[q] - Math.fround(iDecaySpeed)), needed);
      // Unconstrained "nothing seen" must not survive: whatever tracing sees is a range.
      else next[q] = Math.max(roundHalfEven(old[q]), project(ic, needed));
      isCut ||= next[q] < needed;
    }
    i.assign(next);
    const rounded = fixed ?? roundOnly(x, this.formatsNow().limits, at, roundMode);
    if (context === 'training') {
      if (traced != null && traced.values[0] !== 0) traced.assign(new Float32Array(1));
      return rounded;
    }
    if (isCut) this.refuseBeyondConstraint(rounded, at);
    const negative = anyNegativePerBit(rounded, at, size);
    const formats = this.formatsNow();
    const signs = k.values.map((old, q) =>
      old === 1 || (negative[q] === 1 && (!isKbi || formats.i[q] + formats.f[q] > 0)) ? 1 : 0,
    );
    k.assign(signs);
    traced?.assign(new Float32Array([1]));
    return this.withoutEmpty(rounded, at);
  }

  /**
   * Zeros where a format has no bits, as in inference. KBI without bits rounds to multiples of 2^32: down, that is −2^32 for every negative
   * number, and the layers behind would get ranges for it.
   */
  private withoutEmpty(rounded: Float32Array, { period, index }: BitIndex): Float32Array {
    const { empty } = this.formatsNow().limits;
    if (this.config.isWeight || !empty.includes(1)) return rounded;
    return rounded.map((value, j) => (empty[index === undefined ? j % period : index[j]] === 1 ? 0 : value));
  }

  /** @throws if inference would wrap a value because `ic` keeps the range below it. Weights do not wrap. */
  private refuseBeyondConstraint(rounded: Float32Array, { period, index }: BitIndex): void {
    if (this.config.isWeight) return;
    const { i } = this.formatsNow();
    const bitsAt = (j: number): number => i[index === undefined ? j % period : index[j]];
    // −2^i has a code, 2^i has none.
    const j = rounded.findIndex((value, j) => !(value < 2 ** bitsAt(j) && value >= -(2 ** bitsAt(j))));
    if (j < 0) return;
    throw new LayerError(
      `Quantizer '${this.name}': the traced value ${rounded[j]} does not fit into the ${bitsAt(j)} integer bits that its ` +
        "constraint ic allows; inference would wrap it. Widen ic, scale the data down, or use overflowMode: 'SAT'.",
      { option: 'ic', value: rounded[j] },
    );
  }

  private formatsNow(): Formats {
    const { width, i, k } = this.built();
    const sources = [width.values, i.values, k.values];
    const unchanged = this.current?.sources.every((source, index) => source === sources[index]);
    if (this.current != null && unchanged === true) return this.current.formats;
    const integer = Float64Array.from(i.values, roundHalfEven);
    const widths = Float64Array.from(width.values, roundHalfEven);
    const f = this.config.qType === 'kbi' ? widths.map((b, q) => b - integer[q]) : widths;
    const signs = Float64Array.from(k.values);
    const limits = fixedLimits({ k: signs, i: integer, f }, this.config.overflowMode === 'SAT_SYM');
    this.current = { sources, formats: { k: signs, i: integer, f, limits } };
    return this.current.formats;
  }

  private indexFor(shape: readonly number[]): BitIndex {
    const key = shape.join();
    let index = this.indices.get(key);
    if (index == null) {
      // Batches come in few sizes: the usual one and a last smaller one.
      if (this.indices.size > 8) this.indices.clear();
      index = bitIndex(this.bitShape, shape);
      this.indices.set(key, index);
    }
    return index;
  }

  private refuseUnseen(i: Float64Array): void {
    if (i.some((value) => value <= unseen / 2)) {
      throw new LayerError(
        `Quantizer '${this.name}': its range was reset and it has seen no data since. Run traceMinMax(model, data).`,
      );
    }
  }

  private built(): NonNullable<typeof this.variables> {
    if (this.variables == null)
      throw new LayerError(`Quantizer '${this.name}' is used before its layer was built. Apply the layer first.`);
    return this.variables;
  }
}
