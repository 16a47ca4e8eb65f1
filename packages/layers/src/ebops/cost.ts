/**
 * EBOPs: the hardware cost of an operation as a polynomial in the bit widths of its operands (hgq2 §4.2).
 * Costs are plain functions from bit widths (one per element of each operand, batch size 1) to a value and its
 * derivatives, in double precision: whole numbers of bits stay exact whatever the backend.
 */

import { positionUnder, type WindowAxis } from '@sp/quant/numeric';

/** A cost and its derivatives with respect to the bit widths of each operand. */
export interface Cost {
  readonly value: number;
  readonly gradients: readonly Float64Array[];
}

/** `scale ·` a cost. */
export function scaleCost({ value, gradients }: Cost, scale: number): Cost {
  return { value: value * scale, gradients: gradients.map((gradient) => gradient.map((g) => g * scale)) };
}

/** Cost of a bias: mean width times the number of additions. */
export function biasCost(
  bias: Float64Array,
  additions: number,
): { readonly value: number; readonly gradient: Float64Array } {
  const mean = bias.reduce((sum, bits) => sum + bits, 0) / bias.length;
  return { value: mean * additions, gradient: new Float64Array(bias.length).fill(additions / bias.length) };
}

/** `Σ x · w` of a matrix product: `x` is `[rows, in]`, `w` is `[in, out]`. */
export function matMulCost(x: Float64Array, w: Float64Array, rows: number, inputs: number, outputs: number): Cost {
  const xSums = new Float64Array(inputs);
  for (let j = 0, c = 0; j < rows * inputs; j++, c++) {
    if (c === inputs) c = 0;
    xSums[c] += x[j];
  }
  const wSums = new Float64Array(inputs);
  for (let c = 0; c < inputs; c++) for (let u = 0; u < outputs; u++) wSums[c] += w[c * outputs + u];
  const dx = Float64Array.from({ length: x.length }, (_, j) => wSums[j % inputs]);
  const dw = Float64Array.from({ length: w.length }, (_, j) => xSums[Math.floor(j / outputs)]);
  return { value: wSums.reduce((sum, bits, c) => sum + bits * xSums[c], 0), gradients: [dx, dw] };
}

/** `Σ conv(x, w)` over all output positions: `x` is `[H, W, in]`, `w` is `[kh, kw, in / groups, out]`. */
export function conv2dCost(
  x: Float64Array,
  w: Float64Array,
  rows: WindowAxis,
  columns: WindowAxis,
  channels: number,
  filters: number,
  groups = 1,
): Cost {
  const perGroup = channels / groups;
  const filtersPerGroup = filters / groups;
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  let value = 0;
  for (let a = 0; a < rows.taps; a++) {
    for (let b = 0; b < columns.taps; b++) {
      // Every filter of a group sees the same inputs, so sums over positions and over filters separate.
      const xSums = new Float64Array(channels);
      const wSums = new Float64Array(channels);
      const tap = (a * columns.taps + b) * perGroup;
      for (let c = 0; c < channels; c++) {
        const group = Math.floor(c / perGroup);
        const base = (tap + (c % perGroup)) * filters + group * filtersPerGroup;
        for (let o = 0; o < filtersPerGroup; o++) wSums[c] += w[base + o];
      }
      forEachInput(rows, columns, a, b, (pixel) => {
        for (let c = 0; c < channels; c++) {
          xSums[c] += x[pixel * channels + c];
          dx[pixel * channels + c] += wSums[c];
        }
      });
      for (let c = 0; c < channels; c++) {
        value += xSums[c] * wSums[c];
        const group = Math.floor(c / perGroup);
        const base = (tap + (c % perGroup)) * filters + group * filtersPerGroup;
        for (let o = 0; o < filtersPerGroup; o++) dw[base + o] = xSums[c];
      }
    }
  }
  return { value, gradients: [dx, dw] };
}

/** Visits the input pixel under tap (a, b) for every output position; positions in the padding are skipped. */
function forEachInput(
  rows: WindowAxis,
  columns: WindowAxis,
  a: number,
  b: number,
  visit: (pixel: number) => void,
): void {
  for (let y = 0; y < rows.output; y++) {
    const row = positionUnder(rows, y, a);
    if (row < 0) continue;
    for (let x = 0; x < columns.output; x++) {
      const column = positionUnder(columns, x, b);
      if (column >= 0) visit(row * columns.input + column);
    }
  }
}
