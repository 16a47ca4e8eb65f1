/**
 * The one inner loop behind quantising reals and requantising codes: `out = overflow(round(x · scale)) · post`, each
 * element with its own constants. It runs in blocks small enough for the first-level cache, one simple loop per step, so
 * every loop stays free of branches on the mode.
 */
import { codeRange, formatWidth, NUMBER_BITS } from '../format/code-range.ts';
import type { Format, OverflowMode, RoundMode } from '../format/format.ts';
import { powerOfTwo } from '../format/power-of-two.ts';
import { roundHalfDown, roundHalfEven, roundHalfIn, roundHalfOut, roundHalfUp } from '../numeric/reals.ts';
import { QuantError } from '../quant-error.ts';
import { overflowNumber } from './overflow.ts';
import { roundQuotient } from './round.ts';

const BLOCK = 1024;

/** Constants of one element. */
export interface ElementMap {
  /** The target format, after whose rules the scaled value is rounded and cut. At most 52 bits besides the sign. */
  readonly to: Format;
  /** Power of two the input is multiplied by to be in units of the target's step. */
  readonly shift: number;
  /** Power of two the resulting code is multiplied by. */
  readonly postShift: number;
}

/** Prepared constants, repeated to at least a block so that short periods cost nothing. */
export interface CodeMap {
  readonly period: number;
  readonly length: number;
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
  readonly scale: Float64Array;
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  readonly post: Float64Array;
  /** Inputs are divided by it; 1 for none. */
  readonly divisor: number;
  /** Some scale is so small that a value could vanish: then its sign is kept. */
  readonly underflows: boolean;
  /** Scratch space of one block. */
  readonly block: Float64Array;
}

/**
 * Prepares the constants of `elements`, which repeat over the data.
 *
 * @param divisor the input is divided by it, with exact rounding; requires integer inputs whose scaled value stays below 2^52
 */
export function codeMap(
  elements: readonly ElementMap[],
  round: RoundMode,
  overflow: OverflowMode,
  divisor = 1,
): CodeMap {
  const period = elements.length;
  const length = period === 0 ? 0 : period * Math.ceil(BLOCK / period);
  const map = {
    period,
    length,
    round,
    overflow,
    scale: new Float64Array(length),
    lo: new Float64Array(length),
    hi: new Float64Array(length),
    post: new Float64Array(length),
    divisor,
    underflows: elements.some(({ shift }) => shift < 0),
    block: new Float64Array(BLOCK),
  };
  elements.forEach(({ to, shift, postShift }, j) => {
    if (to.i + to.f > NUMBER_BITS) throw new QuantError(`a format of ${to.i + to.f} bits needs the BigInt path`);
    const { lo, hi } = codeRange(to, overflow);
    // A constant 0 keeps all its factors at 1: shifts of a format without width can be arbitrary.
    const alive = formatWidth(to) > 0;
    map.scale[j] = alive ? powerOfTwo(shift) : 0;
    map.lo[j] = Number(lo);
    map.hi[j] = Number(hi);
    map.post[j] = alive ? powerOfTwo(postShift) : 1;
  });
  for (const array of [map.scale, map.lo, map.hi, map.post]) {
    for (let j = period; j < length; j++) array[j] = array[j - period];
  }
  return map;
}

/**
 * Applies the map to `x[from … from + count - 1]`, writing into `out` at the same places; element `from` uses the constants of
 * index `phase`. Returns how many elements were out of range before overflow handling.
 */
export function applyCodeMap(
  map: CodeMap,
  x: ArrayLike<number>,
  out: Float64Array,
  from: number,
  count: number,
  phase = 0,
): number {
  const { block } = map;
  let overflows = 0;
  for (let done = 0; done < count; ) {
    const at = (phase + done) % map.length;
    const size = Math.min(BLOCK, count - done, map.length - at);
    if (map.divisor === 1) {
      scaleBlock(block, x, from + done, map, at, size);
      roundBlock(block, size, map.round);
    } else {
      divideBlock(block, x, from + done, map, at, size);
    }
    overflows += overflowBlock(block, x, from + done, map, at, size);
    postBlock(out, from + done, block, map.post, at, size);
    done += size;
  }
  return overflows;
}

