/** Heaps have at least so many bytes. */
const SMALLEST = 4096;

/**
 * Whether a global heap of an HDF5 file (where its texts of any length are) is damaged. The HDF5 library trusts the sizes in it: one of 0, or one that
 * leads out of the heap, can keep it busy for ever, and nobody can stop it from outside, so they are looked at before (HDF5 File Format
 * Specification, III.E).
 *
 * @param start where the HDF5 data begin in `bytes`
 */
export function hasBrokenHeap(bytes: Uint8Array, start: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Superblocks of version 0 and 1 tell the width of sizes in another place than later ones.
  const width = bytes[start + (bytes[start + 8] < 2 ? 14 : 10)];
  if (width !== 4 && width !== 8) return false;
  const sizeAt = (at: number): number => (width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true)));
  const align = (size: number): number => Math.ceil(size / 8) * 8;
  const [head, objectHead] = [align(8 + width), align(8 + width)];
  // Heaps lie anywhere; what only looks like one is no harm.
  for (let heap = indexOf(bytes, 'GCOL', start); heap >= 0; heap = indexOf(bytes, 'GCOL', heap + 1)) {
    if (heap + head > bytes.length) return false;
    const size = sizeAt(heap + 8);
    const end = heap + size;
    // Something else that has these letters, or cut short, which the library sees.
    if (view.getUint32(heap + 4, true) !== 1 || size < SMALLEST || end > bytes.length) continue;
    for (let at = heap + head; at + objectHead <= end; ) {
      const isObject = view.getUint16(at, true) > 0;
      const content = sizeAt(at + 8);
      const step = isObject ? objectHead + align(content) : content;
      if (step === 0 || at + step > end) return true;
      at += step;
    }
  }
  return false;
}

function indexOf(bytes: Uint8Array, text: string, from: number): number {
  const [first, ...rest] = Array.from(text, (letter) => letter.charCodeAt(0));
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (rest.every((code, j) => bytes[at + 1 + j] === code)) return at;
  }
  return -1;
}
