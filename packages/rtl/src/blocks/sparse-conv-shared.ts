/**
 * Sparse convolution whose hardware is shared by the slots that are computed one after the other: `⌈n / interval⌉` slots per clock, all others held
 * beside them.
 *
 * A lane computes neighbouring slots one after the other, so that of the taps above only what comes before its last slot counts, and of those below what
 * comes after its first.
 *
 * Two architectures. Gathering collects the window of each slot by and-or and multiplies it by an adder graph. Pairs look up the weight that one slot has for
 * another by their distance and multiply: less hardware where channels and filters are few and the kernel is large.
 */

import { signedDigits } from '@sp/quant/adders';
import type { SparseConv2dNode } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { ahead } from './ahead.ts';
import { type BlockContext, elementRanges, listInput } from './block.ts';
import { candidates } from './candidates.ts';
import { viewsOf } from './lanes.ts';
import { type Product, productOf, weightedSums } from './product.ts';
import type { Gated, Lanes, ListSignals, Slot, SlotOrder } from './value.ts';

export function sharedConvBlock(context: BlockContext<SparseConv2dNode>): ListSignals {
  const { b, node, inferred, inputs, strategy } = context;
  const { slots, order } = listInput(context);
  const [kh, kw, channels, filters] = node.kernel.shape;
  const ranges = elementRanges(inputs[0].inferred);
  const columns = Array.from({ length: kh * kw * channels }, (_, j) => [ranges[j % channels]]);
  const product = productOf(node.kernel.codes, node.kernel.f, node.bias, columns);
  const phases = Math.ceil(slots.length / Math.ceil(slots.length / b.interval));
  const perClock = Math.ceil(slots.length / phases);
  const asked = strategy.convArchitecture ?? 'auto';
  const pairs = asked === 'auto' ? pairsAreSmaller(context, slots.length) : asked === 'pairs';
  const shape: Shape = { kh, kw, channels, filters, perClock, phases, bits: distanceBits(context) };
  const what = `${kh} x ${kw}, ${channels} -> ${filters} channels, ${perClock} of ${slots.length} slots per clock`;
  const outputs = b.instance(
    {
      name: `${node.name}_${pairs ? 'pairs' : 'gather'}`,
      comment: [
        `${node.name}: ${what}`,
        pairs
          ? 'every pair of slots multiplies by the weight of its distance; per slot {valid, sums}'
          : 'the window of every slot by and-or; per slot {valid, window}',
      ],
      build: (m, flat) => {
        const size = 3 + channels;
        const own = Array.from({ length: slots.length }, (_, s): Slot => {
          const [valid, row, col, ...codes] = flat.slice(s * size, (s + 1) * size);
          return { valid, row, col, codes };
        });
        return pairs ? pairSums(m, own, shape, node, product, order) : windows(m, own, shape, node, order);
      },
    },
    slots.flatMap(({ valid, row, col, codes }) => [valid, row, col, ...codes]),
  );
  const per = outputs.length / perClock;
  const results = b.instances(
    {
      name: `${node.name}_sum`,
      comment: [
        `${node.name}: ${pairs ? 'bias' : 'window times kernel by adder graph, and bias'}; per filter {gate, value}, no bias where the sum is 0`,
      ],
      build: (m, [valid, ...rest]) => {
        const sums = pairs ? rest : weightedSums(m, rest, product);
        return sums.flatMap((sum, u) => {
          const bias = product.bias[u];
          return [bias === 0n ? valid : m.any(sum, valid), m.add(sum, m.constant(bias))];
        });
      },
    },
    Array.from({ length: perClock }, (_, q) => outputs.slice(q * per, (q + 1) * per)),
  );
  const own = elementRanges(inferred);
  const lanes: Lanes = {
    phases,
    slots: results.map((result, q) => {
      const gated = own.map(({ lo, hi }, u): Gated => ({ gate: result[2 * u], value: result[2 * u + 1], lo, hi }));
      return {
        valid: outputs[q * per],
        gated,
        codes: gated.map((code) => b.narrow(b.gate(code.gate, code.value), code)),
      };
    }),
  };
  return { kind: 'list', order, lanes, slots: viewsOf(b, slots, lanes) };
}

