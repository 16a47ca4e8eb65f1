import { sizeOf } from '@sp/quant';
import { broadcastIndices } from '@sp/quant/internal';
import { roundHalfEven, roundHalfUp } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { hostOp } from '../ops/host-op.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import { exactKif, integerBits, type KifArrays } from './exact-bits.ts';
import { bitShapeOf, type HQuantizerConfig, type RoundStrategy } from './quantizer-config.ts';

/** How a layer hands its quantizer a variable. */
export type AddBitVariable = (
  name: string,
  shape: readonly number[],
  initial: number,
  trainable: boolean,
) => tf.LayerVariable;

/** One HGQ v1 quantizer: fraction bits per cell, ranges recorded, integer bits derived from them (hgq1 §1). */
export class HQuantizer {
  readonly name: string;
  readonly config: HQuantizerConfig;
  /** Decided in `build`. */
  strategy: Exclude<RoundStrategy, 'auto'> = 'standard_round';
  private parts: {
    readonly fbw: tf.LayerVariable;
    readonly shape: readonly number[];
    readonly degeneracy: number;
  } | null = null;
  private ranges: { readonly min: Float64Array; readonly max: Float64Array } | null = null;
  private readonly random: () => number;

  constructor(name: string, config: HQuantizerConfig, random: () => number) {
    this.name = name;
    this.config = config;
    this.random = random;
  }

  /** @param shape of the data, the batch as 1 @param factor multiplies the degeneracy */
  build(shape: readonly number[], variable: string, add: AddBitVariable, factor = 1): void {
    const bits = bitShapeOf(this.config, shape, `Quantizer '${this.name}'`);
    const fbw = add(variable, bits, this.config.initBw, this.config.trainable);
    this.parts = { fbw, shape: bits, degeneracy: (sizeOf(shape) / sizeOf(bits)) * factor };
    this.resetRange();
  }

  get fbw(): tf.Variable {
    return this.built().fbw.read() as tf.Variable;
  }

  /** Shape of the bit widths: the data's, 1 where shared. */
  get shape(): readonly number[] {
    return this.built().shape;
  }

  /** Number of values that share a bit width; the batch counts as 1. */
  get degeneracy(): number {
    return this.built().degeneracy;
  }

  /** Smallest and largest value given since the last reset, per cell; +∞ and −∞ before the first. */
  get range(): { readonly min: Float64Array; readonly max: Float64Array } {
    this.built();
    return this.ranges as NonNullable<typeof this.ranges>;
  }

  /** Forgets the range seen so far. */
  resetRange(): void {
    const size = sizeOf(this.shape);
    this.ranges = {
      min: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
      max: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
    };
  }

  /** Replaces the range. */
  setRange(min: Float64Array, max: Float64Array): void {
    this.ranges = { min, max };
  }

  /** Whether every cell has seen a value. */
  get traced(): boolean {
    return this.range.min.every((low, j) => low <= this.range.max[j]);
  }

  /** Puts bit widths back into `bwClip`, as every call does. */
  clip(): void {
    const { bwClip } = this.config;
    if (bwClip == null) return;
    const { fbw } = this;
    const values = fbw.dataSync<'float32'>();
    const [low, high] = bwClip;
    if (values.every((value) => value >= low && value <= high)) return;
    const clipped = tf.tensor(
      values.map((value) => Math.min(high, Math.max(low, value))),
      fbw.shape,
      'float32',
    );
    fbw.assign(clipped);
    clipped.dispose();
  }

