import { broadcastIndices, sizeOf } from '../format/format-table.ts';
import { powerOfTwo } from '../format/power-of-two.ts';
import type { GraphNode } from '../ops/nodes.ts';
import type { Value } from './values.ts';

/**
 * Real values of a node's value: `code · 2^-f / divisor`, as dense `[batch, …shape]`. A sparse list is scattered on its pixel grid, zero
 * elsewhere. Exact while the code has at most 53 significant bits and there is no divisor; else the nearest double.
 *
 * @param node the node the value belongs to: its formats and divisor
 */
export function decode(node: Pick<GraphNode, 'format' | 'divisor'>, value: Value): Float64Array {
  const size = sizeOf(value.shape);
  const result = new Float64Array(value.batch * size);
  const divisor = node.divisor ?? 1;
  const steps = node.format.f.map((f) => powerOfTwo(-f));
  if (value.kind === 'dense') {
    const step = Float64Array.from(broadcastIndices(node.format.shape, value.shape), (index) => steps[index]);
    for (let base = 0; base < result.length; base += size) {
      for (let j = 0; j < size; j++) result[base + j] = (Number(value.codes[base + j]) * step[j]) / divisor;
    }
    return result;
  }
  const [, width, channels] = value.shape;
  for (let slot = 0; slot < value.batch * value.slots; slot++) {
    if (value.valid[slot] === 0) continue;
    const pixel = value.rows[slot] * width + value.cols[slot];
    const base = Math.floor(slot / value.slots) * size + pixel * channels;
    for (let c = 0; c < channels; c++) {
      const step = steps[steps.length === 1 ? 0 : c];
      result[base + c] = (Number(value.codes[slot * channels + c]) * step) / divisor;
    }
  }
  return result;
}
