import type { HostArray } from './kernel-memory.ts';

let scratch = new Int32Array(0);

/**
 * Flat indices of the non-zero values, ascending. A negative zero may be listed too.
 *
 * The result is a view of one shared buffer: it is valid until the next call.
 */
export function nonZeros(values: HostArray): Int32Array {
  if (scratch.length < values.length) scratch = new Int32Array(values.length);
  const list = scratch;
  let found = 0;
  let next = 0;
  if (values.BYTES_PER_ELEMENT === 4) {
    // Float bits or integers alike: zero is all bits clear. Eight at a time, since nearly all are zero.
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
      if (any === 0) continue;
      for (let i = next; i < next + 8; i++) if (bits[i] !== 0) list[found++] = i;
    }
  }
  for (; next < values.length; next++) if (values[next] !== 0) list[found++] = next;
  return list.subarray(0, found);
}