  /** Quantises; records the range while training or tracing. Gradients: 1 for x, `ln2·(x − xq)` for the bit widths. */
  call(x: tf.Tensor, context: CallContext): tf.Tensor {
    this.clip();
    const training = context === 'training';
    const round = this.rounding(training);
    const scales = this.scales(training);
    const at = this.cells(x.shape);
    const record = this.config.minmaxRecord && context !== 'inference' ? this.range : null;
    return hostOp([x, this.fbw], ([values]) => {
      const size = values.length;
      const y = new Float32Array(size);
      const delta = new Float64Array(size);
      for (let j = 0; j < size; j++) {
        const cell = at(j);
        const xq = round(values[j] * scales[cell]) / scales[cell];
        delta[j] = values[j] - xq;
        y[j] = xq;
        if (record != null) {
          if (y[j] < record.min[cell]) record.min[cell] = y[j];
          if (y[j] > record.max[cell]) record.max[cell] = y[j];
        }
      }
      return {
        values: y,
        shape: x.shape,
        gradient: (dy) => {
          const bits = new Float64Array(scales.length);
          for (let j = 0; j < size; j++) bits[at(j)] += Math.LN2 * delta[j] * dy[j];
          return ['same', Float32Array.from(bits)];
        },
      };
    });
  }

  /**
   * A bias with the bit widths of the values it is added to: per channel the largest. The gradient of tied bit widths is
   * split evenly.
   */
  callBias(bias: tf.Tensor, context: CallContext): tf.Tensor {
    this.clip();
    const training = context === 'training';
    const round = this.rounding(training);
    const { shape } = this;
    const channels = shape.at(-1) as number;
    const largest = this.biasBits();
    return hostOp([bias, this.fbw], ([values, bits]) => {
      const copy = bits.slice();
      const delta = new Float64Array(values.length);
      const y = Float32Array.from(values, (value, c) => {
        const f = largest[channels === 1 ? 0 : c];
        const scale = 2 ** (training && !this.config.exactQValue ? f : roundHalfEven(f));
        const q = round(value * scale) / scale;
        delta[c] = value - q;
        return q;
      });
      return {
        values: y,
        shape: bias.shape,
        gradient: (dy) => {
          const sums = new Float64Array(channels);
          for (let c = 0; c < dy.length; c++) sums[channels === 1 ? 0 : c] += Math.LN2 * delta[c] * dy[c];
          const tied = new Float64Array(channels);
          for (let j = 0; j < copy.length; j++) if (copy[j] === largest[j % channels]) tied[j % channels]++;
          return [
            'same',
            Float32Array.from(copy, (f, j) =>
              f === largest[j % channels] ? sums[j % channels] / tied[j % channels] : 0,
            ),
          ];
        },
      };
    });
  }

