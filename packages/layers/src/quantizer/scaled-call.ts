import type * as tf from '@tensorflow/tfjs';
import { knownFraction, rememberFraction } from '../ops/fraction.ts';
import { add, mul, sub } from '../ops/tf.ts';
import type { CallContext } from './call-context.ts';

/** What a quantizer may do around its rounding (hgq2 §2.6). */
export interface ScaledCallSettings {
  readonly scaler: number | null;
  readonly affine: readonly [number, number] | null;
  readonly qnoiseFactor: number | null;
}

/**
 * `affine(scaler · quantise(x / scaler))`; in training with `qnoiseFactor` only that part of the rounding error is added.
 * The reference adds it to `x / scaler` (hgq2 §8.1, 10); here to `x`.
 */
export function scaledCall(
  { scaler, affine, qnoiseFactor }: ScaledCallSettings,
  x: tf.Tensor,
  context: CallContext,
  quantise: (x: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  let y = scaler == null ? quantise(x) : mul(quantise(divided(x, scaler)), scaler);
  if (qnoiseFactor != null && context === 'training') y = add(x, mul(sub(y, x), qnoiseFactor));
  return affine == null ? y : add(mul(y, affine[0]), affine[1]);
}

/** `x / scaler`; exact averages stay exact. */
function divided(x: tf.Tensor, scaler: number): tf.Tensor {
  const y = mul(x, 1 / scaler);
  const exact = knownFraction(x);
  if (exact != null) {
    rememberFraction(y, { ...exact, numerators: exact.numerators.map((numerator) => numerator / scaler) });
  }
  return y;
}
