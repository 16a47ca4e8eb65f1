import type { CastModes, FormatChoice, GraphBuilder, GraphNode } from '@sp/quant';
import { LayerError } from '../layer-error.ts';

/** What a model's symbolic tensor becomes in the fixed graph. */
export type Lowered =
  /** Model input whose format is not decided yet: a quantizer layer right behind it may decide. */
  | { readonly kind: 'open'; readonly name: string; readonly shape: readonly number[] }
  /** A value; for a sparse list `mask` names the reduction or pooling whose active set it lives on. */
  | { readonly kind: 'value'; readonly node: GraphNode; readonly mask?: string }
  /** A mask: no value of its own in the graph, a list knows its active slots. */
  | { readonly kind: 'mask'; readonly mask: string };

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
  readonly softmax: 'refuse' | 'drop';
  readonly overflow: 'WRAP' | 'SAT';
  readonly tableLimit: number;
  /** Whether the layer's output leaves the model. */
  readonly isOutput: boolean;
  report(note: LowerNote): void;
  /** Adds the input node of an open model input, as the result of this layer. */
  input(open: Extract<Lowered, { kind: 'open' }>, format: FormatChoice, modes: CastModes): Lowered;
}

/** The value behind `lowered`. @throws LowerError if it is a mask or an input without a format. */
export function requireValue(lowered: Lowered, layer: string): Extract<Lowered, { kind: 'value' }> {
  if (lowered.kind === 'value') return lowered;
  if (lowered.kind === 'open') {
    throw new LowerError(
      layer,
      `the format of the model input '${lowered.name}' is not known.`,
      "Give inputType (for example 'ap_ufixed<8,1>') or calibration data, or put a quantizer layer behind the input.",
    );
  }
  throw new LowerError(layer, 'its first input is a mask.', 'Pass [x, mask] in this order.');
}
