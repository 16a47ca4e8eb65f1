/** Functions of every code alone: leaky relu, scale and offset, tables. */

import type { Weights } from '@sp/quant';
import { broadcastIndices, type LeakyReluNode, type LutNode, type ScaleOffsetNode } from '@sp/quant/internal';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, elementRanges } from './block.ts';
import { mapCodes } from './elementwise.ts';
import type { Signals } from './value.ts';

/** `x` where it is positive, else `x · alpha`. */
export function leakyReluBlock(context: BlockContext<LeakyReluNode>): Signals {
  const { node } = context;
  const gain = Math.max(node.alpha.f, 0);
  const slopes = codesFor(node.alpha, periodOf(context)).map((code) => code << BigInt(gain - node.alpha.f));
  return mapCodes(
    context,
    'leaky relu',
    (m, { gate, value }, j) => {
      const x = m.gate(gate, value);
      return m.mux(m.sign(x), m.scale(x, slopes[j]), m.shift(x, -gain));
    },
    true,
  );
}

/** `x · scale + offset`; a division waits in the divisor. */
export function scaleOffsetBlock(context: BlockContext<ScaleOffsetNode>): Signals {
  const { node, inputs } = context;
  const period = periodOf(context);
  const ranges = elementRanges(inputs[0].inferred);
  const scales = codesFor(node.scale, period);
  const offsets = node.offset === undefined ? scales.map(() => 0n) : codesFor(node.offset, period);
  return mapCodes(
    context,
    'scale and offset',
    (m, { gate, value }, j) => {
      const x = m.gate(gate, value);
      const live = !(isConstant(ranges[j]) && ranges[j].lo === 0n) && scales[j] !== 0n;
      const shifted = offsets[j] !== 0n;
      const productF = ranges[j].f + node.scale.f;
      const f = live && shifted ? Math.max(productF, node.offset!.f) : shifted ? node.offset!.f : productF;
      const product = live ? m.shift(m.scale(x, scales[j]), productF - f) : m.constant(0);
      return shifted ? m.add(product, m.constant(offsets[j] << BigInt(f - node.offset!.f))) : product;
    },
    offsets.every((offset) => offset === 0n),
  );
}

/** Any function, by table: addressed by the bits of the code. */
export function lutBlock(context: BlockContext<LutNode>): Signals {
  const { node } = context;
  const period = periodOf(context);
  const chosen =
    node.choice === undefined
      ? undefined
      : Array.from(broadcastIndices(node.choice.shape, period), (at) => node.choice!.index[at]);
  return mapCodes(
    context,
    node.expression ?? 'function by table',
    (m, { gate, value }, j) => lookUp(m, m.gate(gate, value), node.tables[chosen?.[j] ?? 0].codes),
    false,
  );
}

function lookUp(m: ModuleBuilder, x: Signal, codes: readonly number[]): Signal {
  const entry = (code: bigint): bigint => BigInt(codes[Number(code < 0n ? code + BigInt(codes.length) : code)]);
  if (isConstant(x)) return m.constant(entry(x.lo));
  // Only the bits that the code can have address the table.
  const { width, signed } = wireType(x);
  const values = Array.from({ length: 2 ** width }, (_, at) => {
    const code = signed ? BigInt.asIntN(width, BigInt(at)) : BigInt(at);
    // Beyond the range nothing comes: anything will do.
    return entry(code < x.lo ? x.lo : code > x.hi ? x.hi : code);
  });
  return m.table(signed ? m.bits(x, 0, width) : x, values);
}

/** The shape over which constants repeat: a slot of a list, or the tensor. */
function periodOf({ inputs }: BlockContext<LeakyReluNode | ScaleOffsetNode | LutNode>): readonly number[] {
  const { slots, shape } = inputs[0].inferred;
  return slots === undefined ? shape : [1, 1, shape[2]];
}

function codesFor(weights: Weights, shape: readonly number[]): bigint[] {
  return Array.from(broadcastIndices(weights.shape, shape), (at) => BigInt(weights.codes[at]));
}
