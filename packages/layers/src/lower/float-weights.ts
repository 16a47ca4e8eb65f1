import { quantize, type Weights } from '@sp/quant';
import type { FixedType } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import { hostValues } from '../ops/host-view.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { quantisedWeights } from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import type { ResolvedPrecision } from './precision.ts';

/** Whether no quantizer rounds the weights: the layer is a plain float layer. */
export function isFloat(quantizer: Quantizer | null): boolean {
  return quantizer == null || quantizer.config.qType === 'dummy';
}

/** The user's types for a float layer. @throws LowerError when there are none. */
export function requirePrecision(scope: LowerScope, layer: tf.layers.Layer, what = 'its weights'): ResolvedPrecision {
  const types = scope.precisionOf(layer);
  if (types != null) return types;
  throw new LowerError(
    layer.name,
    `${what} are floats that no quantizer rounds (kq is a dummy quantizer, or there is none).`,
    "Give lower a precision ({ precision: 'ap_fixed<16,6>' }), or train with quantised layers.",
  );
}

/** Weights as integer codes: in the formats of their quantizer, or where there is none in the user's type. */
export function weightCodes(
  scope: LowerScope,
  layer: tf.layers.Layer,
  quantizer: Quantizer | null,
  weights: tf.Tensor,
  role: 'weight' | 'bias',
): Weights {
  if (quantizer != null && !isFloat(quantizer)) return quantisedWeights(quantizer, weights, layer.name);
  return typedWeights(hostValues(weights), weights.shape, requirePrecision(scope, layer)[role]);
}

/** Reals rounded to a type. */
export function typedWeights(values: ArrayLike<number>, shape: readonly number[], type: FixedType): Weights {
  const { format, round, overflow } = type;
  const codes = Array.from(values, (value) => quantize(value, format, round, overflow) * 2 ** format.f + 0);
  return { shape: [...shape], codes, f: format.f };
}

/** Sums of a float layer in the user's accumulator type, if there is one, as node `<layer>.accum`. */
export function accumulated(scope: LowerScope, layer: tf.layers.Layer, lowered: Lowered): Lowered {
  const type = scope.precisionOf(layer)?.accum;
  return type == null ? lowered : cast(scope, layer, lowered, type, 'accum');
}

/** What a float layer gives on, in the user's result type, as node `<layer>.result`. */
export function resulting(scope: LowerScope, layer: tf.layers.Layer, lowered: Lowered): Lowered {
  const type = scope.precisionOf(layer)?.result;
  // A function got the type with its table.
  return type == null || lowered.kind === 'function' ? lowered : cast(scope, layer, lowered, type, 'result');
}

function cast(scope: LowerScope, layer: tf.layers.Layer, lowered: Lowered, type: FixedType, step: string): Lowered {
  const { name } = layer;
  const source = requireValue(lowered, name);
  const { format: to, round, overflow } = type;
  return {
    ...source,
    node: scope.graph.requantize(`${name}.${step}`, source.node, { to, round, overflow, layer: name }),
  };
}
