import type { FormatTable } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import type { QuantizerConfig } from '../config/quantizer-settings.ts';
import type { Reals } from '../ops/fraction.ts';
import type { BitIndex } from './broadcast.ts';
import type { CallContext } from './call-context.ts';
import type { Constraint } from './constraint.ts';
import type { FixedStep } from './fixed-op.ts';
import type { StateVariable } from './state-variable.ts';

/** How a quantizer gets a variable from the layer that owns it. */
export type AddVariable = (variable: {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: number;
  readonly trainable: boolean;
  readonly constraint: Constraint | null;
  /** Strength of the MonoL1 regulariser; 0 = none. */
  readonly monoL1: number;
}) => StateVariable;

/** One bit count per bit element, and how its gradient reaches the variables behind it. */
export interface BitCounts {
  /** Bits that EBOPs count (hgq2 §2.3: the sign bit only under SAT), one per bit element. */
  readonly values: Float64Array;
  /** Shape of the bit tensor, with a leading 1 for the batch where the data have a batch axis. */
  readonly shape: readonly number[];
  /** The trainable variables the counts depend on. */
  readonly variables: readonly StateVariable[];
  /** Turns gradients of `values` into gradients of `variables`. */
  gradient(bits: Float64Array): readonly Float32Array[];
}

/**
 * The quantizer on some elements of a tensor, the others being 0, which every quantizer maps to 0: for operations that
 * work on active pixels only. State is updated as by `call`.
 */
export interface ListQuantizer {
  /** Trained bit variables. */
  readonly parameters: readonly tf.Tensor[];
  /** Where the elements with flat indices `elements` of a tensor of `shape` find their bit widths. */
  indexOf(elements: Int32Array, shape: readonly number[]): BitIndex;
  quantise(values: Reals, at: BitIndex, context: CallContext): FixedStep;
}

/** Smallest and largest value and the step of every format, one per bit element of `shape`. */
export interface QuantizerRange {
  readonly shape: readonly number[];
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly epsilon: Float64Array;
}

/** A quantizer inside a layer: its variables, its forward call and what others need to know about it. */
export interface Quantizer {
  readonly config: QuantizerConfig;
  /** `layer/iq` and the like, for messages and variable names. */
  readonly name: string;
  /** Whether tracing has to be run before inference can be trusted: a WRAP quantizer that follows its range. */
  readonly followsRange: boolean;
  /** Whether tracing saw data since the last training step; always true when `followsRange` is false. */
  readonly traced: boolean;
  /** Creates the variables for data of `shape`; `null` marks the batch axis. Called once. */
  build(shape: readonly (number | null)[], addVariable: AddVariable): void;
  /** Quantises `x`. */
  call(x: tf.Tensor, context: CallContext): tf.Tensor;
  /** The quantizer on lists of elements; null when it does more than quantise (scaler, affine map, noise). */
  readonly list: ListQuantizer | null;
  /** Bit counts for EBOPs. */
  bits(): BitCounts;
  /**
   * Formats in use now, one per bit element, over a shape without the batch axis when `dropBatch`.
   * `null` for a dummy quantizer.
   */
  formats(dropBatch: boolean): FormatTable | null;
  /** What the formats in use now can represent (hgq2 §2.2, §2.3, §2.5). */
  range(): QuantizerRange;
  /** Forgets the range and sign seen so far (only where `followsRange`). */
  resetRange(): void;
}
