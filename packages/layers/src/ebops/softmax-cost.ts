import { collectBits, expandBits } from '../quantizer/broadcast.ts';
import type { CostFunction } from './operand.ts';
import { groupSumCost } from './sum-cost.ts';

/** What a softmax' own cost depends on besides widths. */
export interface SoftmaxCostSettings {
  /** Shape of the data, batch size 1. */
  readonly shape: readonly number[];
  /** The same with size 1 along the softmax axes. */
  readonly sums: readonly number[];
  readonly stable: boolean;
  /** Part of the softmaxes that is computed at once. */
  readonly share: number;
}

/** Cost of one table bit, relative to a bit product. */
const tableWeight = 1e-4;

/**
 * A softmax' own operations (hgq2 §4.2): subtractions from the maximum (only stable), accumulation, multiplications by
 * the inverse, and without `stable` the exponential table once more, as the reference counts it.
 * Operands: exponential table in and out, inverse table in and out, and the input quantizer if there is one.
 */
export function softmaxCost({ shape, sums, stable, share }: SoftmaxCostSettings): CostFunction {
  return (bits) => {
    const [tableIn, exponential, , inverse, input] = bits;
    const gradients = bits.map((operand) => new Float64Array(operand.length));
    const accumulation = groupSumCost(exponential, shape, sums, 1);
    const inverses = expandBits(inverse, sums, shape);
    let value = accumulation.value;
    for (let j = 0; j < exponential.length; j++) {
      value += exponential[j] * inverses[j];
      gradients[1][j] = accumulation.gradients[0][j] + inverses[j];
    }
    gradients[3].set(collectBits(exponential, sums, shape));
    if (stable) {
      // The difference is as wide as what is subtracted, or, unknown, as what is kept of it.
      const subtracted = input == null ? 0 : 4;
      for (const width of bits[subtracted]) value += width;
      gradients[subtracted].fill(1);
    } else {
      for (let j = 0; j < exponential.length; j++) {
        const entries = tableWeight * 2 ** tableIn[j];
        value += entries * exponential[j];
        gradients[0][j] += Math.LN2 * entries * exponential[j];
        gradients[1][j] += entries;
      }
    }
    return { value: value * share, gradients: gradients.map((gradient) => gradient.map((g) => g * share)) };
  };
}
