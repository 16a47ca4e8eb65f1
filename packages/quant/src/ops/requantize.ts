import { codeRange, formatWidth } from '../format/code-range.ts';
import type { Format, FormatTable, OverflowMode, RoundMode } from '../format/format.ts';
import { broadcastIndices, formatAt, sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import {
  commonShape,
  hull,
  type Interval,
  largest,
  max,
  min,
  type Ranges,
  rangeAt,
  rangesOf,
} from '../graph/ranges.ts';
import { allocateCodes, type ListValue } from '../interpret/values.ts';
import { shifted } from '../quantize/exact.ts';
import { overflowMode, roundMode } from '../quantize/modes.ts';
import { type ElementCast, requantizer } from '../quantize/requantize.ts';
import { roundRational } from '../quantize/round.ts';
import { checkTable } from './checks.ts';
import type { Inferred, OpDefinition } from './definition.ts';
import { overflow, round, table } from './form.ts';

/**
 * The only lossy step: value / divisor is rounded and its overflow handled in format `to` (broadcast to `shape`; may be one format per
 * position even for a sparse list), then the result is written, unchanged in value, in the wider-or-equal `format`.
 */
export interface RequantizeNode extends NodeFields {
  readonly op: 'requantize';
  readonly to: FormatTable;
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
}

/** Rounding and overflow into given formats: the only op that loses information. */
export const requantizeOp: OpDefinition<RequantizeNode> = {
  form: { to: table, round, overflow },
  arity: 1,
  allowsDivisor: true,
  takes: 'both',
  infer(node, [x]) {
    const { name, to, format } = node;
    checkTable(name, 'to', to, x.shape);
    checkTable(name, 'format', format, x.shape);
    if (roundMode(node.round) !== node.round) {
      throw new GraphError(name, `round mode ${node.round} is not deterministic`, 'use its deterministic name');
    }
    overflowMode(node.overflow);
    const shape = commonShape(x.ranges.shape, commonShape(to.shape, format.shape));
    const source = broadcastIndices(x.ranges.shape, shape);
    const targets = broadcastIndices(to.shape, shape);
    const container = broadcastIndices(format.shape, shape);
    // Ranges as fine as anything in them; a list's are per channel.
    const fine = x.slots === undefined ? shape : [1, 1, shape[2]];
    const period = sizeOf(fine);
    const groups: Interval[][] = Array.from({ length: period }, () => []);
    for (let j = 0; j < source.length; j++) {
      const target = formatAt(to, targets[j]);
      const holder = formatAt(format, container[j]);
      checkHolds(name, holder, target);
      const f = formatWidth(target) > 0 ? holder.f : 0;
      const range = castRange(rangeAt(x.ranges, source[j]), x.divisor, target, node.round, node.overflow);
      groups[j % period].push({
        lo: range.lo << BigInt(f - range.f),
        hi: range.hi << BigInt(f - range.f),
        f: holder.f,
      });
    }
    const ranges = rangesOf(fine, groups.map(hull));
    const { divisor: _, ...rest } = x;
    return { ...rest, divisor: 1, ranges, bound: max(largest(x.ranges), largest(ranges)) };
  },
  prepare(node, [x], _, wide) {
    const { to, format, inferred } = { to: node.to, format: node.format, inferred: x.inferred };
    const isList = inferred.slots !== undefined;
    const byPosition = isList && (to.shape[0] !== 1 || to.shape[1] !== 1);
    // The casts repeat over the data with the period of a slot, of an image, or of one element if all are the same.
    const period = isList && !byPosition ? [1, 1, inferred.shape[2]] : inferred.shape;
    const uniform = sizeOf(to.shape) === 1 && sizeOf(format.shape) === 1 && sizeOf(inferred.ranges.shape) === 1;
    const casts = uniform
      ? [{ fromF: inferred.ranges.f[0], to: formatAt(to, 0), outF: format.f[0] }]
      : expandCasts(inferred.ranges, to, format, period);
    const run = requantizer(casts, node.round, node.overflow, inferred.divisor, largest(inferred.ranges));
    return ([value]) => {
      const codes = allocateCodes(value.codes.length, wide);
      const overflow =
        byPosition && value.kind === 'list'
          ? runBySlot(value, (from, count, phase) => run.run(value.codes, codes, from, count, phase))
          : run.run(value.codes, codes, 0, codes.length);
      return { value: { ...value, codes }, overflow };
    };
  },
};

function expandCasts(from: Ranges, to: FormatTable, format: FormatTable, shape: readonly number[]): ElementCast[] {
  const source = broadcastIndices(from.shape, shape);
  const target = broadcastIndices(to.shape, shape);
  const holder = broadcastIndices(format.shape, shape);
  return Array.from(source, (index, j) => ({
    fromF: from.f[index],
    to: formatAt(to, target[j]),
    outF: format.f[holder[j]],
  }));
}

function runBySlot(
  { batch, slots, shape, valid, rows, cols }: ListValue,
  run: (from: number, count: number, phase: number) => number,
): number {
  const [, width, channels] = shape;
  let overflow = 0;
  for (let slot = 0; slot < batch * slots; slot++) {
    if (valid[slot] === 0) continue;
    overflow += run(slot * channels, channels, (rows[slot] * width + cols[slot]) * channels);
  }
  return overflow;
}

/** The interval of `value / divisor` after rounding and overflow handling. */
function castRange(range: Interval, divisor: number, to: Format, round: RoundMode, overflow: OverflowMode): Interval {
  if (formatWidth(to) <= 0) return { lo: 0n, hi: 0n, f: 0 };
  const rounded = [range.lo, range.hi].map((code) => {
    const { numerator, denominator } = shifted(code, to.f - range.f, BigInt(divisor));
    return roundRational(numerator, denominator, round);
  });
  const limits = codeRange(to, overflow);
  // Rounding and saturation are monotone; the other overflow modes can land anywhere once anything overflows.
  if (overflow === 'SAT' || overflow === 'SAT_SYM') {
    const clamp = (code: bigint): bigint => max(limits.lo, min(limits.hi, code));
    return { lo: clamp(rounded[0]), hi: clamp(rounded[1]), f: to.f };
  }
  if (rounded[0] >= limits.lo && rounded[1] <= limits.hi) return { lo: rounded[0], hi: rounded[1], f: to.f };
  return { ...limits, f: to.f };
}

function checkHolds(where: string, holder: Format, to: Format): void {
  if (formatWidth(to) <= 0) return;
  if (holder.k < to.k || holder.i < to.i || holder.f < to.f) {
    const text = ({ k, i, f }: Format): string => `(k=${k}, i=${i}, f=${f})`;
    throw new GraphError(where, `format ${text(holder)} cannot hold ${text(to)}`, 'make format at least as wide as to');
  }
}

/**
 * The format that holds the results of a requantisation to `to`: `to` itself for a tensor; for a sparse list, whose
 * formats are per channel, the union over all positions.
 */
export function containerFormat(to: FormatTable, x: Pick<Inferred, 'slots' | 'shape'>): FormatTable {
  if (x.slots === undefined || to.shape.length !== 3 || (to.shape[0] === 1 && to.shape[1] === 1)) return to;
  const channels = to.shape[2];
  const unions: Format[] = [];
  for (let c = 0; c < channels; c++) {
    let union: Format | undefined;
    for (let j = c; j < to.k.length; j += channels) {
      const format = formatAt(to, j);
      if (formatWidth(format) <= 0) continue;
      union = union === undefined ? format : joined(union, format);
    }
    unions.push(union ?? { k: 0, i: 0, f: 0 });
  }
  return {
    shape: [1, 1, channels],
    k: unions.map(({ k }) => k),
    i: unions.map(({ i }) => i),
    f: unions.map(({ f }) => f),
  };
}

function joined(a: Format, b: Format): Format {
  return { k: a.k || b.k ? 1 : 0, i: Math.max(a.i, b.i), f: Math.max(a.f, b.f) };
}
