import type { Cost } from './cost.ts';

/** Cost of one table bit, relative to a bit product. */
const tableWeight = 1e-4;

/** `1e-4 · Σ 2^B_in · B_out`: one table per element (hgq2 §4.2: QUnaryFunctionLUT). */
export function tableCost(input: Float64Array, output: Float64Array): Cost {
  const entries = input.map((bits) => tableWeight * 2 ** bits);
  return {
    value: entries.reduce((sum, count, j) => sum + count * output[j], 0),
    gradients: [entries.map((count, j) => Math.LN2 * count * output[j]), entries],
  };
}