interface Shape {
  readonly kh: number;
  readonly kw: number;
  readonly channels: number;
  readonly filters: number;
  readonly perClock: number;
  readonly phases: number;
  /** Bits of the row and column distances. */
  readonly bits: readonly [number, number];
}

/** Bits that tell the distances inside a window from all others. */
function distanceBits({ node, inputs }: BlockContext<SparseConv2dNode>): [number, number] {
  const [height, width] = inputs[0].inferred.shape;
  const [kh, kw] = node.kernel.shape;
  return [bitLength(BigInt(height - 1 + (kh - 1) / 2)), bitLength(BigInt(width - 1 + (kw - 1) / 2))].map((bits) =>
    Math.max(1, bits),
  ) as [number, number];
}

/** The slots whose turn it is, and when their codes and those of all others are there. */
function turns(m: ModuleBuilder, slots: readonly Slot[], { perClock, phases, channels }: Shape) {
  const zero = m.constant(0);
  const codesAt = Math.max(0, ...slots.flatMap(({ codes }) => codes.map((x) => m.holdable(x))));
  const placesAt = Math.max(0, ...slots.flatMap(({ row, col }) => [m.holdable(row), m.holdable(col)]));
  // Distances take a stage and a half: where codes come later than places, they are there when the codes are.
  const from = Math.max(placesAt, codesAt - 2);
  const turn = (q: number, of: (slot: Slot) => Signal, at: number): Signal =>
    m.serialise(
      Array.from({ length: phases }, (_, p) => (q * phases + p < slots.length ? of(slots[q * phases + p]) : zero)),
      at,
    );
  return Array.from({ length: perClock }, (_, q) => ({
    row: turn(q, ({ row }) => row, from),
    col: turn(q, ({ col }) => col, from),
    valid: turn(q, ({ valid }) => valid, codesAt),
    codes: Array.from({ length: channels }, (_, c) => turn(q, ({ codes }) => codes[c], codesAt)),
  }));
}

/** Slots that can stand `y` rows below and `x` columns right of one of the slots of lane `q`. */
function reachable(q: number, y: number, x: number, slots: number, phases: number, order: SlotOrder): Set<number> {
  const own = Array.from({ length: phases }, (_, p) => q * phases + p).filter((s) => s < slots);
  return new Set(own.flatMap((s) => candidates(s, y, x, slots, order)));
}

function windows(
  m: ModuleBuilder,
  slots: readonly Slot[],
  shape: Shape,
  { kernel }: SparseConv2dNode,
  order: SlotOrder,
): Signal[] {
  const { kh, kw, channels, filters, bits, phases } = shape;
  const codesAt = Math.max(0, ...slots.flatMap(({ codes }) => codes.map((x) => m.holdable(x))));
  const used = (tap: number, c: number): boolean => {
    const from = (tap * channels + c) * filters;
    return kernel.codes.slice(from, from + filters).some((weight) => weight !== 0);
  };
  return turns(m, slots, shape).flatMap((own, q) => {
    const away = slots.map(({ row, col }) => ({
      row: m.bits(m.sub(row, own.row), 0, bits[0]),
      col: m.bits(m.sub(col, own.col), 0, bits[1]),
    }));
    const window: Signal[] = [];
    for (let tap = 0; tap < kh * kw; tap++) {
      const y = Math.floor(tap / kw) - (kh - 1) / 2;
      const x = (tap % kw) - (kw - 1) / 2;
      for (let c = 0; c < channels; c++) {
        if (!used(tap, c)) window.push(m.constant(0));
        else if (x === 0 && y === 0) window.push(own.codes[c]);
        else {
          const others = [...reachable(q, y, x, slots.length, phases, order)].sort((a, b) => a - b);
          const pairs = others.map((s): readonly [Signal, Signal] => [
            ahead(m, m.and([is(m, away[s].row, y, bits[0]), is(m, away[s].col, x, bits[1])]), codesAt),
            slots[s].codes[c],
          ]);
          window.push(m.select(pairs));
        }
      }
    }
    return [own.valid, ...window];
  });
}

