import { bitIndex, collectBits, expandBits, sizeOf } from '../quantizer/broadcast.ts';
import type { Cost } from './cost.ts';

/**
 * `weight · (Σ B − Σ of the narrowest in each group)` for sums over groups of elements (hgq2 §4.2: QSum, softmax).
 *
 * @param shape of the summed tensor, batch size 1
 * @param kept the same with size 1 along the summed axes
 */
export function groupSumCost(
  bits: Float64Array,
  shape: readonly number[],
  kept: readonly number[],
  weight: number,
): Cost {
  const { period, index } = bitIndex(kept, shape);
  const group = (j: number): number => (index == null ? j % period : index[j]);
  const least = new Float64Array(sizeOf(kept)).fill(Infinity);
  for (let j = 0; j < bits.length; j++) least[group(j)] = Math.min(least[group(j)], bits[j]);
  const isLeast = bits.map((width, j) => (width === least[group(j)] ? 1 : 0));
  const ties = expandBits(collectBits(isLeast, kept, shape), kept, shape);
  const total = bits.reduce((sum, width) => sum + width, 0) - least.reduce((sum, width) => sum + width, 0);
  return { value: weight * total, gradients: [isLeast.map((is, j) => weight * (1 - is / ties[j]))] };
}
