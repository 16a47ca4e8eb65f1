import type { ReluNode } from '@sp/quant';
import type { NodeCost } from '../estimate/cost.ts';
import type { Kernel, NodeContext } from './kernel.ts';

/** Numbers that a node's value carries: all elements of a tensor, all channels of all slots of a list. */
export function numbersOf({ node }: NodeContext): number {
  const channels = node.shape[node.shape.length - 1] ?? 1;
  return node.slots === undefined ? node.shape.reduce((product, size) => product * size, 1) : node.slots * channels;
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
  }),
  // A multiplexer on the sign bit, half a LUT per bit (hardware §2); it fits into the cycle of the op before.
  cost: (context): NodeCost => ({
    latency: 0,
    interval: 1,
    multipliers: 0,
    lut: Math.ceil((numbersOf(context) * context.type.width) / 2),
    dsp: 0,
  }),
  describe: () => 'relu',
};
