/**
 * Convolution and its two gradients as plain loops that skip zeros.
 *
 * Detector images are nearly empty and the layers mask every inactive pixel, so the maps and the gradients flowing
 * back are mostly zero. A scatter loop over the non-zero values costs `active · k² · channels`, where a dense kernel
 * costs `height · width · k² · channels`. Layout is channels last, `[batch, row, column, channel]`; kernels are
 * `[kh, kw, in, out]`.
 *
 * All three are the same walk: a non-zero value meets, in every row it reaches, a run of neighbouring pixels of the
 * other map and a run of kernel taps. With stride and dilation 1 both runs lie contiguously in memory once the kernel
 * is stored as `[kh, from-channel, tap, to-channel]` with the taps in the order of the pixels; other geometries walk
 * the same storage in runs of one tap. The walk is written out three times because a callback in its innermost loop
 * halves the speed.
 *
 * A zero times an infinite or NaN weight contributes nothing here, where a dense kernel gives NaN.
 */
import type { WindowAxis } from '@sp/quant/numeric';
import { type ConvGeometry, type TapTable, tapsFromInput, tapsFromOutput } from './conv-geometry.ts';
import type { HostArray } from './kernel-memory.ts';

/** Adds the convolution of `x` with `filter` to `out`; `active` lists the non-zero values of `x`. */
export function convolve(
  x: HostArray,
  active: Int32Array,
  filter: HostArray,
  out: Float32Array,
  geometry: ConvGeometry,
): void {
  scatter(x, active, storedWeights(filter, geometry, 'fromInput'), out, plan(geometry, 'fromInput'));
}

/**
 * Adds the gradient with respect to the input to `dx`, given the gradient `dy` of the output, whose non-zero values
 * `active` lists.
 */
export function convolutionInputGradient(
  dy: HostArray,
  active: Int32Array,
  filter: HostArray,
  dx: Float32Array,
  geometry: ConvGeometry,
): void {
  scatter(dy, active, storedWeights(filter, geometry, 'fromOutput'), dx, plan(geometry, 'fromOutput'));
}

/**
 * Writes the gradient with respect to the kernel to `dw`; `active` lists the non-zero values of `x`. Sums run in double
 * precision over the whole batch and are rounded to float32 once.
 */
export function convolutionFilterGradient(
  x: HostArray,
  active: Int32Array,
  dy: HostArray,
  dw: Float32Array,
  geometry: ConvGeometry,
): void {
  const { channels, width, height, otherChannels, otherWidth, otherHeight, taps, rows, columns } = plan(
    geometry,
    'fromInput',
  );
  const sums = new Float64Array(dw.length);
  const { start: rowStart, tap: rowTap, position: rowPosition } = rows;
  const { start: runStart, tap: runTap, position: runPosition, length: runLength } = columns;
  for (let n = 0; n < active.length; n++) {
    const index = active[n];
    const value = x[index];
    const channel = index % channels;
    const pixel = (index - channel) / channels;
    const column = pixel % width;
    const line = (pixel - column) / width;
    const row = line % height;
    const otherImage = ((line - row) / height) * otherHeight;
    for (let a = rowStart[row]; a < rowStart[row + 1]; a++) {
      const otherRow = (otherImage + rowPosition[a]) * otherWidth;
      const tapRow = (rowTap[a] * channels + channel) * taps;
      for (let b = runStart[column]; b < runStart[column + 1]; b++) {
        let from = (otherRow + runPosition[b]) * otherChannels;
        let to = (tapRow + runTap[b]) * otherChannels;
        for (const end = to + runLength[b] * otherChannels; to < end; to++, from++) sums[to] += value * dy[from];
      }
    }
  }
  forEachWeight(geometry, 'fromInput', (kernel, stored) => {
    dw[kernel] = sums[stored];
  });
}

