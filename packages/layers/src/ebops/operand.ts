import type * as tf from '@tensorflow/tfjs';
import { hostOp } from '../ops/host-op.ts';
import { collectBits, expandBits } from '../quantizer/broadcast.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import type { Cost } from './cost.ts';

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

/** `scale ·` the cost as a scalar tensor that is differentiable in the bit variables. */
export function costLoss(operands: readonly CostOperand[], cost: CostFunction, scale: number): tf.Scalar {
  const counts = operands.map(({ quantizer }) => quantizer.bits());
  const variables = counts.flatMap((count) => count.variables.map(({ variable }) => variable));
  const { value, gradients } = cost(
    counts.map((count, index) => expandBits(count.values, count.shape, operands[index].shape)),
  );
  return hostOp(variables, () => ({
    values: new Float32Array([value * scale]),
    shape: [],
    gradient: ([dy]) =>
      counts.flatMap((count, index) => {
        if (count.variables.length === 0) return [];
        const perBit = collectBits(gradients[index], count.shape, operands[index].shape);
        return count.gradient(perBit.map((g) => g * scale * dy));
      }),
  })) as tf.Scalar;
}

function expanded(quantizer: Quantizer, shape: readonly number[]): Float64Array {
  const { values, shape: bitShape } = quantizer.bits();
  return expandBits(values, bitShape, shape);
}
