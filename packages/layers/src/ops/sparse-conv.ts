import type * as tf from '@tensorflow/tfjs';
import type { CallContext } from '../quantizer/call-context.ts';
import type { ListQuantizer } from '../quantizer/quantizer.ts';
import { activePixels, rememberSupport } from './active-pixels.ts';
import { exactView } from './fraction.ts';
import { hostOp } from './host-op.ts';
import { hostValues, hostView } from './host-view.ts';

/** Operands of `sparseConv`, all on the grid they shall have. */
export interface SparseConvOperands {
  /** `[batch, H, W, C]`. */
  readonly features: tf.Tensor;
  /** `[batch, H, W, 1]`, zeros and ones. */
  readonly mask: tf.Tensor;
  /** `[kh, kw, C, F]`, odd sides. */
  readonly kernel: tf.Tensor;
  /** `[F]`, or null. */
  readonly bias: tf.Tensor | null;
}

/**
 * `mask · act(bias ⊕ conv(q(features · mask), kernel))` as one operation on the list of active pixels, where ⊕ adds where
 * the sum is not 0 (sparsepixels §1.2). Does what `sparseConvReference` does, at a cost of
 * `pixels · active neighbours · C · F` instead of `H · W · kh · kw · C · F`, and without the passes over empty images.
 *
 * The gradient of the mask is computed at its candidate pixels; elsewhere it could have no effect.
 */
export function sparseConv(
  { features, mask, kernel, bias }: SparseConvOperands,
  activation: 'linear' | 'relu',
  quantizer: ListQuantizer | null,
  context: CallContext,
): tf.Tensor {
  const [batch, height, width, channels] = features.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth, , filters] = kernel.shape as [number, number, number, number];
  const inputs = [features, mask, kernel, ...(bias == null ? [] : [bias]), ...(quantizer?.parameters ?? [])];
  const pixelSets = activePixels(mask);
  const y = hostOp(inputs, () => {
    const weights = hostValues(kernel);
    const offsets = bias == null ? new Float32Array(filters) : hostValues(bias);
    const { active, candidates } = pixelSets;
    const size = batch * height * width;
    const gate = new Float32Array(candidates.length);
    const maskView = hostView(mask);
    for (let o = 0; o < candidates.length; o++) gate[o] = maskView[candidates[o]];
    // Inputs: the active pixels, and candidates that carry features although they are masked (their gradient counts).
    const featureView = exactView(features);
    const pixels = inputPixels(featureView, channels, active, candidates);
    const numbers = featureView instanceof Float64Array ? Float64Array : Float32Array;
    const raw = new numbers(pixels.length * channels);
    const masked = new numbers(raw.length);
    const elements = new Int32Array(raw.length);
    const weightOf = new Float32Array(pixels.length);
    for (let s = 0, j = 0; s < pixels.length; s++) {
      weightOf[s] = maskView[pixels[s]];
      for (let c = 0; c < channels; c++, j++) {
        elements[j] = pixels[s] * channels + c;
        raw[j] = featureView[elements[j]];
        masked[j] = raw[j] * weightOf[s];
      }
    }
    const quantised = quantizer?.quantise(masked, quantizer.indexOf(elements, features.shape), context);
    const x = quantised?.y ?? masked;
    const neighbours = neighbourList(candidates, pixels, [size, height, width], [kernelHeight, kernelWidth]);

    const sums = new Float64Array(candidates.length * filters);
    const { start, slot, tap } = neighbours;
    for (let o = 0; o < candidates.length; o++) {
      const to = o * filters;
      for (let e = start[o]; e < start[o + 1]; e++) {
        for (let c = 0; c < channels; c++) {
          const value = x[slot[e] * channels + c];
          if (value === 0) continue;
          const from = (tap[e] * channels + c) * filters;
          for (let f = 0; f < filters; f++) sums[to + f] += value * weights[from + f];
        }
      }
    }
    // float32, as the tensors of the reference: a sum that only double precision tells from 0 gets no bias.
    const open = new Float32Array(sums);
    const activated = new Float32Array(open.length);
    const values = new Float32Array(size * filters);
    for (let o = 0, j = 0; o < candidates.length; o++) {
      for (let f = 0; f < filters; f++, j++) {
        const sum = open[j] === 0 ? 0 : open[j] + offsets[f];
        activated[j] = activation === 'relu' && !(sum > 0) ? 0 : sum;
        values[candidates[o] * filters + f] = activated[j] * gate[o];
      }
    }
    return { values, shape: [batch, height, width, filters], gradient };

    function gradient(dy: Float32Array): readonly Float32Array[] {
      const dMask = new Float32Array(size);
      const dOpen = new Float32Array(open.length);
      const dBias = new Float64Array(filters);
      for (let o = 0, j = 0; o < candidates.length; o++) {
        let through = 0;
        for (let f = 0; f < filters; f++, j++) {
          const upstream = dy[candidates[o] * filters + f];
          through += upstream * activated[j];
          if (activation === 'relu' && activated[j] === 0) continue;
          const g = upstream * gate[o];
          dOpen[j] = g;
          if (open[j] !== 0) dBias[f] += g;
        }
        dMask[candidates[o]] = through;
      }
      const dx = new Float32Array(x.length);
      const dKernel = new Float64Array(weights.length);
      for (let o = 0; o < candidates.length; o++) {
        if (gate[o] === 0) continue;
        const at = o * filters;
        for (let e = start[o]; e < start[o + 1]; e++) {
          for (let c = 0; c < channels; c++) {
            const value = x[slot[e] * channels + c];
            const from = (tap[e] * channels + c) * filters;
            let sum = 0;
            for (let f = 0; f < filters; f++) {
              const g = dOpen[at + f];
              sum += g * weights[from + f];
              dKernel[from + f] += g * value;
            }
            dx[slot[e] * channels + c] += sum;
          }
        }
      }
      const back = quantised?.backward(dx);
      const dMasked = back?.dx ?? dx;
      const dFeatures = new Float32Array(size * channels);
      for (let s = 0, j = 0; s < pixels.length; s++) {
        let through = 0;
        for (let c = 0; c < channels; c++, j++) {
          through += dMasked[j] * raw[j];
          dFeatures[elements[j]] = dMasked[j] * weightOf[s];
        }
        dMask[pixels[s]] += through;
      }
      const dBiasList = bias == null ? [] : [Float32Array.from(dBias)];
      return [dFeatures, dMask, Float32Array.from(dKernel), ...dBiasList, ...(back?.parameters ?? [])];
    }
  });
  rememberSupport(y, pixelSets.active);
  return y;
}

