import { biasCost, matMulCost, scaleCost } from './cost.ts';
import type { CostFunction } from './operand.ts';

/**
 * Cost of a dense layer on the widths of input `[positions, inputs]`, kernel `[inputs, units]` and bias `[units]`;
 * `parallelizationFactor` (0 or less: all) of the positions are computed at once (hgq2 §4.2).
 */
export function denseCost(
  positions: number,
  inputs: number,
  units: number,
  parallelizationFactor: number,
): CostFunction {
  const share = (parallelizationFactor > 0 ? parallelizationFactor : positions) / positions;
  return ([x, w, b]) => {
    const products = matMulCost(x, w, positions, inputs, units);
    const bias = biasCost(b, positions * units);
    const total = { value: products.value + bias.value, gradients: [...products.gradients, bias.gradient] };
    return scaleCost(total, share);
  };
}
