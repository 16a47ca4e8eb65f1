/**
 * CRC-32 as zip files have it (polynomial 0xEDB88320), of all bytes given so far: `crc32(b, crc32(a))` is that of a and b together.
 *
 * @param start the sum so far. Default 0, of nothing.
 */
export function crc32(bytes: Uint8Array, start = 0): number {
  const native = globalThis.process?.getBuiltinModule?.('node:zlib')?.crc32;
  if (native != null) return native(bytes, start);
  let sum = ~start;
  for (const byte of bytes) sum = table[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** What eight steps make of each byte, for browsers. */
const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});
