import { type Dataset, pixelsPerImage } from '../data/dataset.ts';

/** The pixels above 0 of channel 0 of all images, in raster order, image after image. */
export interface ActiveList {
  readonly values: Float32Array;
  /** Where image `j` begins in `values`; one more entry tells where the last one ends. */
  readonly starts: Float64Array;
}

/** Lists the pixels above 0, so that later passes need not look at the empty ones. */
export function activeList({ images, labels, shape }: Dataset): ActiveList {
  const pixels = pixelsPerImage(shape);
  const channels = shape[2];
  let count = 0;
  for (let p = 0; p < images.length; p += channels) if (images[p] > 0) count++;
  const values = new Float32Array(count);
  const starts = new Float64Array(labels.length + 1);
  let at = 0;
  for (let j = 0; j < labels.length; j++) {
    for (let p = j * pixels; p < (j + 1) * pixels; p += channels) if (images[p] > 0) values[at++] = images[p];
    starts[j + 1] = at;
  }
  return { values, starts };
}

/** The different values among positive floats, ascending. */
export function distinctPositive(values: Float32Array): Float32Array {
  const sorted = sortedPositive(values);
  let count = 0;
  for (let p = 0; p < sorted.length; p++) if (p === 0 || sorted[p] !== sorted[p - 1]) sorted[count++] = sorted[p];
  return sorted.subarray(0, count);
}

/** Bits that one pass of the sort looks at: 3 × 11 are enough for a float without its sign. */
const digitBits = 11;

/** Sorts positive floats by their bits, whose order is that of the values: three passes, whatever the values. */
function sortedPositive(values: Float32Array): Float32Array {
  let from = new Uint32Array(new Float32Array(values).buffer);
  let to = new Uint32Array(from.length);
  for (let shift = 0; shift < 32; shift += digitBits) {
    const places = new Uint32Array(2 ** digitBits + 1);
    const mask = 2 ** digitBits - 1;
    for (let p = 0; p < from.length; p++) places[((from[p] >>> shift) & mask) + 1]++;
    for (let digit = 0; digit < 2 ** digitBits; digit++) places[digit + 1] += places[digit];
    for (let p = 0; p < from.length; p++) to[places[(from[p] >>> shift) & mask]++] = from[p];
    [from, to] = [to, from];
  }
  return new Float32Array(from.buffer);
}
