import { roundHalfEven } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import type { FloatQuantizerConfig } from '../config/quantizer-settings.ts';
import { LayerError } from '../layer-error.ts';
import { hostOp } from '../ops/host-op.ts';
import { bitShapeOf } from './bit-shape.ts';
import { bitIndex } from './broadcast.ts';
import type { CallContext } from './call-context.ts';
import type { Constraint } from './constraint.ts';
import { type FloatFormats, quantiseFloat, quantiseFloatGradient } from './float-kernel.ts';
import type { AddVariable, BitCounts, Quantizer, QuantizerRange } from './quantizer.ts';
import { scaledCall } from './scaled-call.ts';
import type { StateVariable } from './state-variable.ts';

/**
 * Trainable minifloat quantizer (hgq2 §2.5), experimental: numbers of m mantissa and e exponent bits around exponent
 * offset e0, rounded to nearest even, saturating. The reference cannot be built through a config; this one can, with one
 * format per element for weights and biases and one format for everything else. Costs m + e + 1 bits.
 *
 * Values are short binary fractions, so weights are lowered as they are and narrow activations by table.
 */
export class FloatQuantizer implements Quantizer {
  readonly config: FloatQuantizerConfig;
  readonly name: string;
  readonly followsRange = false;
  readonly traced = true;
  readonly list = null;
  private variables: { readonly m: StateVariable; readonly e: StateVariable; readonly e0: StateVariable } | null = null;
  private bitShape: readonly number[] = [];
  private hasBatchAxis = false;

  constructor(config: FloatQuantizerConfig, name: string) {
    this.config = config;
    this.name = name;
  }

  /** The variables behind the format, for importers and read-outs; values are reals, rounded half to even in use. */
  get state(): { readonly m: StateVariable; readonly e: StateVariable; readonly e0: StateVariable } {
    if (this.variables == null)
      throw new LayerError(`Quantizer '${this.name}' is used before its layer was built. Apply the layer first.`);
    return this.variables;
  }

  build(shape: readonly (number | null)[], addVariable: AddVariable): void {
    const { m0, e0, e00, mc, ec, e0c, mr, er, e0r, trainable } = this.config;
    this.bitShape = bitShapeOf(shape, this.config, this.name);
    this.hasBatchAxis = shape[0] === null;
    const variable = (name: string, initial: number, constraint: Constraint | null, monoL1: number): StateVariable =>
      addVariable({ name, shape: this.bitShape, initial, trainable, constraint, monoL1: trainable ? monoL1 : 0 });
    this.variables = {
      m: variable('m', m0, mc, mr),
      e: variable('e', e0, ec, er),
      e0: variable('e0', e00, e0c, e0r),
    };
  }

  call(x: tf.Tensor, context: CallContext): tf.Tensor {
    return scaledCall(this.config, x, context, (scaled) => this.quantise(scaled));
  }

  bits(): BitCounts {
    const { m, e } = this.state;
    const formats = this.formatsNow();
    const values = Float64Array.from(formats.m, (bits, q) => bits + formats.e[q] + 1);
    if (!this.config.trainable) return { values, shape: this.bitShape, variables: [], gradient: () => [] };
    return {
      values,
      shape: this.bitShape,
      variables: [m, e],
      gradient: (bits) => [Float32Array.from(bits), Float32Array.from(bits)],
    };
  }

  /** The quantizer element by element, batch axis left out: which format an element has, and what it makes of a number. */
  elements(): {
    readonly shape: readonly number[];
    format(index: number): { readonly m: number; readonly e: number; readonly e0: number };
    quantise(value: number, index: number): number;
  } {
    const { m, e, e0 } = this.formatsNow();
    return {
      shape: this.hasBatchAxis ? this.bitShape.slice(1) : this.bitShape,
      format: (index) => ({ m: m[index], e: e[index], e0: e0[index] }),
      quantise: (value, index) =>
        quantiseFloat(new Float32Array([value]), { m, e, e0 }, { period: 1, index: new Int32Array([index]) })[0],
    };
  }

  formats(): null {
    return null;
  }

  range(): QuantizerRange {
    const { m, e, e0 } = this.formatsNow();
    // At least exponent range 1, as in the forward pass; the reference's own property forgets that for e = 0.
    const span = e.map((bits) => Math.max(2 ** (bits - 1), 1));
    const max = m.map((bits, q) => 2 ** (span[q] + e0[q] - 1) * (2 - 2 ** -bits));
    const epsilon = m.map((bits, q) => 2 ** (e0[q] + 1 - span[q] - bits));
    return { shape: this.bitShape, min: max.map((value) => -value), max, epsilon };
  }

  resetRange(): void {}

  private quantise(x: tf.Tensor): tf.Tensor {
    const { m, e, e0 } = this.state;
    const formats = this.formatsNow();
    const at = bitIndex(this.bitShape, x.shape);
    const parameters = this.config.trainable ? [m.variable, e.variable, e0.variable] : [];
    return hostOp([x, ...parameters], ([values]) => ({
      values: quantiseFloat(values, formats, at),
      shape: x.shape,
      gradient: (dy) => {
        if (parameters.length === 0) return ['same'];
        const { dm, de, de0 } = quantiseFloatGradient(values, dy, formats, at);
        return ['same', ...[dm, de, de0].map((gradient) => Float32Array.from(gradient))];
      },
    }));
  }

  private formatsNow(): Readonly<Record<keyof FloatFormats, Float64Array>> {
    const { m, e, e0 } = this.state;
    const [mantissas, exponents, offsets] = [m, e, e0].map(({ values }) => Float64Array.from(values, roundHalfEven));
    return { m: mantissas, e: exponents, e0: offsets };
  }
}