function is(m: ModuleBuilder, x: Signal, value: number, bits: number): Signal {
  return m.equal(x, m.constant(BigInt.asUintN(bits, BigInt(value))));
}

function pairSums(
  m: ModuleBuilder,
  slots: readonly Slot[],
  shape: Shape,
  { kernel }: SparseConv2dNode,
  { inputShifts, shift }: Product,
  order: SlotOrder,
): Signal[] {
  const { kh, kw, channels, filters, bits, phases } = shape;
  const indexBits = [kh, kw].map((size) => bitLength(BigInt(size)));
  /** 1 … size inside the window, 0 outside. */
  const index = (x: Signal, size: number, width: number): Signal => {
    const middle = (size - 1) / 2;
    return m.table(
      x,
      Array.from({ length: 2 ** width }, (_, at) => {
        const distance = at >= 2 ** width - middle ? at - 2 ** width : at;
        return Math.abs(distance) <= middle ? BigInt(distance + middle + 1) : 0n;
      }),
    );
  };
  // A tap without weights says nothing about the scale of its channel.
  const ups = Array.from({ length: channels }, (_, c) => {
    return Math.max(...inputShifts.filter((__, j) => j % channels === c)) + shift;
  });
  return turns(m, slots, shape).flatMap((own, q) => {
    // Where the order of the list rules a place out, its weight may be anything, and 0 is the simplest.
    const [up, left] = [(kh - 1) / 2, (kw - 1) / 2];
    const near = Array.from({ length: kh }, (_, a) =>
      Array.from({ length: kw }, (__, e) =>
        a === up && e === left
          ? new Set(Array.from({ length: phases }, (___, p) => q * phases + p))
          : reachable(q, a - up, e - left, slots.length, phases, order),
      ),
    );
    const terms: Signal[][] = Array.from({ length: filters }, () => []);
    for (const [s, { row, col, codes }] of slots.entries()) {
      const y = index(m.bits(m.sub(row, own.row), 0, bits[0]), kh, bits[0]);
      const x = index(m.bits(m.sub(col, own.col), 0, bits[1]), kw, bits[1]);
      const place = m.cat([m.bits(y, 0, indexBits[0]), m.bits(x, 0, indexBits[1])]);
      for (let c = 0; c < channels; c++) {
        for (let u = 0; u < filters; u++) {
          const weights = Array.from({ length: 2 ** (indexBits[0] + indexBits[1]) }, (_, at) => {
            const [a, e] = [(at >> indexBits[1]) - 1, (at % 2 ** indexBits[1]) - 1];
            const inside = a >= 0 && a < kh && e >= 0 && e < kw && near[a][e].has(s);
            return inside ? BigInt(kernel.codes[((a * kw + e) * channels + c) * filters + u]) : 0n;
          });
          const weighted = m.mul(codes[c], m.table(place, weights));
          terms[u].push(m.shift(weighted, -ups[c]));
        }
      }
    }
    return [own.valid, ...terms.map((list) => m.sum(list))];
  });
}

/** Estimates in LUTs, products counted as LUTs (`hardware §3`). */
function pairsAreSmaller({ node, inputs }: BlockContext<SparseConv2dNode>, slots: number): boolean {
  const [kh, kw, channels, filters] = node.kernel.shape;
  const ranges = elementRanges(inputs[0].inferred);
  const width = Math.max(...ranges.map((range) => (isConstant(range) ? 0 : wireType(range).width)));
  const { codes } = node.kernel;
  const weightBits = Math.max(...codes.map((code) => (code === 0 ? 0 : bitLength(BigInt(Math.abs(code))) + 1)));
  const digits = codes.reduce((sum, code) => sum + signedDigits(code).length, 0);
  const taps = kh * kw;
  const gather =
    slots * (12 + kh + kw + taps) +
    0.6 * taps * channels * width * (slots / 3 + slots / 15) +
    0.6 * digits * (width + 4);
  const pairs = slots * (20 + channels * filters * (weightBits + width * weightBits + width + weightBits));
  return pairs < gather;
}
