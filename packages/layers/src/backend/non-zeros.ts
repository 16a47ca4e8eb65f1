import type { HostArray } from './kernel-memory.ts';

let scratch = new Int32Array(0);

/**
 * Flat indices of the non-zero values, ascending.
 *
 * The result is a view of one shared buffer: it is valid until the next call.
 */
export function nonZeros(values: HostArray): Int32Array {
  if (scratch.length < values.length) scratch = new Int32Array(values.length);
  const list = scratch;
  let found = 0;
  let next = 0;
  if (values.BYTES_PER_ELEMENT === 4) {
    // Compared as bits, eight at a time, since nearly all are zero. Masked gradients are full of negative zeros, which
    // differ from zero in the sign bit only.
    const significant = values instanceof Float32Array ? 0x7fffffff : -1;
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    for (const end = bits.length - 7; next < end; next += 8) {
      const any =
        bits[next] |
        bits[next + 1] |
        bits[next + 2] |
        bits[next + 3] |
        bits[next + 4] |
        bits[next + 5] |
        bits[next + 6] |
        bits[next + 7];
      if ((any & significant) === 0) continue;
      for (let i = next; i < next + 8; i++) if ((bits[i] & significant) !== 0) list[found++] = i;
    }
  }
  for (; next < values.length; next++) if (values[next] !== 0) list[found++] = next;
  return list.subarray(0, found);
}