function scaleBlock(
  block: Float64Array,
  x: ArrayLike<number>,
  from: number,
  { scale, underflows }: CodeMap,
  phase: number,
  size: number,
): void {
  if (!underflows) {
    for (let j = 0; j < size; j++) block[j] = x[from + j] * scale[phase + j];
    return;
  }
  for (let j = 0; j < size; j++) {
    const value = x[from + j];
    const u = value * scale[phase + j];
    // A value that vanishes must not hide its sign from the rounding.
    const vanished = u === 0 && value !== 0 && scale[phase + j] !== 0;
    block[j] = vanished ? (value < 0 ? -Number.MIN_VALUE : Number.MIN_VALUE) : u;
  }
}

function roundBlock(u: Float64Array, size: number, mode: RoundMode): void {
  // A loop per mode: one that calls a variable function would not be inlined.
  switch (mode) {
    case 'TRN':
      for (let j = 0; j < size; j++) u[j] = Math.floor(u[j]);
      break;
    case 'RND':
      for (let j = 0; j < size; j++) u[j] = roundHalfUp(u[j]);
      break;
    case 'RND_MIN_INF':
      for (let j = 0; j < size; j++) u[j] = roundHalfDown(u[j]);
      break;
    case 'RND_CONV':
      for (let j = 0; j < size; j++) u[j] = roundHalfEven(u[j]);
      break;
    case 'TRN_ZERO':
      for (let j = 0; j < size; j++) u[j] = Math.trunc(u[j]);
      break;
    case 'RND_ZERO':
      for (let j = 0; j < size; j++) u[j] = roundHalfIn(u[j]);
      break;
    case 'RND_INF':
      for (let j = 0; j < size; j++) u[j] = roundHalfOut(u[j]);
      break;
    default:
      throw new QuantError(`unknown rounding mode "${mode satisfies never}"`);
  }
}

/** Exact rounding of `x · scale / divisor` for integer `x`: quotient and remainder, never a reciprocal. */
function divideBlock(
  block: Float64Array,
  x: ArrayLike<number>,
  from: number,
  { scale, divisor, round }: CodeMap,
  phase: number,
  size: number,
): void {
  for (let j = 0; j < size; j++) {
    const value = x[from + j];
    const factor = scale[phase + j];
    if (factor === 0) {
      block[j] = 0;
      continue;
    }
    const numerator = Math.abs(value) * Math.max(factor, 1);
    const denominator = factor < 1 ? divisor / factor : divisor;
    // A quotient below an integer is at least 1 / denominator below it, more than half a unit in its last place as long as the
    // numerator is below 2^53: the division cannot round up to the integer.
    const quotient = Math.floor(numerator / denominator);
    const remainder = numerator - quotient * denominator;
    block[j] = roundQuotient(quotient, 2 * remainder, denominator, value < 0, round);
  }
}

function overflowBlock(
  block: Float64Array,
  x: ArrayLike<number>,
  from: number,
  { lo, hi, overflow }: CodeMap,
  phase: number,
  size: number,
): number {
  let count = 0;
  let nan = false;
  for (let j = 0; j < size; j++) {
    const code = block[j];
    if (code < lo[phase + j] || code > hi[phase + j]) {
      count++;
      block[j] = overflowNumber(code, lo[phase + j], hi[phase + j], overflow);
    } else if (Number.isNaN(code)) {
      nan = true;
      block[j] = 0;
    }
  }
  if (nan) rejectNaN(x, from, size);
  return count;
}

/** Infinity in an element of width 0 gives NaN on the way, but it holds 0 whatever comes in; a NaN that came in is an error. */
function rejectNaN(x: ArrayLike<number>, from: number, size: number): void {
  for (let j = from; j < from + size; j++) {
    if (Number.isNaN(x[j])) throw new QuantError(`element ${j} is NaN: it has no fixed-point value`);
  }
}

function postBlock(
  out: Float64Array,
  from: number,
  block: Float64Array,
  post: Float64Array,
  phase: number,
  size: number,
): void {
  // Adding 0 turns -0 into 0, so equal codes are equal bit for bit.
  for (let j = 0; j < size; j++) out[from + j] = block[j] * post[phase + j] + 0;
}
