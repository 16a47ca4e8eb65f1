/**
 * Pooling of `[batch, H, W, C]` images by any windows: overlapping, with gaps, or hanging over the border ('same'
 * padding), where only pixels of the image count. Sums are exact in double precision and divided once, so the float32
 * result is the correctly rounded quotient; backends multiply by a rounded reciprocal instead. Exact averages are handed
 * on to the next pooling or quantizer.
 */
import { leastCommonMultiple, positionUnder } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { type Fraction, knownFraction, rememberFraction } from './fraction.ts';
import { hostOp } from './host-op.ts';
import type { PaddedAxis } from './window-axis.ts';

/** Mean of the image's pixels under each window. */
export function averageWindows(x: tf.Tensor, rows: PaddedAxis, columns: PaddedAxis): tf.Tensor {
  const windows = windowsOf(x.shape, rows, columns);
  const counts = new Float64Array(rows.output * columns.output);
  forEachPair({ ...windows, batch: 1 }, (_, window) => counts[window]++);
  const common = counts.reduce(leastCommonMultiple, 1);
  const source = knownFraction(x);
  let fraction: Fraction | null = null;
  const y = hostOp([x], ([values]) => {
    const { channels } = windows;
    const from = source?.numerators ?? values;
    const sums = new Float64Array(windows.size);
    forEachPair(windows, (pixel, window) => {
      for (let c = 0; c < channels; c++) sums[window * channels + c] += from[pixel * channels + c];
    });
    const count = (j: number): number => counts[Math.floor(j / channels) % counts.length];
    const divisor = common * (source?.divisor ?? 1);
    fraction = { numerators: sums.map((sum, j) => sum * (common / count(j))), divisor };
    return {
      values: Float32Array.from(fraction.numerators, (numerator) => numerator / divisor),
      shape: windows.shape,
      gradient: (dy) => {
        const shares = Float64Array.from(dy, (g, j) => g / count(j));
        const dx = new Float64Array(values.length);
        forEachPair(windows, (pixel, window) => {
          for (let c = 0; c < channels; c++) dx[pixel * channels + c] += shares[window * channels + c];
        });
        return [Float32Array.from(dx)];
      },
    };
  });
  rememberFraction(y, fraction);
  return y;
}

/**
 * Largest pixel of the image under each window. The gradient goes to the first in raster order that has it, as that of
 * TensorFlow's pooling, or is `shared` by all that have it, as that of its maximum over axes.
 */
export function maximumWindows(x: tf.Tensor, rows: PaddedAxis, columns: PaddedAxis, shared = false): tf.Tensor {
  const windows = windowsOf(x.shape, rows, columns);
  const source = knownFraction(x);
  let fraction: Fraction | null = null;
  const y = hostOp([x], ([values]) => {
    const { channels } = windows;
    // Quotients that differ may be one number in float32: what is compared are the exact numerators, where known.
    const from = source?.numerators ?? values;
    const largest = new Float64Array(windows.size).fill(Number.NEGATIVE_INFINITY);
    const where = new Int32Array(windows.size);
    forEachPair(windows, (pixel, window) => {
      for (let c = 0; c < channels; c++) {
        const [at, to] = [pixel * channels + c, window * channels + c];
        if (from[at] <= largest[to]) continue;
        largest[to] = from[at];
        where[to] = at;
      }
    });
    if (source != null) fraction = { numerators: largest, divisor: source.divisor };
    return {
      values: Float32Array.from(largest, (value) => value / (source?.divisor ?? 1)),
      shape: windows.shape,
      gradient: (dy) => {
        const dx = new Float32Array(values.length);
        if (!shared) {
          for (let j = 0; j < dy.length; j++) dx[where[j]] += dy[j];
          return [dx];
        }
        const holders = new Int32Array(dy.length);
        const forHolders = (visit: (at: number, to: number) => void): void =>
          forEachPair(windows, (pixel, window) => {
            for (let c = 0; c < channels; c++) {
              const [at, to] = [pixel * channels + c, window * channels + c];
              if (from[at] === largest[to]) visit(at, to);
            }
          });
        forHolders((_, to) => holders[to]++);
        forHolders((at, to) => {
          dx[at] += dy[to] / holders[to];
        });
        return [dx];
      },
    };
  });
  rememberFraction(y, fraction);
  return y;
}

interface Windows {
  readonly batch: number;
  readonly channels: number;
  readonly rows: PaddedAxis;
  readonly columns: PaddedAxis;
  readonly shape: readonly number[];
  readonly size: number;
}

function windowsOf(shape: readonly number[], rows: PaddedAxis, columns: PaddedAxis): Windows {
  const [batch, , , channels] = shape;
  const size = batch * rows.output * columns.output * channels;
  return { batch, channels, rows, columns, shape: [batch, rows.output, columns.output, channels], size };
}

/** Visits every pixel under every window, both numbered over the batch, the pixels of a window in raster order. */
function forEachPair({ batch, rows, columns }: Windows, visit: (pixel: number, window: number) => void): void {
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < rows.output; y++) {
      for (let x = 0; x < columns.output; x++) {
        const window = (image * rows.output + y) * columns.output + x;
        for (let a = 0; a < rows.taps; a++) {
          const row = positionUnder(rows, y, a);
          if (row < 0) continue;
          for (let b = 0; b < columns.taps; b++) {
            const column = positionUnder(columns, x, b);
            if (column < 0) continue;
            visit((image * rows.input + row) * columns.input + column, window);
          }
        }
      }
    }
  }
}
