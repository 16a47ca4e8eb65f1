import type { CostFunction } from './operand.ts';

/**
 * Cost of a pooling with `positions` outputs of which `parallelizationFactor` (0 or less: all) are computed at once: the
 * widths of the whole input, scaled by that share (hgq2 §4.2).
 */
export function poolCost(positions: number, parallelizationFactor: number): CostFunction {
  const share = parallelizationFactor > 0 ? parallelizationFactor / positions : 1;
  return ([x]) => ({
    value: share * x.reduce((sum, bits) => sum + bits, 0),
    gradients: [new Float64Array(x.length).fill(share)],
  });
}
