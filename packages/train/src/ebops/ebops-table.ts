import { collectQLayers } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';

/** EBOPs of one layer. */
export interface EbopsRow {
  readonly layer: string;
  /** Effective bit operations, `factor` included. */
  readonly ebops: number;
  /** Factor on the layer's dense cost, e.g. of `setSparseEbopsFactor`. */
  readonly factor: number;
  /** Weight of the layer's EBOPs in the loss. */
  readonly beta: number;
}

/** EBOPs per layer that counts them, in model order; their sum is `totalEbops(model)`. */
export function ebopsTable(model: tf.LayersModel): readonly EbopsRow[] {
  return collectQLayers(model)
    .filter(({ enableEbops }) => enableEbops)
    .map((layer) => ({ layer: layer.name, ebops: layer.ebops, factor: layer.ebopsFactor, beta: layer.beta }));
}
