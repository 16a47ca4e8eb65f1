import type { Weights } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { tidy } from '../ops/tf.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { quantisedWeights } from './lower-quantizer.ts';

/** Integer codes of weights that a layer computes, such as those with a folded batch normalisation, in the order given. */
export function computedWeights(
  layer: string,
  compute: () => readonly (readonly [Quantizer, tf.Tensor])[],
): readonly Weights[] {
  return tidyCodes(() => compute().map(([quantizer, weights]) => quantisedWeights(quantizer, weights, layer)));
}

/** Codes of weights that are computed; their tensors are gone afterwards. */
export function tidyCodes(compute: () => readonly Weights[]): readonly Weights[] {
  let codes: readonly Weights[] = [];
  tidy(() => {
    codes = compute();
  });
  return codes;
}
