import { type Decisions, isConstant, type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { kernelOf, passesPackets } from '../kernels/registry.ts';
import type { NodeCost } from './cost.ts';

/** What a node costs as it is emitted, with the transfers of a stage that wants whole values. */
export function nodeCost(context: NodeContext, decisions: Decisions): NodeCost {
  const kernel = kernelOf(context.node);
  const cost = kernel.cost(context, decisions);
  const whole = context.ioType === 'io_stream' && isStage(context.node.op) && !passesPackets(context, decisions);
  return whole ? withTransfer(context, cost) : cost;
}

/** A stage that wants whole values receives all packets, computes, and sends: one after the other in one process. */
function withTransfer(context: NodeContext, cost: NodeCost): NodeCost {
  const received = Math.max(0, ...context.inputs.filter((input) => !isConstant(input)).map(packetsOf));
  const cycles = received + cost.latency + packetsOf(context);
  return { ...cost, latency: cycles, interval: cycles };
}

/** Whether a node computes something: all but inputs and constants. */
export function isStage(op: string): boolean {
  return op !== 'input' && op !== 'constant';
}
