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
  return costOf(operands, cost).cost.value;
}

/** The cost at the current bit widths, with these and its derivatives. */
export function costOf(
  operands: readonly CostOperand[],
  cost: CostFunction,
): { readonly bits: readonly Float64Array[]; readonly cost: Cost } {
  const bits = operands.map(({ quantizer, shape }) => expanded(quantizer, shape));
  return { bits, cost: cost(bits) };
}

/** `scale() ·` the cost as part of a layer's loss, differentiable in the bit variables. */
export function costPart(operands: readonly CostOperand[], cost: CostFunction, scale: () => number): LossPart {
  // Widths are whole numbers and seldom move in a step: most steps cost what the last one did.
  let last: { readonly widths: readonly Float64Array[]; readonly result: Cost } | null = null;
  return {
    name: 'ebops',
    evaluate() {
      const counts = operands.map(({ quantizer }) => quantizer.bits());
      const widths = counts.map(({ values }) => values);
      if (last == null || !last.widths.every((old, index) => sameNumbers(old, widths[index]))) {
        const { value, gradients } = cost(
          counts.map(({ values, shape }, index) => expandBits(values, shape, operands[index].shape)),
        );
        const perBit = counts.map(({ shape }, index) => collectBits(gradients[index], shape, operands[index].shape));
        last = { widths, result: { value, gradients: perBit } };
      }
      const { value, gradients } = last.result;
      const factor = scale();
      return {
        value: value * factor,
        gradients: counts.flatMap((count, index) => {
          if (count.variables.length === 0) return [];
          const perVariable = count.gradient(gradients[index].map((g) => g * factor));
          return count.variables.map((state, k) => ({ state, values: perVariable[k] }));
        }),
      };
    },
  };
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let j = 0; j < a.length; j++) if (a[j] !== b[j]) return false;
  return true;
}

function expanded(quantizer: Quantizer, shape: readonly number[]): Float64Array {
  const { values, shape: bitShape } = quantizer.bits();
  return expandBits(values, bitShape, shape);
}
