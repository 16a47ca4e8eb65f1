import { positionUnder, type WindowAxis } from '@sp/quant/numeric';

/** Geometry of a convolution of `[rows, columns, channels]` with `[row taps, column taps, channels / groups, filters]`. */
export interface BopsWindows {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
}

/**
 * Sum over all outputs of the convolution of two arrays of bit widths; padding has width 0 (hgq1 §2.5). Every filter of a group sees the same
 * inputs, so sums over positions and over filters separate.
 */
export function convolvedBits(x: ArrayLike<number>, w: ArrayLike<number>, windows: BopsWindows): number {
  const { rows, columns, channels, filters, groups } = windows;
  const perGroup = channels / groups;
  const filtersPerGroup = filters / groups;
  let sum = 0;
  for (let a = 0; a < rows.taps; a++) {
    for (let b = 0; b < columns.taps; b++) {
      const pixels = pixelsUnder(rows, a).flatMap((row) =>
        pixelsUnder(columns, b).map((column) => row * columns.input + column),
      );
      for (let c = 0; c < channels; c++) {
        const first = ((a * columns.taps + b) * perGroup + (c % perGroup)) * filters;
        const group = first + Math.floor(c / perGroup) * filtersPerGroup;
        let weights = 0;
        for (let filter = 0; filter < filtersPerGroup; filter++) weights += w[group + filter];
        let inputs = 0;
        for (const pixel of pixels) inputs += x[pixel * channels + c];
        sum += inputs * weights;
      }
    }
  }
  return sum;
}

/** Positions on the input that one tap sees, in output order, without those in the padding. */
function pixelsUnder(axis: WindowAxis, tap: number): readonly number[] {
  return Array.from({ length: axis.output }, (_, window) => positionUnder(axis, window, tap)).filter((at) => at >= 0);
}
