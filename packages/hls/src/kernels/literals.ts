import { powerOfTwo } from '@sp/quant/internal';

/**
 * `code · 2^-f` as a C++ literal that is exactly this number when read as a double or an integer.
 *
 * @throws QuantError when it is not a double
 */
export function literal(code: number, f: number): string {
  const value = code === 0 ? 0 : code * powerOfTwo(-f);
  if (Number.isInteger(value) && Math.abs(value) >= 2 ** 31) return `${BigInt(value)}.0`;
  return String(value);
}