function inputPixels(
  features: ArrayLike<number>,
  channels: number,
  active: Int32Array,
  candidates: Int32Array,
): Int32Array {
  if (active.length === candidates.length) return active;
  const list: number[] = [];
  for (let o = 0, a = 0; o < candidates.length; o++) {
    const pixel = candidates[o];
    while (active[a] < pixel) a++;
    let carries = active[a] === pixel;
    for (let c = 0; c < channels && !carries; c++) carries = features[pixel * channels + c] !== 0;
    if (carries) list.push(pixel);
  }
  return list.length === active.length ? active : Int32Array.from(list);
}

/** Input slots under the kernel at every output pixel: entries `start[o] … start[o + 1] − 1` of `slot` and `tap`. */
interface NeighbourList {
  readonly start: Int32Array;
  readonly slot: Int32Array;
  readonly tap: Int32Array;
}

function neighbourList(
  outputs: Int32Array,
  inputs: Int32Array,
  [size, height, width]: readonly [number, number, number],
  [kernelHeight, kernelWidth]: readonly [number, number],
): NeighbourList {
  const slotAt = new Int32Array(size).fill(-1);
  for (let s = 0; s < inputs.length; s++) slotAt[inputs[s]] = s;
  const start = new Int32Array(outputs.length + 1);
  const slots: number[] = [];
  const taps: number[] = [];
  const [up, left] = [(kernelHeight - 1) / 2, (kernelWidth - 1) / 2];
  for (let o = 0; o < outputs.length; o++) {
    const pixel = outputs[o];
    const column = pixel % width;
    const row = ((pixel - column) / width) % height;
    const first = Math.max(0, up - row);
    const last = Math.min(kernelHeight, height + up - row);
    const from = Math.max(0, left - column);
    const to = Math.min(kernelWidth, width + left - column);
    for (let a = first; a < last; a++) {
      const base = pixel + (a - up) * width - left;
      for (let b = from; b < to; b++) {
        const slot = slotAt[base + b];
        if (slot < 0) continue;
        slots.push(slot);
        taps.push(a * kernelWidth + b);
      }
    }
    start[o + 1] = slots.length;
  }
  return { start, slot: Int32Array.from(slots), tap: Int32Array.from(taps) };
}
