import { NUMBER_BITS } from '../format/code-range.ts';
import type { Format, FormatTable, OverflowMode, RoundMode } from '../format/format.ts';
import { broadcastIndices, checkTable, formatAt } from '../format/format-table.ts';
import { applyCodeMap, codeMap } from './code-map.ts';
import { type CutCode, cutCode, shifted } from './exact.ts';
import { overflowMode, type RoundName, roundMode } from './modes.ts';
import type { Codes } from './quantize-array.ts';

const SAFE = 1n << BigInt(NUMBER_BITS);

/** How one element of a tensor is requantised. */
export interface ElementCast {
  /** Fraction bits of the input code. */
  readonly fromF: number;
  /** The format whose rounding grid and range apply. */
  readonly to: Format;
  /** Fraction bits of the resulting code, at least `to.f` unless `to` has no width. */
  readonly outF: number;
}

/** A prepared requantisation; the casts repeat over the data. */
export interface Requantizer {
  /** Whether the results are BigInts. */
  readonly wide: boolean;
  /**
   * Requantises `codes[from … from + count - 1]` into the same places of `out`; element `from` uses cast number `phase` (default 0).
   * Returns how many were out of range.
   */
  run(codes: Codes, out: Codes, from: number, count: number, phase?: number): number;
}

/**
 * Prepares the rounding of `code · 2^-fromF / divisor` into other formats: exact, in plain numbers whenever the formats
 * and `bound` prove that nothing exceeds 2^52, else in BigInt.
 *
 * @param bound largest magnitude of an input code
 */
export function requantizer(
  casts: readonly ElementCast[],
  round: RoundMode,
  overflow: OverflowMode,
  divisor: number,
  bound: bigint,
): Requantizer {
  const wide = casts.some(({ to, outF }) => alive(to) && to.i + outF > NUMBER_BITS);
  const narrow =
    !wide &&
    bound <= SAFE &&
    casts.every(({ fromF, to, outF }) => {
      if (!alive(to)) return true;
      const shift = to.f - fromF;
      if (Math.abs(shift) > 900 || outF - to.f > NUMBER_BITS) return false;
      if (divisor === 1) return true;
      const up = BigInt(Math.max(shift, 0));
      const down = BigInt(Math.max(-shift, 0));
      return bound << up < SAFE && BigInt(divisor) << down < SAFE;
    });
  const map = narrow
    ? codeMap(
        casts.map(({ fromF, to, outF }) => ({ to, shift: to.f - fromF, postShift: outF - to.f })),
        round,
        overflow,
        divisor,
      )
    : undefined;
  const exactly = (code: bigint, cast: ElementCast): CutCode => {
    if (!alive(cast.to)) return { code: 0n, overflow: false };
    const cut = cutCode(shifted(code, cast.to.f - cast.fromF, BigInt(divisor)), cast.to, round, overflow);
    return { code: cut.code << BigInt(cast.outF - cast.to.f), overflow: cut.overflow };
  };
  return {
    wide,
    run(codes, out, from, count, phase = 0) {
      if (map !== undefined && codes instanceof Float64Array && out instanceof Float64Array) {
        return applyCodeMap(map, codes, out, from, count, phase);
      }
      let overflows = 0;
      for (let j = 0; j < count; j++) {
        const cut = exactly(BigInt(codes[from + j]), casts[(phase + j) % casts.length]);
        if (out instanceof Float64Array) out[from + j] = Number(cut.code);
        else out[from + j] = cut.code;
        if (cut.overflow) overflows++;
      }
      return overflows;
    },
  };
}

function alive(format: Format): boolean {
  return format.k + format.i + format.f > 0;
}

/**
 * The code in format `to` of the value `code · 2^-fromF / divisor`, rounded and brought into range without going through
 * floating point.
 *
 * @param round default `TRN`
 * @param overflow default `WRAP`
 * @throws QuantError for an unknown mode
 * @example requantizeCode(11n, 1, { k: 1, i: 2, f: 0 }, 'RND', 'SAT') // 5.5 → 3n
 */
export function requantizeCode(
  code: bigint,
  fromF: number,
  to: Format,
  round: RoundName = 'TRN',
  overflow: OverflowMode = 'WRAP',
  divisor = 1,
): bigint {
  const value = shifted(code, to.f - fromF, BigInt(divisor));
  return cutCode(value, to, roundMode(round), overflowMode(overflow)).code;
}

/**
 * Codes of a tensor of `shape` (or a batch of them) in formats `from`, rounded and brought into the formats `to`. The result holds codes
 * in the formats of `to`.
 *
 * @throws QuantError for malformed tables, unknown modes, or tables that do not broadcast to `shape`
 */
export function requantizeCodes(
  codes: Codes,
  from: FormatTable,
  to: FormatTable,
  shape: readonly number[],
  round: RoundName = 'TRN',
  overflow: OverflowMode = 'WRAP',
): Codes {
  checkTable(from, 'requantizeCodes: from');
  checkTable(to, 'requantizeCodes: to');
  const source = broadcastIndices(from.shape, shape);
  const target = broadcastIndices(to.shape, shape);
  const casts = Array.from(source, (index, j) => {
    const format = formatAt(to, target[j]);
    return { fromF: from.f[index], to: format, outF: format.f };
  });
  const bits = from.i.reduce((most, i, j) => Math.max(most, i + from.f[j]), 0);
  const cast = requantizer(casts, roundMode(round), overflowMode(overflow), 1, 1n << BigInt(bits));
  const out: Codes = cast.wide ? new Array<bigint>(codes.length).fill(0n) : new Float64Array(codes.length);
  cast.run(codes, out, 0, codes.length);
  return out;
}
