import { layerConfigScope, type QLayer, quantizerConfigScope } from '@sp/layers';
import type { QuantizerOptions } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';

/** One row of `ebops` in a vectors file: a layer, its options and what the reference counts. */
export type EbopsRow = Readonly<Record<string, unknown>> & { readonly layer: string };

/**
 * EBOPs of a new layer as the reference's vectors define its quantizers (hgq2 §7.5): kif inputs of 5 bits, 4-bit weights,
 * 6-bit biases, SAT_SYM unless told otherwise. Read off the loss, which has the value before it is cut to a whole number.
 */
export function measuredEbops(
  make: () => QLayer,
  shapes: readonly (readonly number[])[],
  overflowMode: NonNullable<QuantizerOptions['overflowMode']> = 'SAT_SYM',
): number {
  // Penalties on bit widths are part of the loss too.
  const plain = { overflowMode, ir: 0, br: 0, fr: 0 };
  const layer = quantizerConfigScope({ place: 'datalane', i0: 2, f0: 3, ...plain }, () =>
    quantizerConfigScope({ place: 'weight', b0: 4, ...plain }, () =>
      quantizerConfigScope({ place: 'bias', b0: 6, ...plain }, () => layerConfigScope({ beta0: 1 }, make)),
    ),
  );
  const inputs = shapes.map((shape) => tf.input({ shape: [...shape] }));
  layer.apply(inputs.length === 1 ? inputs[0] : inputs);
  const losses = layer.calculateLosses();
  const ebops = losses.reduce((sum, loss) => sum + loss.dataSync()[0], 0);
  tf.dispose(losses);
  layer.dispose();
  return ebops;
}
