/**
 * Sparse convolution by gathering: every slot looks for the slot at each tap of its window, collects the codes by and-or, and multiplies the window
 * with the kernel in one adder graph.
 *
 * Which slots can stand where follows from the order of the list. In raster order a tap above or to the left can only be an earlier slot, one below or to
 * the right a later one, and d pixels to the right at most d slots later. After pooling only the rows are in order. A pair of slots is compared once for both.
 */
import type { SparseConv2dNode } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';
import type { ModuleBuilder } from '../hdl/module-builder.ts';

import { isConstant, type Signal } from '../hdl/signal.ts';
import { ahead } from './ahead.ts';
import { type BlockContext, elementRanges, listInput } from './block.ts';
import { candidates } from './candidates.ts';
import { productOf, weightedSums } from './product.ts';
import { sharedConvBlock } from './sparse-conv-shared.ts';
import type { Gated, ListSignals, Slot, SlotOrder } from './value.ts';

export function sparseConvBlock(context: BlockContext<SparseConv2dNode>): ListSignals {
  const { b, node, inferred, inputs, strategy } = context;
  const { slots, order } = listInput(context);
  if (b.interval > 1 && slots.length > 1 && strategy.hardware !== 'parallel') return sharedConvBlock(context);
  const [kh, kw, channels, filters] = node.kernel.shape;
  const taps = kh * kw;
  const ranges = elementRanges(inputs[0].inferred);
  const columns = Array.from({ length: taps * channels }, (_, j) => [ranges[j % channels]]);
  const product = productOf(node.kernel.codes, node.kernel.f, node.bias, columns);
  const windows = b.instance(
    {
      name: `${node.name}_gather`,
      comment: [
        `${node.name}: the ${kh} x ${kw} window of every slot of ${slots.length}, ${channels} channels, list in ${order === 'raster' ? 'raster order' : 'order of rows'}`,
      ],
      build: (m, flat) => gatherWindows(m, slotsOfFlat(flat, slots.length, channels), context, order),
    },
    slots.flatMap(({ row, col, codes }) => [row, col, ...codes]),
  );
  const size = taps * channels;
  const rows = slots.map(({ valid }, o) => [valid, ...windows.slice(o * size, (o + 1) * size)]);
  const outputs = b.instances(
    {
      name: `${node.name}_sum`,
      comment: [
        `${node.name}: ${size} codes of a window -> ${filters} filters, adder graph; 0 without bias where the sum is 0`,
      ],
      build: (m, [valid, ...window]) => {
        const sums = weightedSums(m, window, product);
        return sums.flatMap((sum, u) => {
          const bias = product.bias[u];
          const gate = bias === 0n ? valid : m.any(sum, valid);
          return [gate, m.add(sum, m.constant(bias))];
        });
      },
    },
    rows,
  );
  const own = elementRanges(inferred);
  return {
    kind: 'list',
    order,
    slots: slots.map(({ valid, row, col }, s): Slot => {
      const gated = own.map(
        (range, u): Gated => ({ gate: outputs[s][2 * u], value: outputs[s][2 * u + 1], lo: range.lo, hi: range.hi }),
      );
      return { valid, row, col, gated, codes: gated.map((code) => b.narrow(b.gate(code.gate, code.value), code)) };
    }),
  };
}

function slotsOfFlat(flat: readonly Signal[], count: number, channels: number): Omit<Slot, 'valid'>[] {
  return Array.from({ length: count }, (_, s) => {
    const [row, col, ...codes] = flat.slice(s * (2 + channels), (s + 1) * (2 + channels));
    return { row, col, codes };
  });
}

function gatherWindows(
  m: ModuleBuilder,
  slots: readonly Omit<Slot, 'valid'>[],
  { node, inputs }: BlockContext<SparseConv2dNode>,
  order: SlotOrder,
): Signal[] {
  const [kh, kw, channels, filters] = node.kernel.shape;
  const [height, width] = inputs[0].inferred.shape;
  const [up, left] = [(kh - 1) / 2, (kw - 1) / 2];
  const used = (tap: number, c: number): boolean => {
    const from = (tap * channels + c) * filters;
    return node.kernel.codes.slice(from, from + filters).some((weight) => weight !== 0);
  };
  // What matches is known when the codes are there, and not much before.
  const codes = slots.flatMap((slot) => slot.codes).filter((x) => !isConstant(x));
  const stage = Math.max(0, ...codes.map((x) => x.stage));
  const start = stage - 1;
  const late = (x: Signal): Signal => (isConstant(x) || x.stage >= start ? x : m.at(x, start));
  const rows = slots.map(({ row }) => late(row));
  const cols = slots.map(({ col }) => late(col));
  const rowBits = bitLength(BigInt(height - 1 + up));
  const colBits = bitLength(BigInt(width - 1 + left));

  // Where slot `b` stands seen from the earlier slot `a`: rows and columns away, in as many bits as tell the taps from everything else.
  const dy = new Map<string, Signal>();
  const distance = (a: number, b: number): { row: Signal; col: Signal } => {
    const key = `${a} ${b}`;
    const row = dy.get(`${key} row`) ?? modular(m, rows[b], rows[a], rowBits);
    const col = dy.get(`${key} col`) ?? modular(m, cols[b], cols[a], colBits);
    dy.set(`${key} row`, row).set(`${key} col`, col);
    return { row, col };
  };
  /** Whether `other` stands `y` rows below and `x` columns right of `own`. */
  const match = (own: number, other: number, y: number, x: number): Signal => {
    const [a, b, sign] = own < other ? [own, other, 1] : [other, own, -1];
    const { row, col } = distance(a, b);
    return m.and([is(m, row, sign * y, rowBits), is(m, col, sign * x, colBits)]);
  };

  const outputs: Signal[] = [];
  for (let o = 0; o < slots.length; o++) {
    for (let tap = 0; tap < kh * kw; tap++) {
      const y = Math.floor(tap / kw) - up;
      const x = (tap % kw) - left;
      const others = y === 0 && x === 0 ? [] : candidates(o, y, x, slots.length, order);
      for (let c = 0; c < channels; c++) {
        if (!used(tap, c)) outputs.push(m.constant(0));
        else if (y === 0 && x === 0) outputs.push(slots[o].codes[c]);
        else
          outputs.push(
            m.select(others.map((other) => [ahead(m, match(o, other, y, x), stage), slots[other].codes[c]])),
          );
      }
    }
  }
  return outputs;
}

/** `(a - b)` modulo `2^bits`. */
function modular(m: ModuleBuilder, a: Signal, b: Signal, bits: number): Signal {
  return m.bits(m.sub(a, b), 0, bits);
}

function is(m: ModuleBuilder, x: Signal, value: number, bits: number): Signal {
  const code = BigInt.asUintN(bits, BigInt(value));
  return m.equal(x, m.constant(code));
}