function scatter(values: HostArray, active: Int32Array, weights: Float32Array, out: Float32Array, walk: Walk): void {
  const { channels, width, height, otherChannels, otherWidth, otherHeight, taps, rows, columns } = walk;
  const { start: rowStart, tap: rowTap, position: rowPosition } = rows;
  const { start: runStart, tap: runTap, position: runPosition, length: runLength } = columns;
  for (let n = 0; n < active.length; n++) {
    const index = active[n];
    const value = values[index];
    const channel = index % channels;
    const pixel = (index - channel) / channels;
    const column = pixel % width;
    const line = (pixel - column) / width;
    const row = line % height;
    const otherImage = ((line - row) / height) * otherHeight;
    for (let a = rowStart[row]; a < rowStart[row + 1]; a++) {
      const otherRow = (otherImage + rowPosition[a]) * otherWidth;
      const tapRow = (rowTap[a] * channels + channel) * taps;
      for (let b = runStart[column]; b < runStart[column + 1]; b++) {
        let to = (otherRow + runPosition[b]) * otherChannels;
        let from = (tapRow + runTap[b]) * otherChannels;
        for (const end = to + runLength[b] * otherChannels; to < end; to++, from++) {
          out[to] += value * weights[from];
        }
      }
    }
  }
}

/** Which map is scanned for non-zero values: the input (forward, kernel gradient) or the output (input gradient). */
type Direction = 'fromInput' | 'fromOutput';

/** Sizes of the scanned and of the other map, and what connects them. */
interface Walk {
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  readonly otherChannels: number;
  readonly otherWidth: number;
  readonly otherHeight: number;
  readonly taps: number;
  readonly rows: TapTable;
  readonly columns: RunTable;
}

function plan(geometry: ConvGeometry, direction: Direction): Walk {
  const { inChannels, inWidth, inHeight, outChannels, outWidth, outHeight, kernelWidth: taps } = geometry;
  const columns = runs(geometry.columns, direction);
  if (direction === 'fromInput') {
    const other = { otherChannels: outChannels, otherWidth: outWidth, otherHeight: outHeight };
    const rows = tapsFromInput(geometry.rows);
    return { channels: inChannels, width: inWidth, height: inHeight, ...other, taps, rows, columns };
  }
  const other = { otherChannels: inChannels, otherWidth: inWidth, otherHeight: inHeight };
  const rows = tapsFromOutput(geometry.rows);
  return { channels: outChannels, width: outWidth, height: outHeight, ...other, taps, rows, columns };
}

function storedWeights(filter: HostArray, geometry: ConvGeometry, direction: Direction): Float32Array {
  const weights = new Float32Array(filter.length);
  forEachWeight(geometry, direction, (kernel, stored) => {
    weights[stored] = filter[kernel];
  });
  return weights;
}

/** Pairs every index of a `[kh, kw, in, out]` kernel with its index in the storage of the walk. */
function forEachWeight(
  { kernelHeight, kernelWidth, inChannels, outChannels }: ConvGeometry,
  direction: Direction,
  visit: (kernel: number, stored: number) => void,
): void {
  let kernel = 0;
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      for (let i = 0; i < inChannels; i++) {
        for (let o = 0; o < outChannels; o++) {
          const index =
            direction === 'fromInput'
              ? ((row * inChannels + i) * kernelWidth + (kernelWidth - 1 - column)) * outChannels + o
              : ((row * outChannels + o) * kernelWidth + column) * inChannels + i;
          visit(kernel++, index);
        }
      }
    }
  }
}

interface RunTable extends TapTable {
  readonly length: Int32Array;
}

/** The taps of each position, joined into runs that are consecutive in pixels and in the stored kernel alike. */
function runs(axis: WindowAxis, direction: Direction): RunTable {
  const forward = direction === 'fromInput';
  const table = forward ? tapsFromInput(axis) : tapsFromOutput(axis);
  const size = table.start.length - 1;
  const start = new Int32Array(size + 1);
  const tap: number[] = [];
  const position: number[] = [];
  const length: number[] = [];
  for (let p = 0; p < size; p++) {
    const [first, end] = [table.start[p], table.start[p + 1]];
    for (let n = 0; n < end - first; n++) {
      // Seen from the input, a higher tap lies at a lower output pixel: the kernel is stored mirrored.
      const entry = forward ? end - 1 - n : first + n;
      const stored = forward ? axis.taps - 1 - table.tap[entry] : table.tap[entry];
      const last = tap.length - 1;
      const joins =
        n > 0 && tap[last] + length[last] === stored && position[last] + length[last] === table.position[entry];
      if (joins) {
        length[last]++;
      } else {
        tap.push(stored);
        position.push(table.position[entry]);
        length.push(1);
      }
    }
    start[p + 1] = tap.length;
  }
  return { start, tap: Int32Array.from(tap), position: Int32Array.from(position), length: Int32Array.from(length) };
}
