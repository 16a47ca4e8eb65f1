import { collectBits, expandBits } from '../quantizer/broadcast.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import type { Cost } from './cost.ts';
import type { LossPart } from './layer-loss.ts';

/** An operand of a costed operation: its quantizer and its shape with batch size 1 (weights: their own shape). */
export interface CostOperand {
  readonly quantizer: Quantizer;
  readonly shape: readonly number[];
}

/** Cost as a function of the operands' bit widths, one per element. */
export type CostFunction = (bits: readonly Float64Array[]) => Cost;

/** The cost at the current bit widths. */
export function currentCost(operands: readonly CostOperand[], cost: CostFunction): number {
  return cost(operands.map(({ quantizer, shape }) => expanded(quantizer, shape))).value;
}

/** `scale() ·` the cost as part of a layer's loss, differentiable in the bit variables. */
export function costPart(operands: readonly CostOperand[], cost: CostFunction, scale: () => number): LossPart {
  return {
    name: 'ebops',
    evaluate() {
      const factor = scale();
      const counts = operands.map(({ quantizer }) => quantizer.bits());
      const expandedBits = counts.map(({ values, shape }, index) => expandBits(values, shape, operands[index].shape));
      const { value, gradients } = cost(expandedBits);
      return {
        value: value * factor,
        gradients: counts.flatMap((count, index) => {
          if (count.variables.length === 0) return [];
          const perBit = collectBits(gradients[index], count.shape, operands[index].shape);
          const perVariable = count.gradient(perBit.map((g) => g * factor));
          return count.variables.map((state, k) => ({ state, values: perVariable[k] }));
        }),
      };
    },
  };
}

function expanded(quantizer: Quantizer, shape: readonly number[]): Float64Array {
  const { values, shape: bitShape } = quantizer.bits();
  return expandBits(values, bitShape, shape);
}
