import type { HostArray } from './kernel-memory.ts';

/**
 * Adds row `r` of `x` (rows of `out.length / segments` values) to row `ids[r]` of `out`: the gradient of a gather.
 * Rows with an id outside `0 … segments − 1` are dropped, as in TensorFlow.
 */
export function segmentSum(x: HostArray, ids: HostArray, out: Float32Array, segments: number): void {
  const width = segments === 0 ? 0 : out.length / segments;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id < 0 || id >= segments) continue;
    const from = row * width;
    const to = id * width;
    for (let i = 0; i < width; i++) out[to + i] += x[from + i];
  }
}
