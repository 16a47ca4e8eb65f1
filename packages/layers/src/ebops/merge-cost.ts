/**
 * Costs of element-wise operations on several inputs (hgq2 §4.2). All operands are expanded to the shape of the result
 * first, so that an input that is broadcast counts once per use.
 */
import type { Cost } from './cost.ts';
import type { CostFunction } from './operand.ts';

/** Full adders per added bit, relative to a multiplication's bit products. */
export const additionWeight = 0.65;

/**
 * `weight · (Σ of all widths − Σ of the narrowest at each element)`: additions (0.65) and comparisons (1). Of equally
 * narrow operands the first one has the slope, as TensorFlow's `minimum` of one after the other gives it.
 */
export function carryCost(weight: number): CostFunction {
  return (bits) =>
    perElement(bits, (widths, slopes) => {
      const least = Math.min(...widths);
      const narrowest = widths.indexOf(least);
      for (const t of widths.keys()) slopes[t] = t === narrowest ? 0 : weight;
      return weight * (widths.reduce((sum, width) => sum + width, 0) - least);
    });
}

/** `Σ` of the widest at each element: subtractions. The first of equal ones has the slope, as in TensorFlow. */
export const widestCost: CostFunction = (bits) =>
  perElement(bits, (widths, slopes) => {
    const most = Math.max(...widths);
    const widest = widths.indexOf(most);
    for (const t of widths.keys()) slopes[t] = t === widest ? 1 : 0;
    return most;
  });

/** `Σ` of the products of the widths at each element: multiplications. */
export const productCost: CostFunction = (bits) =>
  perElement(bits, (widths, slopes) => {
    for (const t of widths.keys()) {
      slopes[t] = widths.reduce((product, width, other) => (other === t ? product : product * width), 1);
    }
    return widths.reduce((product, width) => product * width, 1);
  });

/** Sums a cost over elements; `element` gets the widths there and writes their derivatives. */
function perElement(
  bits: readonly Float64Array[],
  element: (widths: readonly number[], slopes: Float64Array) => number,
): Cost {
  const gradients = bits.map((operand) => new Float64Array(operand.length));
  const slopes = new Float64Array(bits.length);
  let value = 0;
  for (let j = 0; j < bits[0].length; j++) {
    value += element(
      bits.map((operand) => operand[j]),
      slopes,
    );
    for (let t = 0; t < gradients.length; t++) gradients[t][j] = slopes[t];
  }
  return { value, gradients };
}
