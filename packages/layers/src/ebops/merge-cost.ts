/**
 * Costs of element-wise operations on several inputs (hgq2 §4.2). All operands are expanded to the shape of the result
 * first, so that an input that is broadcast counts once per use.
 */
import type { Cost } from './cost.ts';
import type { CostFunction } from './operand.ts';

/** Full adders per added bit, relative to a multiplication's bit products. */
export const additionWeight = 0.65;

/** `weight · (Σ of all widths − Σ of the narrowest at each element)`: additions (0.65) and comparisons (1). */
export function carryCost(weight: number): CostFunction {
  return (bits) =>
    perElement(bits, (widths, slopes) => {
      const least = Math.min(...widths);
      const ties = widths.filter((width) => width === least).length;
      for (const [t, width] of widths.entries()) slopes[t] = weight * (width === least ? 1 - 1 / ties : 1);
      return weight * (widths.reduce((sum, width) => sum + width, 0) - least);
    });
}

/** `Σ` of the widest at each element: subtractions. */
export const widestCost: CostFunction = (bits) =>
  perElement(bits, (widths, slopes) => {
    const most = Math.max(...widths);
    const ties = widths.filter((width) => width === most).length;
    for (const [t, width] of widths.entries()) slopes[t] = width === most ? 1 / ties : 0;
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
