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
  const codes: Weights[] = [];
  tidy(() => {
    for (const [quantizer, weights] of compute()) codes.push(quantisedWeights(quantizer, weights, layer));
  });
  return codes;
}
