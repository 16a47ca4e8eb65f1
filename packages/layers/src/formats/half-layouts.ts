/** What floats of 16 bits may be: IEEE 754's binary16, bfloat16 (the first half of a binary32), or neither. */
export type HalfLayout = 'half' | 'bfloat16' | 'other';

/** Bytes of a message that describes a float: pieces of a file that are looked at one after the other have to overlap by one less. */
export const floatMessageBytes = 20;

/**
 * The layouts of all 16-bit floats that an HDF5 file describes (datatype messages of class 1; HDF5 File Format Specification, IV.A.2.d). h5wasm tells
 * the size of a float only. Numbers in the file could look like such a message; its 20 bytes make that unlikely.
 *
 * @param bytes the file, or a piece of it
 */
export function halfLayouts(bytes: Uint8Array): ReadonlySet<HalfLayout> {
  const found = new Set<HalfLayout>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The size, 2, as four bytes behind version and class, byte order, place of the sign and a zero.
  for (let size = bytes.indexOf(2, 4); size >= 0; size = bytes.indexOf(2, size + 1)) {
    const at = size - 4;
    if (at + floatMessageBytes > bytes.length) break;
    const isFloat = (bytes[at] & 15) === 1 && bytes[at] >> 4 >= 1 && bytes[at] >> 4 <= 5;
    if (!isFloat || bytes[at + 1] >> 1 !== 16 || bytes[at + 3] !== 0 || view.getUint32(size, true) !== 2) continue;
    const [offset, precision] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    if (precision === 0 || offset + precision > 16) continue;
    const fields = [
      bytes[at + 2],
      offset,
      precision,
      ...bytes.subarray(at + 12, at + 16),
      view.getUint32(at + 16, true),
    ];
    found.add(layouts[fields.join()] ?? 'other');
  }
  return found;
}

/** By places of the sign and of the number, its bits, place and bits of exponent and mantissa, and the exponent's bias. */
const layouts: Readonly<Record<string, HalfLayout>> = {
  '15,0,16,10,5,0,10,15': 'half',
  '15,0,16,7,8,0,7,127': 'bfloat16',
};

/** The one layout that there is, as it can be read; undefined: they differ, or are none of these. */
export function oneHalfLayout(found: ReadonlySet<HalfLayout>): 'half' | 'bfloat16' | undefined {
  const [layout, ...others] = found;
  return others.length > 0 || layout === 'other' ? undefined : layout;
}
