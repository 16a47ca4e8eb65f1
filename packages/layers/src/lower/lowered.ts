import type { GraphNode } from '@sp/quant';
import type { CastModes, FormatChoice, GraphBuilder } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import type { ResolvedPrecision } from './precision.ts';

/** What becomes of a softmax or sigmoid that ends the model. */
export type SoftmaxChoice = 'drop' | 'table' | 'refuse';

/** A function of real numbers that may differ by element. */
export interface ElementFunctions {
  /** Broadcasts to the shape of the data. */
  readonly shape: readonly number[];
  /** Elements (flat indices over `shape`) with equal keys have the same function. */
  key(index: number): string;
  /** @returns float32 numbers on a binary grid */
  at(index: number): (value: number) => number;
}

/** What a model's symbolic tensor becomes in the fixed graph. */
export type Lowered =
  /** Model input whose format is not decided yet: a quantizer layer right behind it may decide. */
  | { readonly kind: 'open'; readonly name: string; readonly shape: readonly number[] }
  /** A value; for a sparse list `mask` names the reduction or pooling whose active set it lives on. */
  | { readonly kind: 'value'; readonly node: GraphNode; readonly mask?: string }
  /** A function of a value, not rounded yet: the next quantizer makes it a table that holds what it rounds to. */
  | {
      readonly kind: 'function';
      readonly node: GraphNode;
      readonly mask?: string;
      readonly functions: ElementFunctions;
      /** What the function is, in a report. */
      readonly expression: string;
      /** A mask follows it: only the active slots of the list have it, all other pixels are 0. */
      readonly activeOnly?: boolean;
    }
  /** A mask: no value of its own in the graph; `list` is one that lives on these slots. */
  | { readonly kind: 'mask'; readonly mask: string; readonly list: GraphNode };

/** Something worth telling about a lowering that succeeded. */
export interface LowerNote {
  readonly kind: 'note' | 'warning';
  readonly layer: string;
  readonly message: string;
}

/** A model that cannot be lowered. The message names the layer and says what to do about it. */
export class LowerError extends LayerError {
  declare readonly layer: string;
  constructor(layer: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`Layer '${layer}': ${problem} ${remedy}`, { layer, ...options });
    this.name = 'LowerError';
  }
}

/** What the lowering of a layer works with. */
export interface LowerScope {
  readonly graph: GraphBuilder;
  readonly softmax: SoftmaxChoice;
  readonly overflow: 'WRAP' | 'SAT';
  readonly tableLimit: number;
  /** Whether the layer's output leaves the model. */
  readonly isOutput: boolean;
  /** Types of what a layer leaves without a quantizer, or null when the user gave none. */
  precisionOf(layer: tf.layers.Layer): ResolvedPrecision | null;
  /** Whether a quantizer may decide the format of an open input: nobody else reads it. */
  mayDecide(open: Extract<Lowered, { kind: 'open' }>): boolean;
  report(note: LowerNote): void;
  /** Adds the input node of an open model input, as the result of this layer. */
  input(open: Extract<Lowered, { kind: 'open' }>, format: FormatChoice, modes: CastModes): Lowered;
}

/** The value behind `lowered`. @throws LowerError if it is a mask, or has no format. */
export function requireValue(lowered: Lowered, layer: string): Extract<Lowered, { kind: 'value' }> {
  if (lowered.kind === 'value') return lowered;
  if (lowered.kind === 'open') {
    throw new LowerError(
      layer,
      `the format of the model input '${lowered.name}' is not known.`,
      "Give inputType (for example 'ap_ufixed<8,1>') or calibration data, or put a quantizer layer behind the input.",
    );
  }
  if (lowered.kind === 'function') {
    throw new LowerError(
      layer,
      `its input ${lowered.expression} of '${lowered.node.layer ?? lowered.node.name}' is a float that no quantizer rounds.`,
      "Put a quantizer behind the function (enableIq: true here), or give precision (for example 'ap_fixed<16,6>').",
    );
  }
  throw new LowerError(layer, 'its first input is a mask.', 'Pass [x, mask] in this order.');
}
