/**
 * Non-overlapping pooling of `[batch, H, W, C]` images, cells `ph × pw`; rows and columns of partial border cells are
 * dropped. Own implementation because backends divide by multiplying with a rounded reciprocal: here a sum is exact in
 * double precision and divided once, so the float32 result is the correctly rounded quotient.
 */
import { sizeOf } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { knownActivePixels, knownSupport, rememberActivePixels, rememberSupport } from './active-pixels.ts';
import { type Fraction, knownFraction, rememberFraction } from './fraction.ts';
import { hostOp } from './host-op.ts';
import { hostView } from './host-view.ts';

/** Mean over each cell; empty pixels count as zeros. */
export function averagePool(x: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
  const { channels, target, outShape } = poolGeometry(x.shape, cell);
  const area = cell[0] * cell[1];
  const support = knownSupport(x);
  const source = knownFraction(x);
  let fraction: Fraction | null = null;
  const y = hostOp([x], () => {
    const values = source?.numerators ?? hostView(x);
    const sums = new Float64Array(sizeOf(outShape));
    const count = support?.length ?? target.length;
    for (let s = 0; s < count; s++) {
      const pixel = support == null ? s : support[s];
      const to = target[pixel];
      if (to < 0) continue;
      for (let c = 0; c < channels; c++) sums[to + c] += values[pixel * channels + c];
    }
    const divisor = area * (source?.divisor ?? 1);
    fraction = { numerators: sums, divisor };
    const means = new Float32Array(sums.length);
    for (let j = 0; j < sums.length; j++) means[j] = sums[j] / divisor;
    return {
      values: means,
      shape: outShape,
      gradient: (dy) => {
        const dx = new Float32Array(target.length * channels);
        const share = dy.map((g) => g / area);
        for (let pixel = 0, j = 0; pixel < target.length; pixel++, j += channels) {
          const from = target[pixel];
          if (from >= 0) for (let c = 0; c < channels; c++) dx[j + c] = share[from + c];
        }
        return [dx];
      },
    };
  });
  if (support != null) rememberSupport(y, cellsOf(support, target, channels));
  rememberFraction(y, fraction);
  return y;
}

/** Largest value of each cell; the gradient goes to the first pixel in raster order that has it. */
export function maxPool(x: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
  const { channels, target, outShape } = poolGeometry(x.shape, cell);
  const support = knownSupport(x);
  const source = knownFraction(x);
  let fraction: Fraction | null = null;
  const y = hostOp([x], () => {
    // Quotients that differ may be one number in float32: what is compared are the exact numerators, where known.
    const values = source?.numerators ?? hostView(x);
    const largest = new Float64Array(sizeOf(outShape)).fill(-Infinity);
    const where = new Int32Array(largest.length);
    for (let pixel = 0, j = 0; pixel < target.length; pixel++) {
      const to = target[pixel];
      for (let c = 0; c < channels; c++, j++) {
        if (to < 0 || values[j] <= largest[to + c]) continue;
        largest[to + c] = values[j];
        where[to + c] = j;
      }
    }
    if (source != null) fraction = { numerators: largest, divisor: source.divisor };
    return {
      values: Float32Array.from(largest, (value) => value / (source?.divisor ?? 1)),
      shape: outShape,
      gradient: (dy) => {
        const dx = new Float32Array(target.length * channels);
        for (let j = 0; j < dy.length; j++) dx[where[j]] += dy[j];
        return [dx];
      },
    };
  });
  if (support != null) rememberSupport(y, cellsOf(support, target, channels));
  rememberFraction(y, fraction);
  return y;
}

/**
 * `maxPool` of a mask of zeros and ones: a cell is active when any of its pixels is. The active set is passed on. The
 * gradient of a cell goes to its first active pixel, or to its first pixel, as that of `maxPool`.
 */
export function maxPoolMask(mask: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
  const pixels = knownActivePixels(mask);
  if (pixels == null) return maxPool(mask, cell);
  const { target, first, outShape } = poolGeometry(mask.shape, cell);
  const where = first.slice();
  const values = new Float32Array(first.length);
  const active: number[] = [];
  for (const pixel of pixels.active) {
    const to = target[pixel];
    if (to < 0 || values[to] === 1) continue;
    values[to] = 1;
    where[to] = pixel;
    active.push(to);
  }
  const pooled = hostOp([mask], () => ({
    values,
    shape: outShape,
    gradient: (dy) => {
      const dx = new Float32Array(target.length);
      for (let j = 0; j < dy.length; j++) dx[where[j]] += dy[j];
      return [dx];
    },
  }));
  // An empty cell matters when the pixel that its gradient goes to does.
  const candidates = [...active];
  for (const pixel of pixels.candidates) {
    const to = target[pixel];
    if (to >= 0 && values[to] === 0 && first[to] === pixel) candidates.push(to);
  }
  const ascending = (list: readonly number[]): Int32Array => Int32Array.from(list).sort();
  rememberActivePixels(pooled, { active: ascending(active), candidates: ascending(candidates) });
  return pooled;
}

/** Cells that contain any of `pixels`, ascending; `target` as in the geometry of a one-channel image, or its offsets by channel. */
function cellsOf(pixels: Int32Array, target: Int32Array, channels: number): Int32Array {
  const cells = new Int32Array(pixels.length);
  let found = 0;
  let highest = -1;
  let ascending = true;
  for (const pixel of pixels) {
    if (target[pixel] < 0) continue;
    const cell = target[pixel] / channels;
    if (cell === highest) continue;
    if (cell < highest) ascending = false;
    cells[found++] = cell;
    highest = cell;
  }
  const list = cells.subarray(0, found);
  if (ascending) return list.slice();
  list.sort();
  return list.filter((cell, index) => index === 0 || cell !== list[index - 1]);
}

interface PoolGeometry {
  readonly channels: number;
  /** For every pixel of the batch the offset of its cell's first channel in the output, −1 outside all cells. */
  readonly target: Int32Array;
  /** First pixel of every cell. */
  readonly first: Int32Array;
  readonly outShape: readonly number[];
}

const known = new Map<string, PoolGeometry>();

function poolGeometry(shape: readonly number[], cell: readonly [number, number]): PoolGeometry {
  const key = `${shape.join()}/${cell.join()}`;
  let geometry = known.get(key);
  if (geometry == null) {
    // A training run sees a handful of shapes; tables of an endless variety must not pile up.
    if (known.size > 32) known.clear();
    geometry = makeGeometry(shape, cell);
    known.set(key, geometry);
  }
  return geometry;
}

function makeGeometry(
  [batch, height, width, channels]: readonly number[],
  cell: readonly [number, number],
): PoolGeometry {
  const [rows, columns] = [Math.floor(height / cell[0]), Math.floor(width / cell[1])];
  const target = new Int32Array(batch * height * width).fill(-1);
  const first = new Int32Array(batch * rows * columns).fill(-1);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < rows * cell[0]; row++) {
      const from = (image * height + row) * width;
      const to = (image * rows + Math.floor(row / cell[0])) * columns;
      for (let column = 0; column < columns * cell[1]; column++) {
        const at = to + Math.floor(column / cell[1]);
        target[from + column] = at * channels;
        if (first[at] < 0) first[at] = from + column;
      }
    }
  }
  return { channels, target, first, outShape: [batch, rows, columns, channels] };
}
