/**
 * Convolution and its two gradients as plain loops that skip zeros.
 *
 * Detector images are nearly empty and the layers mask every inactive pixel, so the maps and the gradients flowing
 * back are mostly zero. A scatter loop over the non-zero pixels costs `active · k² · channels`, where a dense kernel
 * costs `height · width · k² · channels`. Layout is channels last, `[batch, row, column, channel]`; kernels are
 * `[kh, kw, in, out]`. Outputs must be zero on entry.
 *
 * A zero times an infinite or NaN weight contributes nothing here, where a dense kernel gives NaN.
 */
import { type ConvGeometry, tapsFromInput, tapsFromOutput } from './conv-geometry.ts';
import type { HostArray } from './kernel-memory.ts';

/** Adds the convolution of `x` with `filter` to `out`. */
export function convolve(x: HostArray, filter: HostArray, out: Float32Array, geometry: ConvGeometry): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, kernelWidth } = geometry;
  const rows = tapsFromInput(geometry.rows);
  const columns = tapsFromInput(geometry.columns);
  let pixel = 0;
  for (let image = 0; image < batch; image++) {
    const outImage = image * outHeight * outWidth;
    for (let row = 0; row < inHeight; row++) {
      for (let column = 0; column < inWidth; column++) {
        for (let channel = 0; channel < inChannels; channel++, pixel++) {
          const value = x[pixel];
          if (value === 0) continue;
          for (let a = rows.start[row]; a < rows.start[row + 1]; a++) {
            const outRow = outImage + rows.position[a] * outWidth;
            const tapRow = rows.tap[a] * kernelWidth;
            for (let b = columns.start[column]; b < columns.start[column + 1]; b++) {
              const to = (outRow + columns.position[b]) * outChannels;
              const from = ((tapRow + columns.tap[b]) * inChannels + channel) * outChannels;
              for (let o = 0; o < outChannels; o++) out[to + o] += value * filter[from + o];
            }
          }
        }
      }
    }
  }
}

/** Adds the gradient with respect to the input, given the gradient `dy` of the output, to `dx`. */
export function convolutionInputGradient(
  dy: HostArray,
  filter: HostArray,
  dx: Float32Array,
  geometry: ConvGeometry,
): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, kernelWidth } = geometry;
  const rows = tapsFromOutput(geometry.rows);
  const columns = tapsFromOutput(geometry.columns);
  const transposed = transposeChannels(filter, inChannels, outChannels);
  let pixel = 0;
  for (let image = 0; image < batch; image++) {
    const inImage = image * inHeight * inWidth;
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let channel = 0; channel < outChannels; channel++, pixel++) {
          const value = dy[pixel];
          if (value === 0) continue;
          for (let a = rows.start[row]; a < rows.start[row + 1]; a++) {
            const inRow = inImage + rows.position[a] * inWidth;
            const tapRow = rows.tap[a] * kernelWidth;
            for (let b = columns.start[column]; b < columns.start[column + 1]; b++) {
              const to = (inRow + columns.position[b]) * inChannels;
              const from = ((tapRow + columns.tap[b]) * outChannels + channel) * inChannels;
              for (let i = 0; i < inChannels; i++) dx[to + i] += value * transposed[from + i];
            }
          }
        }
      }
    }
  }
}

/**
 * Writes the gradient with respect to the kernel to `dw`. Sums run in double precision over the whole batch and are
 * rounded to float32 once.
 */
export function convolutionFilterGradient(x: HostArray, dy: HostArray, dw: Float32Array, geometry: ConvGeometry): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, kernelWidth } = geometry;
  const rows = tapsFromInput(geometry.rows);
  const columns = tapsFromInput(geometry.columns);
  const sums = new Float64Array(dw.length);
  let pixel = 0;
  for (let image = 0; image < batch; image++) {
    const outImage = image * outHeight * outWidth;
    for (let row = 0; row < inHeight; row++) {
      for (let column = 0; column < inWidth; column++) {
        for (let channel = 0; channel < inChannels; channel++, pixel++) {
          const value = x[pixel];
          if (value === 0) continue;
          for (let a = rows.start[row]; a < rows.start[row + 1]; a++) {
            const outRow = outImage + rows.position[a] * outWidth;
            const tapRow = rows.tap[a] * kernelWidth;
            for (let b = columns.start[column]; b < columns.start[column + 1]; b++) {
              const from = (outRow + columns.position[b]) * outChannels;
              const to = ((tapRow + columns.tap[b]) * inChannels + channel) * outChannels;
              for (let o = 0; o < outChannels; o++) sums[to + o] += value * dy[from + o];
            }
          }
        }
      }
    }
  }
  dw.set(sums);
}

/** `[taps, in, out]` → `[taps, out, in]`, so that the inner loop of the input gradient runs over adjacent weights. */
function transposeChannels(filter: HostArray, inChannels: number, outChannels: number): Float32Array {
  const transposed = new Float32Array(filter.length);
  const block = inChannels * outChannels;
  for (let base = 0; base < filter.length; base += block) {
    for (let i = 0; i < inChannels; i++) {
      for (let o = 0; o < outChannels; o++) {
        transposed[base + o * inChannels + i] = filter[base + i * outChannels + o];
      }
    }
  }
  return transposed;
}
