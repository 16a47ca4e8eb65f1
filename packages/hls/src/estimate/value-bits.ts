import { sizeOf } from '@sp/quant';
import { bitLength } from '@sp/quant/numeric';
import { type Decisions, isConstant, type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { passesPackets } from '../kernels/registry.ts';

/** Bits of a value: of a list with whether each slot is used, and where it stands. */
export function valueBits({ node, type }: NodeContext): number {
  if (node.slots === undefined) return sizeOf(node.shape) * type.width;
  const [height, width, channels] = node.shape;
  return node.slots * (1 + bitLength(height - 1) + bitLength(width - 1) + channels * type.width);
}

/** Bits of one packet of a value. */
export function packetBits(context: NodeContext): number {
  return Math.ceil(valueBits(context) / packetsOf(context));
}

/** Bits that a stage has to have in registers: what it gives, and with `io_stream` whole values where it collects them. */
export function heldBits(context: NodeContext, decisions: Decisions): number {
  if (context.ioType === 'io_parallel') return valueBits(context);
  if (passesPackets(context, decisions)) return packetBits(context);
  return [context, ...context.inputs.filter((input) => !isConstant(input))].reduce(
    (bits, value) => bits + valueBits(value),
    0,
  );
}
