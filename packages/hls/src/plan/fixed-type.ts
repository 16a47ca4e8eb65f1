import type { Format } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';

/** A C++ fixed-point type: `ap_fixed<width, int>` or `ap_ufixed<width, int>` (`int` counts the sign bit). */
export interface FixedType {
  readonly signed: boolean;
  /** Total bits, at least 1. */
  readonly width: number;
  readonly int: number;
}

/** Constant 0 still needs a type in C++. */
export const ZERO_TYPE: FixedType = { signed: false, width: 1, int: 1 };

/** Fraction bits of a type; may be negative. */
export function fractionOf(type: FixedType): number {
  return type.width - type.int;
}

/** The narrowest type that holds every value of every format of a table; formats of no width do not count. */
export function storageType(table: FormatTable): FixedType {
  let k = 0;
  let i = Number.NEGATIVE_INFINITY;
  let f = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < table.k.length; j++) {
    if (table.k[j] + table.i[j] + table.f[j] <= 0) continue;
    k = Math.max(k, table.k[j]);
    i = Math.max(i, table.i[j]);
    f = Math.max(f, table.f[j]);
  }
  return i === Number.NEGATIVE_INFINITY ? ZERO_TYPE : { signed: k === 1, width: k + i + f, int: k + i };
}

/** The narrowest signed type that holds two types. */
export function commonType(a: FixedType, b: FixedType): FixedType {
  const fraction = Math.max(fractionOf(a), fractionOf(b));
  const int = Math.max(a.int + (a.signed ? 0 : 1), b.int + (b.signed ? 0 : 1));
  return { signed: true, width: int + fraction, int };
}

/** The type of one format of positive width. */
export function typeOfFormat({ k, i, f }: Format): FixedType {
  return { signed: k === 1, width: k + i + f, int: k + i };
}

/** The narrowest type for integer codes of a common scale `2^-f`. */
export function typeOfCodes(codes: readonly number[], f: number): FixedType {
  let low = 0;
  let high = 0;
  for (const code of codes) {
    low = Math.min(low, code);
    high = Math.max(high, code);
  }
  if (low === 0 && high === 0) return ZERO_TYPE;
  const magnitude = bitLength(Math.max(high, low < 0 ? -low - 1 : 0));
  const signed = low < 0;
  return { signed, width: magnitude + (signed ? 1 : 0), int: magnitude - f + (signed ? 1 : 0) };
}

/** The type as C++ text, with rounding and overflow modes when given. */
export function printCpp(type: FixedType, round?: string, overflow?: string): string {
  const modes = round === undefined ? '' : `, AP_${round}, AP_${overflow ?? 'WRAP'}`;
  return `${type.signed ? 'ap_fixed' : 'ap_ufixed'}<${type.width}, ${type.int}${modes}>`;
}

/**
 * Bytes of a code of this type in the emulator's protocol and in `project.json`: a little-endian signed integer of 1, 2, 4 or a
 * multiple of 8 bytes.
 */
export function bytesOf(type: FixedType): number {
  const bits = type.width + (type.signed ? 0 : 1);
  return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8 * Math.ceil(bits / 64);
}
