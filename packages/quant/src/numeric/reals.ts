/**
 * Arithmetic of quantizers on plain numbers, once for all who need it: the interpreter and the tables of `@sp/quant`, the operations of `@sp/layers`, the loops
 * of the engine in `@sp/train`. It is written in the part of TypeScript that AssemblyScript compiles too, where `number` is a double: the engine's WebAssembly
 * is made from this very file. Imports nothing.
 */

/** Nearest integer, ties up. Exact for every double: `⌊u + 0.5⌋` is not, next to a tie. */
export function roundHalfUp(u: number): number {
  const floor = Math.floor(u);
  return u - floor >= 0.5 ? floor + 1 : floor;
}

/** Nearest integer, ties down. */
export function roundHalfDown(u: number): number {
  const ceil = Math.ceil(u);
  return ceil - u >= 0.5 ? ceil - 1 : ceil;
}

/** Nearest integer, ties to the even one. */
export function roundHalfEven(u: number): number {
  // Next to 1.5 · 2^52 doubles are the integers, and addition rounds half to even.
  if (Math.abs(u) < 2251799813685248) return u + 6755399441055744 - 6755399441055744;
  const floor = Math.floor(u);
  const rest = u - floor;
  return rest < 0.5 || (rest === 0.5 && Math.floor(floor * 0.5) * 2 === floor) ? floor : floor + 1;
}

/** Nearest integer, ties towards zero. */
export function roundHalfIn(u: number): number {
  const magnitude = Math.abs(u);
  const floor = Math.floor(magnitude);
  const rounded = magnitude - floor > 0.5 ? floor + 1 : floor;
  return u < 0 ? -rounded : rounded;
}

/** Nearest integer, ties away from zero. */
export function roundHalfOut(u: number): number {
  const magnitude = Math.abs(u);
  const floor = Math.floor(magnitude);
  const rounded = magnitude - floor >= 0.5 ? floor + 1 : floor;
  return u < 0 ? -rounded : rounded;
}

/** `value` moved by a multiple of `high − low` into `low ≤ … < high`: what is left of a number when the bits above its format are dropped. */
export function wrapInto(value: number, low: number, high: number): number {
  if (value >= low && value < high) return value;
  const span = high - low;
  // The remainder first, it is exact; a difference would drop the low bits of large values. Adding 0 turns −0 into 0.
  const rest = (value % span) + 0;
  return rest < low ? rest + span : rest >= high ? rest - span : rest;
}

/** `value`, or the limit it lies beyond. */
export function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/**
 * `value`, a multiple of `step`, mirrored at the ends of `low ≤ … < high` until it is inside: every second repetition of the range runs backwards, a triangle
 * wave (`ap_fixed`'s AP_WRAP_SM). Exact.
 */
export function reflectInto(value: number, low: number, high: number, step: number): number {
  if (value >= low && value < high) return value;
  const span = high - low;
  const wrapped = wrapInto(value, low, high);
  // The difference is a small multiple of the span, hence exact.
  const runs = ((value % (2 * span)) - wrapped) / span;
  return (runs % 2 !== 0 ? low + high - step - wrapped : wrapped) + 0;
}

/**
 * How a limit of a format moves with its fraction bits, over ln 2 (hgq2 §1.5): the upper one is `2^i − 2^-f`, the lower one `−2^i`, or minus the upper one if
 * `symmetric`. `side`: 1 for the upper one, −1 for the lower one, 0 for that of an unsigned format, which stays; `step` is `2^-f`.
 */
export function limitPerFractionBit(side: number, step: number, symmetric: boolean): number {
  return side > 0 || symmetric ? side * step : 0;
}

/** The same with the integer bits: `range` is `2^i`. */
export function limitPerIntegerBit(side: number, range: number): number {
  return side * range;
}

/** `⌈log2 x⌉` for x ≥ 0, exact: −∞ for 0; ∞ and NaN are what they are. */
export function ceilLog2(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x < Infinity)) return x;
  let n = Math.ceil(Math.log2(x));
  // The logarithm may be off next to a power of two.
  while (2 ** (n - 1) >= x) n -= 1;
  while (2 ** n < x) n += 1;
  // Rounding up may have given −0.
  return n + 0;
}

/** Whether x is `2^n` for a whole n. */
export function isPowerOfTwo(x: number): boolean {
  return x > 0 && x < Infinity && 2 ** ceilLog2(x) === x;
}

/** `⌊log2 x⌋` for x ≥ 0, exact; otherwise as `ceilLog2`. */
export function floorLog2(x: number): number {
  const n = ceilLog2(x);
  return 2 ** n > x ? n - 1 : n;
}
