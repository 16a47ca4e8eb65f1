/**
 * Which pixels of a batch are active, remembered along with the tensors. Sparse operations know the active set of what
 * they return; telling the next one saves it from scanning images that are almost empty.
 *
 * Pixels are numbered row-major over `[batch, H, W]`, lists are ascending.
 */
import type * as tf from '@tensorflow/tfjs';
import { nonZeros } from '../backend/non-zeros.ts';
import { hostView } from './host-view.ts';

/** What is known about a mask `[batch, H, W, 1]` of zeros and ones. */
export interface ActivePixels {
  /** Pixels where the mask is 1. */
  readonly active: Int32Array;
  /**
   * The active pixels and those where a gradient of the mask can have an effect. For a mask with soft surrogate these
   * are the pixels with a positive score; for one that learns nothing the active pixels alone.
   */
  readonly candidates: Int32Array;
}

const masks = new WeakMap<object, ActivePixels>();
const supports = new WeakMap<object, { readonly pixels: Int32Array; readonly channels: number }>();

/** Remembers the active set of a mask. */
export function rememberActivePixels(mask: tf.Tensor, pixels: ActivePixels): void {
  masks.set(mask.dataId, pixels);
}

/** The active set of a mask that one of our operations made. */
export function knownActivePixels(mask: tf.Tensor): ActivePixels | undefined {
  return masks.get(mask.dataId);
}

/** The active set of any mask. Of a mask from elsewhere every pixel is a candidate. */
export function activePixels(mask: tf.Tensor): ActivePixels {
  return (
    knownActivePixels(mask) ?? {
      active: nonZeros(hostView(mask)).slice(),
      candidates: Int32Array.from({ length: mask.size }, (_, p) => p),
    }
  );
}

/** Remembers that features `[batch, H, W, C]` are 0 outside `pixels`. */
export function rememberSupport(features: tf.Tensor, pixels: Int32Array): void {
  supports.set(features.dataId, { pixels, channels: features.shape[3] as number });
}

/** Pixels outside which the features are known to be 0. */
export function knownSupport(features: tf.Tensor): Int32Array | undefined {
  const support = supports.get(features.dataId);
  // A reshaped tensor shares the data, but with other channels its pixels are numbered differently.
  return support?.channels === features.shape[3] ? support?.pixels : undefined;
}
