import type { SparsePool2dNode } from '@sp/quant/internal';
import { bitLength, isPowerOfTwo } from '@sp/quant/numeric';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { hullOf, type Range, wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { ahead } from './ahead.ts';
import { type BlockContext, elementRanges, listInput } from './block.ts';
import { larger, treeOf } from './extremes.ts';
import { type ListSignals, type Slot, slotSignals, slotsOf } from './value.ts';

/**
 * Pooling of a list: slots of one cell find each other by comparing cell coordinates; the first carries the sum (its division waits in the format) or
 * maximum.
 *
 * In two steps: the first slot in each line of a cell takes what else is in that line, and the first of the cell then takes the lines below its own. Each line has one
 * such slot, so that and-or finds it, where an adder per pair of slots would take three times the LUTs.
 */
export function sparsePoolBlock(context: BlockContext<SparsePool2dNode>): ListSignals {
  const { b, node, inferred, inputs } = context;
  const { slots } = listInput(context);
  const channels = inputs[0].inferred.shape[2];
  const [ph, pw] = node.pool;
  const outputs = b.instance(
    {
      name: node.name,
      comment: [`${node.name}: ${node.mode} pool ${ph} x ${pw} of ${slots.length} slots, ${channels} channels`],
      build: (m, flat) => pool(m, slotsOf(flat, channels), context).flatMap(slotSignals),
    },
    slots.flatMap(slotSignals),
  );
  const own = elementRanges(inferred);
  const [height, width] = inferred.shape;
  return {
    kind: 'list',
    order: 'rows',
    slots: slotsOf(outputs, channels).map(({ valid, row, col, codes }) => ({
      valid,
      row: b.narrow(row, { lo: 0n, hi: BigInt(height - 1) }),
      col: b.narrow(col, { lo: 0n, hi: BigInt(width - 1) }),
      codes: codes.map((code, c) => b.narrow(code, own[c])),
    })),
  };
}

function pool(m: ModuleBuilder, slots: readonly Slot[], context: BlockContext<SparsePool2dNode>): Slot[] {
  const { node, inputs } = context;
  const { order } = listInput(context);
  const {
    mode,
    pool: [ph, pw],
    shape,
  } = node;
  const [height, width] = inputs[0].inferred.shape;
  const [outHeight, outWidth] = shape;
  const codes = slots.flatMap((slot) => slot.codes).filter((x) => !isConstant(x));
  const stage = codes.length === 0 ? 0 : Math.max(...codes.map((x) => x.stage));
  // Cells, their comparison: five levels at most that are wanted when the codes come.
  const start = Math.max(0, stage - Math.ceil(5 / m.levels));
  const late = (x: Signal): Signal => (isConstant(x) || x.stage >= start ? x : m.at(x, start));
  const cells = slots.map(({ valid, row, col }) => {
    const [y, x] = [late(row), late(col)];
    const inside = [
      ...(outHeight * ph === height ? [] : [m.less(y, m.constant(outHeight * ph))]),
      ...(outWidth * pw === width ? [] : [m.less(x, m.constant(outWidth * pw))]),
    ];
    return {
      row: quotient(m, y, ph, { lo: 0n, hi: BigInt(height - 1) }),
      col: quotient(m, x, pw, { lo: 0n, hi: BigInt(width - 1) }),
      line: remainder(m, y, ph, height),
      valid: m.and([late(valid), ...inside]),
    };
  });
  const together = (a: number, b: number): Signal =>
    m.and([m.equal(cells[a].row, cells[b].row), m.equal(cells[a].col, cells[b].col), cells[a].valid, cells[b].valid]);
  const same = slots.map((_, a) => slots.map((__, b) => (a < b ? together(a, b) : undefined)));
  const after = (o: number): number[] => Array.from({ length: slots.length - o - 1 }, (_, j) => o + 1 + j);
  const firsts = slots.map((_, o) =>
    m.and([cells[o].valid, m.not(m.or(slots.slice(0, o).map((__, a) => same[a][o]!)))]),
  );
  // Of slots in one line of a cell the first carries all: in raster order they are neighbours.
  const reach = order === 'raster' ? pw - 1 : slots.length;
  const inLine = slots.map((_, a) =>
    after(a)
      .filter((s) => s - a <= reach)
      .map((s): readonly [number, Signal] => [s, m.and([same[a][s]!, m.equal(cells[a].line, cells[s].line)])]),
  );
  const leads = slots.map((_, o) => {
    const before = inLine.slice(0, o).flatMap((mates) => mates.filter(([s]) => s === o).map(([, bit]) => bit));
    // In raster order the neighbour is among those before, if there are any.
    const last = order === 'raster' ? before.slice(-1) : before;
    return m.and([cells[o].valid, m.not(m.or(last))]);
  });
  const lines = Array.from({ length: ph - 1 }, (_, j) =>
    leads.map((lead, s) => m.and([lead, m.equal(cells[s].line, m.constant(j + 1))])),
  );
  const pooled = (c: number): Signal[] => {
    const all = slots.map((slot) => slot.codes[c]);
    const range = hullOf([ZERO, ...all]);
    // Nothing found is 0, which is no smallest number here.
    if (mode === 'max' && range.lo < 0n) {
      const mates = (o: number) => after(o).map((s): readonly [Signal, Signal] => [same[o][s]!, all[s]]);
      return all.map((code, o) => largestOf(m, code, mates(o), ph * pw));
    }
    const join = (x: Signal, others: readonly Signal[]): Signal =>
      mode === 'avg' ? m.sum([x, ...others]) : treeOf(m, [x, ...others], larger);
    const times = (count: number): Range =>
      mode === 'avg' ? { lo: range.lo * BigInt(count), hi: range.hi * BigInt(count) } : range;
    /** The one of these that is set, if any. */
    const one = (pairs: readonly (readonly [Signal, Signal])[], limits: Range): Signal =>
      m.narrow(m.select(pairs), limits);
    const line = all.map((code, o) => {
      const pairs = inLine[o].map(([s, bit]): readonly [Signal, Signal] => [ahead(m, bit, stage), all[s]]);
      // Of two in a line one is a mate; of more there may be several.
      const mates = pw === 2 ? [one(pairs, range)] : pairs.map(([bit, value]) => m.gate(bit, value));
      return m.narrow(join(code, mates), times(pw));
    });
    return line.map((own, o) => {
      const below = (starts: readonly Signal[]) =>
        after(o).map((s): readonly [Signal, Signal] => [ahead(m, m.and([same[o][s]!, starts[s]]), stage), line[s]]);
      const mates = lines.map((starts) => one(below(starts), times(pw)));
      return m.narrow(join(own, mates), times(ph * pw));
    });
  };
  const values = Array.from({ length: shape[2] }, (_, c) => pooled(c));
  return slots.map((_, o) => ({
    valid: firsts[o],
    row: m.gate(firsts[o], cells[o].row),
    col: m.gate(firsts[o], cells[o].col),
    codes: values.map((all) => m.gate(firsts[o], all[o])),
  }));
}

const ZERO: Range = { lo: 0n, hi: 0n };

/** The largest code of a cell, pixels without a slot counting as 0. */
function largestOf(
  m: ModuleBuilder,
  code: Signal,
  others: readonly (readonly [Signal, Signal])[],
  area: number,
): Signal {
  const lowest = [code, ...others.map(([, value]) => value)].reduce((lo, x) => (x.lo < lo ? x.lo : lo), 0n);
  const bottom = m.constant(lowest);
  const most = treeOf(
    m,
    [code, ...others.map(([bit, value]) => (lowest === 0n ? m.gate(bit, value) : m.mux(bit, value, bottom)))],
    larger,
  );
  if (lowest >= 0n) return most;
  // A full cell has no empty pixel.
  const count = m.sum(others.map(([bit]) => bit));
  const full = m.equal(count, m.constant(area - 1));
  const positive = m.not(m.sign(most));
  return m.gate(m.or([full, positive]), most);
}

/** `⌊x / divisor⌋`: a slice, or a table. */
function quotient(m: ModuleBuilder, x: Signal, divisor: number, range: Range): Signal {
  const last = Number(range.hi);
  const most = BigInt(Math.floor(last / divisor));
  if (isPowerOfTwo(divisor)) return m.narrow(m.shift(x, Math.log2(divisor)), { lo: 0n, hi: most });
  if (isConstant(x)) return m.constant(x.lo / BigInt(divisor));
  const size = 2 ** Math.max(bitLength(range.hi), wireType(x).width);
  return m.table(
    x,
    Array.from({ length: size }, (_, j) => BigInt(Math.floor(Math.min(j, last) / divisor))),
  );
}

/** `x mod divisor` of a number below `size`: a slice, or a table. */
function remainder(m: ModuleBuilder, x: Signal, divisor: number, size: number): Signal {
  if (divisor === 1) return m.constant(0);
  if (isConstant(x)) return m.constant(x.lo % BigInt(divisor));
  if (isPowerOfTwo(divisor)) return m.bits(x, 0, Math.log2(divisor));
  return m.table(
    x,
    Array.from({ length: 2 ** Math.max(bitLength(BigInt(size - 1)), wireType(x).width) }, (_, j) =>
      BigInt(j % divisor),
    ),
  );
}
