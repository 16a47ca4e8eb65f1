import { sizeOf } from '@sp/quant';
import { partResources } from '@sp/quant/parts';
import { streamDepths, streamRegion } from '../emit/stream-processes.ts';
import type { NodeContext } from '../kernels/kernel.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { BUFFER_LUT, fifo, type NodeCost, registersOf } from './cost.ts';
import { networkLatency } from './network-latency.ts';
import { isStage, nodeCost } from './node-cost.ts';
import { heldBits, packetBits } from './value-bits.ts';

/** Estimated cost of one node. */
export interface NodeEstimate extends NodeCost {
  readonly node: string;
  readonly layer: string;
  readonly op: string;
  readonly ff: number;
  /** Bits in registers: the value that it gives, a whole input that it collects, windows. */
  readonly held: number;
}

/** A range around an estimate. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Estimated cost of a firmware. */
export interface Estimate {
  /** Clock cycles from an image at the inputs to its results. */
  readonly latency: number;
  /** Clock cycles between two images. */
  readonly interval: number;
  /** `latency` in nanoseconds at the plan's clock period, if the period is met. */
  readonly latencyNs: number;
  /** Products computed in the same clock by separate multipliers. */
  readonly multipliers: number;
  /** Including buffers between stages and control. */
  readonly lut: number;
  readonly ff: number;
  readonly dsp: number;
  /** Blocks of 18 kbit: weights that reused multipliers read, large tables, rows of streaming windows, long FIFOs. */
  readonly bram: number;
  /** Blocks of 288 kbit: FIFOs that fill some. */
  readonly uram: number;
  /** Percent of what the plan's part has; undefined for a part that is not known here. */
  readonly percent: Readonly<Record<'lut' | 'ff' | 'dsp' | 'bram' | 'uram', number>> | undefined;
  /** Where the published designs lie around their estimates, applied to this one. */
  readonly ranges: { readonly latency: Range; readonly lut: Range; readonly ff: Range; readonly dsp: Range };
  readonly nodes: readonly NodeEstimate[];
  /** What these numbers are and are not. */
  readonly note: string;
}

/**
 * Reset, handshakes and state machines that no kernel owns. With it, the estimates of the 16 published sparse networks, rebuilt with `tree`, `pairs`, `latency` and random
 * weights of the same widths, lie around their reports after synthesis: see `SPREAD`.
 */
const OVERHEAD = 1.05;

/** Reported / estimated over those 16 networks (latency 0.96–1.09, LUT 0.87–1.07, FF 0.8–1.3, DSP 0.96–1.25), widened. */
const SPREAD = { latency: [0.9, 1.15], lut: [0.8, 1.25], ff: [0.7, 1.5], dsp: [0.8, 1.3] } as const;

const NOTE =
  'Latency and interval follow from the emitted loops and assumed depths of adder trees. Area is counted from what is emitted, on the scale of the 16 published sparse ' +
  'networks rebuilt with our kernels; the ranges are where those lie. Kernels that no published design has (prefix, gather, distributed_arithmetic, dense convolutions) are counted ' +
  'the same way but have never been compared with a synthesis report: allow a factor of two.';

/**
 * Latency, interval and area of a plan without any vendor tool.
 *
 * Stages add up with one cycle between two that run as processes of a dataflow region (`sparsepixels §3.1`: top latency = Σ stages + stages − 1); with `io_stream` they
 * overlap, see `networkLatency`. The interval is that of the slowest stage. Storage is counted in what holds it: no LUT more than 64 bits, no block more than 18,432,
 * and a flip-flop for every bit of a value that all can be reached of at once.
 */
export function estimate(plan: HlsPlan): Estimate {
  const contexts = planContexts(plan);
  const nodes = contexts.map((context, j): NodeEstimate => {
    const { node } = context;
    const cost = nodeCost(context, plan.nodes[j].decisions);
    const held = isStage(node.op) ? heldBits(context, plan.nodes[j].decisions) + (cost.registers ?? 0) : 0;
    const ff = Math.max(registersOf(cost), held);
    return { node: node.name, layer: node.layer ?? node.name, op: node.op, ...cost, ff, held };
  });
  const latency = networkLatency(plan, contexts, nodes);
  const total = (key: 'multipliers' | 'lut' | 'dsp') => nodes.reduce((sum, node) => sum + node[key], 0);
  const part = partResources(plan.settings.part);
  const buffers = buffersOf(plan, contexts, (part?.uram ?? 0) > 0);
  const lut = Math.round((total('lut') + buffers.lut) * OVERHEAD);
  const dsp = total('dsp');
  const ff = Math.max(
    registersOf({ lut, dsp }),
    nodes.reduce((sum, { held }) => sum + held, 0),
  );
  const bram = nodes.reduce((sum, node) => sum + (node.bram ?? 0), buffers.bram);
  const { uram } = buffers;
  const share = (value: number, of: number) => (of === 0 ? 0 : (100 * value) / of);
  const range = (value: number, [low, high]: readonly [number, number]): Range => ({
    low: Math.round(value * low),
    high: Math.round(value * high),
  });
  return {
    latency,
    interval: Math.max(1, ...nodes.map(({ interval }) => interval)),
    latencyNs: latency * plan.settings.clockPeriod,
    multipliers: total('multipliers'),
    lut,
    ff,
    dsp,
    bram,
    uram,
    percent: part && {
      lut: share(lut, part.lut),
      ff: share(ff, part.ff),
      dsp: share(dsp, part.dsp),
      bram: share(bram, part.bram),
      uram: share(uram, part.uram),
    },
    ranges: {
      latency: range(latency, SPREAD.latency),
      lut: range(lut, SPREAD.lut),
      ff: range(ff, SPREAD.ff),
      dsp: range(dsp, SPREAD.dsp),
    },
    nodes,
    note: NOTE,
  };
}

/**
 * What passes values on between stages: FIFOs of packets with `io_stream`, as long as emitted; else every element of a list (valid, row, column, features) and every
 * number of a tensor is buffered.
 */
function buffersOf(
  plan: HlsPlan,
  contexts: readonly NodeContext[],
  ultra: boolean,
): { lut: number; bram: number; uram: number } {
  const sum = { lut: 0, bram: 0, uram: 0 };
  if (plan.settings.ioType === 'io_stream') {
    // What a process calls does not matter here.
    const region = streamRegion(
      plan,
      contexts,
      contexts.map(() => ({ stream: () => [''] })),
    );
    const depths = streamDepths(region);
    for (const { name, context } of region.nodes.flatMap(({ streams }) => streams)) {
      const { lut, bram, uram } = fifo(depths.get(name) as number, packetBits(context), ultra);
      sum.lut += lut;
      sum.bram += bram;
      sum.uram += uram;
    }
  } else if (plan.settings.pipelineStyle === 'dataflow') {
    for (const { node } of contexts.filter((context) => isStage(context.node.op))) {
      const elements = node.slots === undefined ? sizeOf(node.shape) : node.slots * (3 + node.shape[2]);
      sum.lut += elements * BUFFER_LUT;
    }
  }
  return sum;
}
