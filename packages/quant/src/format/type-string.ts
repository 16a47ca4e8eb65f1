import { QuantError } from '../quant-error.ts';
import { checkFormat } from './code-range.ts';
import type { Format, OverflowMode, RoundMode } from './format.ts';

/** A fixed-point type as Vitis and hls4ml write it. */
export interface FixedType {
  readonly kind: 'fixed';
  readonly format: Format;
  /** Default `TRN`. */
  readonly round: RoundMode;
  /** Default `WRAP`. */
  readonly overflow: OverflowMode;
  /** Bits kept from wrapping at the top (`N` of `ap_fixed`), default 0. */
  readonly saturationBits: number;
}

/** What `parseType` returns: a type, or `auto`, the wish to have it inferred. */
export type TypeSpec = FixedType | { readonly kind: 'auto' };

/** The seven deterministic rounding modes. */
export const ROUND_MODES: readonly RoundMode[] = [
  'TRN',
  'RND',
  'RND_CONV',
  'TRN_ZERO',
  'RND_ZERO',
  'RND_INF',
  'RND_MIN_INF',
];

/** All overflow modes. */
export const OVERFLOW_MODES: readonly OverflowMode[] = ['WRAP', 'SAT', 'SAT_SYM', 'SAT_ZERO', 'WRAP_SM'];

/** A type string that cannot be read. `text` is the whole string. */
export class TypeStringError extends Error {
  readonly text: string;
  constructor(text: string, problem: string) {
    super(`type "${text}": ${problem}`);
    this.name = 'TypeStringError';
    this.text = text;
  }
}

const FIXED = /^(?:ap_)?(u?)fixed<([^<>]*)>$/;
const INTEGER = /^(?:ap_)?(u?)int<([^<>]*)>$/;
const MAX_WIDTH = 1000;

/**
 * Reads `ap_fixed<W,I,Q,O,N>`, `ap_ufixed<…>`, `ap_int<W>`, `ap_uint<W>`, the same without `ap_`, or `auto`.
 * Mode names may carry `AP_` and be in lower case. `W` and `I` count the sign bit, as in Vitis.
 *
 * @throws TypeStringError saying which part is wrong and what would be right
 * @example parseType('ap_fixed<8,2,RND,SAT>') // format { k: 1, i: 1, f: 6 }, round RND, overflow SAT
 */
export function parseType(text: string): TypeSpec {
  const compact = text.replaceAll(/\s+/g, '');
  if (compact === 'auto') return { kind: 'auto' };
  const fixed = FIXED.exec(compact);
  const match = fixed ?? INTEGER.exec(compact);
  if (match === null) {
    throw new TypeStringError(text, 'not a fixed-point type; write ap_[u]fixed<W,I[,Q[,O[,N]]]>, ap_[u]int<W> or auto');
  }
  const k = match[1] === 'u' ? 0 : 1;
  const parts = match[2].split(',');
  if (fixed === null && parts.length !== 1) {
    throw new TypeStringError(text, 'an integer type has one parameter, its width');
  }
  if (fixed !== null && (parts.length < 2 || parts.length > 5)) {
    throw new TypeStringError(text, `${parts.length} parameters; a fixed type has 2 to 5: W,I[,Q[,O[,N]]]`);
  }
  const width = integer(text, 'width W', parts[0]);
  if (width < 0 || width > MAX_WIDTH) {
    throw new TypeStringError(text, `width W is ${width}; use 0 to ${MAX_WIDTH} (0 means constant 0)`);
  }
  const whole = fixed === null ? width : integer(text, 'integer bits I', parts[1]);
  const format: Format = { k, i: whole - k, f: width - whole };
  try {
    checkFormat(format, 'its format');
  } catch (cause) {
    throw new TypeStringError(text, (cause as Error).message);
  }
  const round = mode(text, 'rounding', parts[2] ?? 'TRN', ROUND_MODES);
  const overflow = mode(text, 'overflow', parts[3] ?? 'WRAP', OVERFLOW_MODES);
  const saturationBits = parts[4] === undefined ? 0 : integer(text, 'saturation bits N', parts[4]);
  if (saturationBits < 0 || saturationBits > width) {
    throw new TypeStringError(text, `saturation bits N is ${saturationBits}; use 0 to the width ${width}`);
  }
  if (saturationBits > 0 && overflow !== 'WRAP') {
    throw new TypeStringError(text, `saturation bits N have a meaning with overflow WRAP only, not ${overflow}`);
  }
  return { kind: 'fixed', format, round, overflow, saturationBits };
}

/**
 * The type string of a format, shortest form: default modes are left out. `parseType` reads it back unchanged.
 *
 * @throws QuantError when the format has no `ap_fixed` form (negative width)
 * @example printType({ k: 1, i: 1, f: 6 }, 'RND', 'SAT') // 'ap_fixed<8,2,RND,SAT>'
 */
export function printType(
  format: Format,
  round: RoundMode = 'TRN',
  overflow: OverflowMode = 'WRAP',
  saturationBits = 0,
): string {
  const width = format.k + format.i + format.f;
  if (width < 0) {
    throw new QuantError(
      `format k=${format.k} i=${format.i} f=${format.f} has width ${width}: it is constant 0 and has no type`,
    );
  }
  const parts: (string | number)[] = [width, format.k + format.i];
  if (round !== 'TRN' || overflow !== 'WRAP' || saturationBits !== 0) parts.push(round);
  if (overflow !== 'WRAP' || saturationBits !== 0) parts.push(overflow);
  if (saturationBits !== 0) parts.push(saturationBits);
  return `ap_${format.k === 0 ? 'u' : ''}fixed<${parts.join(',')}>`;
}

function integer(text: string, what: string, part: string): number {
  if (!/^[+-]?\d{1,6}$/.test(part)) throw new TypeStringError(text, `${what} is "${part}"; use an integer`);
  return Number(part);
}

function mode<M extends string>(text: string, what: string, part: string, known: readonly M[]): M {
  const name = part.toUpperCase().replace(/^AP_/, '');
  const found = known.find((candidate) => candidate === name);
  if (found === undefined) {
    const hint = name === 'SYM' ? ' (SYM alone is no mode: symmetric saturation is SAT_SYM)' : '';
    throw new TypeStringError(text, `unknown ${what} mode "${part}"${hint}; use one of ${known.join(', ')}`);
  }
  return found;
}
