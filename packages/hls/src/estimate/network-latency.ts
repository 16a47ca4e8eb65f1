import { type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { kernelOf, passesPackets } from '../kernels/registry.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import type { NodeCost } from './cost.ts';
import { isStage } from './node-cost.ts';

/** When a value's first packet is there, and its last. */
interface Arrival {
  readonly first: number;
  readonly last: number;
}

/**
 * Cycles along the longest path from inputs to outputs. Every process starts a cycle after the one before it, with `io_parallel` when that has finished, with
 * `io_stream` when its first packet is there: then all that compute packet by packet run at the same time.
 */
export function networkLatency(
  plan: HlsPlan,
  contexts: readonly NodeContext[],
  costs: readonly Pick<NodeCost, 'latency' | 'interval'>[],
): number {
  const streamed = plan.settings.ioType === 'io_stream';
  const handover = plan.settings.pipelineStyle === 'dataflow' ? 1 : 0;
  const arrivals = new Map<string, Arrival>();
  contexts.forEach((context, j) => {
    const { node } = context;
    const sources = node.inputs.map((name) => arrivals.get(name) as Arrival);
    const start: Arrival = {
      first: Math.max(0, ...sources.map(({ first }) => first)),
      last: Math.max(0, ...sources.map(({ last }) => last)),
    };
    const between = isStage(node.op) && start.last > 0 ? handover : 0;
    const { latency, interval } = costs[j];
    const overlapping = streamed && isStage(node.op) && passesPackets(context, plan.nodes[j].decisions);
    if (!overlapping) {
      const last = start.last + between + latency;
      // A stage sends what it has collected and computed, a packet per cycle.
      arrivals.set(node.name, { first: streamed ? last - packetsOf(context) : last, last });
      return;
    }
    const depth = Math.max(0, latency - interval);
    const first = start.first + between + interval * shareBefore(context, plan, j) + depth;
    const last = Math.max(start.last + between + depth, start.first + between + latency);
    arrivals.set(node.name, { first: Math.min(first, last), last });
  });
  return Math.round(Math.max(0, ...plan.graph.outputs.map((name) => arrivals.get(name)?.last ?? 0)));
}

/** Share of a process' iterations that pass before it gives its first packet. */
function shareBefore(context: NodeContext, plan: HlsPlan, j: number): number {
  const rhythm = kernelOf(context.node).rhythm?.(context, plan.nodes[j].decisions);
  if (rhythm === undefined || rhythm.kind === 'packets') return 0;
  if (rhythm.kind === 'whole') return 1;
  let [before, all] = [0, 0];
  let given = false;
  for (const { gives } of rhythm.iterations()) {
    all++;
    given ||= gives;
    if (!given) before++;
  }
  return before / all;
}
