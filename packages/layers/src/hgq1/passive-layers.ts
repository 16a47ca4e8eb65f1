import * as tf from '@tensorflow/tfjs';
import { reshapeLayer } from '../keras2/stock-converters.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import {
  type QAveragePooling1D,
  type QAveragePooling2D,
  type QMaxPooling1D,
  type QMaxPooling2D,
  type QPoolingArgs,
  qAveragePooling1D,
  qAveragePooling2D,
  qMaxPooling1D,
  qMaxPooling2D,
} from '../layers/q-pooling.ts';

/** HGQ v1's P-layers: the ordinary ones, without quantizers; bits pass through them (hgq1 §2.9). */
const plain = { enableIq: false, enableOq: false, enableEbops: false } as const;

/** Arguments of the poolings. */
export type PPoolingArgs = Omit<QPoolingArgs, keyof typeof plain | 'iqConf' | 'oqConf'>;

/** `PMaxPooling1D`. */
export const pMaxPooling1D = (args: PPoolingArgs): QMaxPooling1D => qMaxPooling1D({ ...args, ...plain });
/** `PMaxPooling2D`. */
export const pMaxPooling2D = (args: PPoolingArgs): QMaxPooling2D => qMaxPooling2D({ ...args, ...plain });
/** `PAveragePooling1D`. Exact; windows of other than 2, 4, 8, … values need a quantizer behind them. */
export const pAveragePooling1D = (args: PPoolingArgs): QAveragePooling1D => qAveragePooling1D({ ...args, ...plain });
/** `PAveragePooling2D`; see `pAveragePooling1D`. */
export const pAveragePooling2D = (args: PPoolingArgs): QAveragePooling2D => qAveragePooling2D({ ...args, ...plain });
/** `PConcatenate`. */
export const pConcatenate = (args: LayerArgs & { readonly axis?: number } = {}): tf.layers.Layer =>
  tf.layers.concatenate({ axis: -1, ...args });
/** `PReshape`. */
export const pReshape = (args: { readonly name?: string; readonly targetShape: number[] }): tf.layers.Layer =>
  reshapeLayer(args);
/** `PFlatten`. */
export const pFlatten = (args: LayerArgs = {}): tf.layers.Layer => tf.layers.flatten(args);
/** `PPermute`; its bits are transposed, not reshaped (hgq1 D11). */
export const pPermute = (args: LayerArgs & { readonly dims: number[] }): tf.layers.Layer => tf.layers.permute(args);
/** `PDropout`; gone in the fixed graph. */
export const pDropout = (args: LayerArgs & { readonly rate: number }): tf.layers.Layer => tf.layers.dropout(args);
