/** Number of binary digits of a non-negative integer; 0 has none. */
export function bitLength(n: bigint | number): number {
  return n > 0 ? n.toString(2).length : 0;
}
