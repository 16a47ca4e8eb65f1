import type { ReluNode } from '@sp/quant/internal';
import { memory, type NodeCost } from '../estimate/cost.ts';
import { type Kernel, type NodeContext, packetsOf } from './kernel.ts';
import { packetsOfShape } from './packets-of-shape.ts';

/** Numbers that a node's value carries: all elements of a tensor, all channels of all slots of a list. */
export function numbersOf({ node }: NodeContext): number {
  const channels = node.shape[node.shape.length - 1] ?? 1;
  return node.slots === undefined ? node.shape.reduce((product, size) => product * size, 1) : node.slots * channels;
}

/** The statement that runs an op on each number of a stream. */
export function eachCall(context: NodeContext, op: string, x: string, y: string): string {
  return context.node.slots === undefined
    ? `sp::each_packet<${op}, ${packetsOf(context)}>(${x}, ${y});`
    : `sp::each_slot<${op}>(${x}, ${y});`;
}

/** Cycles of an op on each number: all at once, or packet by packet. */
export function passage(context: NodeContext, depth: number): { latency: number; interval: number } {
  if (context.ioType === 'io_parallel') return { latency: depth, interval: 1 };
  return { latency: packetsOf(context) + depth, interval: packetsOf(context) };
}

/** Numbers that an op on each number works on in the same clock. */
export function atOnce(context: NodeContext): number {
  return numbersOf(context) / (context.ioType === 'io_stream' ? packetsOf(context) : 1);
}

/** Memory of constants that differ from packet to packet: with `io_stream` a table that is read a packet's width at a time; wires otherwise. */
export function perPacket(
  context: NodeContext,
  shape: readonly number[],
  width: number,
): { lut: number; bram: number } {
  const everywhere = shape.slice(0, -1).every((size) => size === 1);
  const shaped = packetsOf(context) === packetsOfShape(context.node);
  if (context.ioType === 'io_parallel' || context.node.slots !== undefined || (everywhere && shaped)) {
    return { lut: 0, bram: 0 };
  }
  return memory(packetsOf(context), width * atOnce(context));
}

/** Positive part. */
export const reluKernel: Kernel<ReluNode> = {
  op: 'relu',
  options: [],
  loops: () => false,
  decide: () => ({}),
  emit: (context) => ({
    header: 'sp_elementwise.h',
    call: ([x], y) =>
      context.node.slots === undefined ? [`sp::relu<${numbersOf(context)}>(${x}, ${y});`] : [`sp::relu(${x}, ${y});`],
    stream: ([x], y) => [eachCall(context, 'sp::relu_op', x, y)],
  }),
  streams: () => true,
  packets: 'kept',
  // A multiplexer on the sign bit, half a LUT per bit (hardware §2); it fits into the cycle of the op before.
  cost: (context): NodeCost => ({
    ...passage(context, 0),
    multipliers: 0,
    lut: Math.ceil((atOnce(context) * context.type.width) / 2),
    dsp: 0,
  }),
  describe: () => 'relu',
};
