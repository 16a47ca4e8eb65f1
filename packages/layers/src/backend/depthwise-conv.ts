import { type ConvGeometry, tapsFromInput } from './conv-geometry.ts';
import type { HostArray } from './kernel-memory.ts';

/**
 * Adds the input gradient of a depthwise convolution to `dx`.
 * Kernel layout `[kh, kw, in, multiplier]`; output channel = `channel · multiplier + m`.
 */
export function depthwiseInputGradient(
  dy: HostArray,
  filter: HostArray,
  dx: Float32Array,
  geometry: ConvGeometry,
): void {
  forEachConnection(geometry, (input, output, tap, multiplier) => {
    let sum = 0;
    for (let m = 0; m < multiplier; m++) sum += dy[output + m] * filter[tap + m];
    dx[input] += sum;
  });
}

/** Writes the kernel gradient of a depthwise convolution to `dw`; zero inputs are skipped. */
export function depthwiseFilterGradient(x: HostArray, dy: HostArray, dw: Float32Array, geometry: ConvGeometry): void {
  const sums = new Float64Array(dw.length);
  forEachConnection(geometry, (input, output, tap, multiplier) => {
    const value = x[input];
    if (value === 0) return;
    for (let m = 0; m < multiplier; m++) sums[tap + m] += value * dy[output + m];
  });
  dw.set(sums);
}

/** Visits every (input value, first output channel, first kernel entry) triple that a depthwise convolution joins. */
function forEachConnection(
  geometry: ConvGeometry,
  visit: (input: number, output: number, tap: number, multiplier: number) => void,
): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, kernelWidth } = geometry;
  const multiplier = outChannels / inChannels;
  const rows = tapsFromInput(geometry.rows);
  const columns = tapsFromInput(geometry.columns);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < inHeight; row++) {
      for (let column = 0; column < inWidth; column++) {
        const input = ((image * inHeight + row) * inWidth + column) * inChannels;
        for (let a = rows.start[row]; a < rows.start[row + 1]; a++) {
          for (let b = columns.start[column]; b < columns.start[column + 1]; b++) {
            const output = ((image * outHeight + rows.position[a]) * outWidth + columns.position[b]) * outChannels;
            const tap = (rows.tap[a] * kernelWidth + columns.tap[b]) * outChannels;
            for (let c = 0; c < inChannels; c++) {
              visit(input + c, output + c * multiplier, tap + c * multiplier, multiplier);
            }
          }
        }
      }
    }
  }
}
