import type { SparsePool2dNode } from '@sp/quant';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { bitLength, type Range, wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, elementRanges, listInput } from './block.ts';
import { larger, treeOf } from './extremes.ts';
import { type ListSignals, type Slot, slotSignals, slotsOf } from './value.ts';

/**
 * Pooling of a list: slots of one cell find each other by comparing cell coordinates; the first carries the sum (its division waits in the format) or
 * maximum.
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

function pool(m: ModuleBuilder, slots: readonly Slot[], { node, inputs }: BlockContext<SparsePool2dNode>): Slot[] {
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
      valid: m.and([late(valid), ...inside]),
    };
  });
  const together = (a: number, b: number): Signal =>
    m.and([m.equal(cells[a].row, cells[b].row), m.equal(cells[a].col, cells[b].col), cells[a].valid, cells[b].valid]);
  const same = slots.map((_, a) => slots.map((__, b) => (a < b ? together(a, b) : undefined)));
  return slots.map((slot, o) => {
    const first = m.and([cells[o].valid, m.not(m.or(slots.slice(0, o).map((_, a) => same[a][o]!)))]);
    const mates = Array.from({ length: slots.length - o - 1 }, (_, j) => o + 1 + j);
    const values = slot.codes.map((code, c) => {
      const others = mates.map((s): readonly [Signal, Signal] => [same[o][s]!, slots[s].codes[c]]);
      const all = mode === 'avg' ? sumOf(m, code, others, ph * pw) : largestOf(m, code, others, ph * pw);
      return m.gate(first, all);
    });
    return {
      valid: first,
      row: m.gate(first, cells[o].row),
      col: m.gate(first, cells[o].col),
      codes: values,
    };
  });
}

/** The code and those of its mates; no more than `area` are in a cell. */
function sumOf(m: ModuleBuilder, code: Signal, others: readonly (readonly [Signal, Signal])[], area: number): Signal {
  const sum = m.sum([code, ...others.map(([bit, value]) => m.gate(bit, value))]);
  const all = [code, ...others.map(([, value]) => value)];
  const least = all.reduce((lo, x) => (x.lo < lo ? x.lo : lo), 0n);
  const most = all.reduce((hi, x) => (x.hi > hi ? x.hi : hi), 0n);
  return m.narrow(sum, { lo: least * BigInt(area), hi: most * BigInt(area) });
}

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
  if (Number.isInteger(Math.log2(divisor))) return m.narrow(m.shift(x, Math.log2(divisor)), { lo: 0n, hi: most });
  if (isConstant(x)) return m.constant(x.lo / BigInt(divisor));
  const size = 2 ** Math.max(bitLength(range.hi), wireType(x).width);
  return m.table(
    x,
    Array.from({ length: size }, (_, j) => BigInt(Math.floor(Math.min(j, last) / divisor))),
  );
}