  /** Largest fraction bits per channel; one for all channels when they share. */
  biasBits(): Float64Array {
    const channels = this.shape.at(-1) as number;
    const largest = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY);
    this.fbw.dataSync<'float32'>().forEach((f, j) => {
      largest[j % channels] = Math.max(largest[j % channels], f);
    });
    return largest;
  }

  /** `fbw − log₂|w|`, the smallest of each cell (hgq1 §1.6); a zero gives +∞, which the next call cuts. */
  adapt(kernel: tf.Tensor): void {
    const values = kernel.dataSync<'float32'>();
    const at = this.cells(kernel.shape);
    const { fbw } = this;
    const before = fbw.dataSync<'float32'>();
    const shift = new Float64Array(before.length).fill(Number.POSITIVE_INFINITY);
    for (let j = 0; j < values.length; j++) shift[at(j)] = Math.min(shift[at(j)], -Math.log2(Math.abs(values[j])));
    const adapted = tf.tensor(
      before.map((f, cell) => f + shift[cell]),
      fbw.shape,
      'float32',
    );
    fbw.assign(adapted);
    adapted.dispose();
  }

  /** Costs of the bit widths, for the loss. */
  penalties(): readonly tf.Scalar[] {
    const { l1, absL1, l2, regularizer } = this.config;
    const { fbw } = this;
    const weighted: readonly (readonly [number, () => tf.Tensor])[] = [
      [l1, () => fbw],
      [absL1, () => tf.abs(fbw)],
      [l2, () => tf.square(fbw)],
    ];
    return [
      ...weighted.filter(([weight]) => weight !== 0).map(([weight, x]) => tf.mul(tf.sum(x()), weight) as tf.Scalar),
      ...(regularizer == null ? [] : [regularizer(fbw)]),
    ];
  }

  /** Formats of the recorded range. @throws LayerError when there is none */
  exact(positiveOnly: boolean): KifArrays {
    if (!this.traced) {
      throw new LayerError(
        `Quantizer '${this.name}': it has seen no data since its range was reset. Run hTraceMinMax first.`,
      );
    }
    const { min, max } = this.range;
    return exactKif(this.fbw.dataSync<'float32'>(), min, max, positiveOnly);
  }

  /**
   * Differentiable bit counts over `shape`: `relu(î + f̂ [+ k̂])`, from the recorded range. Gradients of bit widths are
   * divided by √degeneracy.
   */
  approximate(shape: readonly number[], positiveOnly: boolean): tf.Tensor {
    const { min, max } = this.range;
    const constant = min.map((low, j) => {
      // Nothing seen yet: not known, so nothing to count.
      if (low > max[j]) return Number.NEGATIVE_INFINITY;
      const reach = positiveOnly ? Math.max(max[j], 0) : Math.max(Math.abs(low), Math.abs(max[j]));
      return integerBits(reach) + (!positiveOnly && low < 0 ? 1 : 0);
    });
    return this.counts(shape, constant);
  }

  /** The same for a kernel, without sign: integer bits of its largest quantised value per cell. */
  approximateKernel(quantised: ArrayLike<number>, shape: readonly number[]): tf.Tensor {
    const at = this.cells(shape);
    const constant = new Float64Array(sizeOf(this.shape)).fill(Number.NEGATIVE_INFINITY);
    for (let j = 0; j < quantised.length; j++) constant[at(j)] = Math.max(constant[at(j)], integerBits(quantised[j]));
    return this.counts(shape, constant);
  }

  private counts(shape: readonly number[], constant: Float64Array): tf.Tensor {
    const at = this.cells(shape);
    const damping = 1 / Math.sqrt(this.degeneracy);
    return hostOp([this.fbw], ([fbw]) => {
      const bits = Array.from(constant, (c, j) => Math.max(0, c + roundHalfEven(fbw[j])));
      return {
        values: Float32Array.from({ length: sizeOf(shape) }, (_, j) => bits[at(j)]),
        shape,
        gradient: (dy) => {
          const sums = new Float64Array(bits.length);
          for (let j = 0; j < dy.length; j++) if (bits[at(j)] > 0) sums[at(j)] += dy[j] * damping;
          return [Float32Array.from(sums)];
        },
      };
    });
  }

  private scales(training: boolean): Float64Array {
    const inexact = training && !this.config.exactQValue;
    return Float64Array.from(this.fbw.dataSync<'float32'>(), (f) => 2 ** (inexact ? f : roundHalfEven(f)));
  }

  private rounding(training: boolean): (v: number) => number {
    if (this.strategy === 'floor') return Math.floor;
    if (training && this.strategy === 'stochastic_round') {
      return (v) => Math.floor(v) + (this.random() < v - Math.floor(v) ? 1 : 0);
    }
    if (training && this.strategy === 'fast_uniform_noise_injection') {
      return (v) => (Math.abs(v) <= 0.5 ? 0 : v + this.random() - 0.5);
    }
    return roundHalfUp;
  }

  /** Cell of every element; the batch is folded away. */
  private cells(shape: readonly number[]): (index: number) => number {
    const own = this.shape;
    const batched = own.length === shape.length && own[0] === 1;
    const inner = batched ? [1, ...shape.slice(1)] : shape;
    const indices = broadcastIndices(own, inner);
    const block = indices.length;
    return (index) => indices[index % block];
  }

  private built(): NonNullable<typeof this.parts> {
    if (this.parts == null)
      throw new LayerError(`Quantizer '${this.name}': it has no bit widths yet. Build the model first.`);
    return this.parts;
  }
}
