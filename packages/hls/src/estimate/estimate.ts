import { partResources } from '@sp/quant/parts';
import { type Decisions, type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { kernelOf, passesPackets } from '../kernels/registry.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/plan.ts';
import { BUFFER_LUT, type NodeCost, registersOf } from './cost.ts';

/** Estimated cost of one node. */
export interface NodeEstimate extends NodeCost {
  readonly node: string;
  readonly layer: string;
  readonly op: string;
  readonly ff: number;
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
  /** Blocks of 18 kbit: weights that reused multipliers read, large tables, rows of streaming windows. */
  readonly bram: number;
  /** Percent of what the plan's part has; undefined for a part that is not known here. */
  readonly percent: Readonly<Record<'lut' | 'ff' | 'dsp' | 'bram', number>> | undefined;
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
 * Stages add up with one cycle between two that run as processes of a dataflow region (`sparsepixels §3.1`: top latency = Σ stages + stages − 1); the interval is
 * that of the slowest stage.
 */
export function estimate(plan: HlsPlan): Estimate {
  const contexts = planContexts(plan);
  const nodes = contexts.map((context, j): NodeEstimate => {
    const { node } = context;
    const cost = nodeCost(context, plan.nodes[j].decisions);
    return { node: node.name, layer: node.layer ?? node.name, op: node.op, ...cost, ff: registersOf(cost) };
  });
  const dataflow = plan.settings.pipelineStyle === 'dataflow';
  // Longest path: every process starts when its slowest input is there.
  const finished = new Map<string, number>();
  contexts.forEach(({ node }, j) => {
    const start = Math.max(0, ...node.inputs.map((name) => finished.get(name) as number));
    finished.set(node.name, start + (isStage(node.op) && start > 0 && dataflow ? 1 : 0) + nodes[j].latency);
  });
  const latency = Math.max(0, ...plan.graph.outputs.map((name) => finished.get(name) as number));
  const total = (key: 'multipliers' | 'lut' | 'dsp') => nodes.reduce((sum, node) => sum + node[key], 0);
  const streamed = plan.settings.ioType === 'io_stream';
  const buffers = dataflow ? contexts.reduce((sum, context) => sum + bufferLut(context, streamed), 0) : 0;
  const lut = Math.round((total('lut') + buffers) * OVERHEAD);
  const dsp = total('dsp');
  const ff = registersOf({ lut, dsp });
  const bram = nodes.reduce((sum, node) => sum + (node.bram ?? 0), 0);
  const part = partResources(plan.settings.part);
  const share = (value: number, of: number) => (100 * value) / of;
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
    percent: part && {
      lut: share(lut, part.lut),
      ff: share(ff, part.ff),
      dsp: share(dsp, part.dsp),
      bram: share(bram, part.bram),
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

/** What a node costs as it is emitted, with the transfers of a stage that wants whole values. */
export function nodeCost(context: NodeContext, decisions: Decisions): NodeCost {
  const kernel = kernelOf(context.node);
  const cost = kernel.cost(context, decisions);
  const whole = context.ioType === 'io_stream' && isStage(context.node.op) && !passesPackets(context, decisions);
  return whole ? withTransfer(context, cost) : cost;
}

/** A stage that wants whole values receives all packets, computes, and sends: one after the other in one process. */
function withTransfer(context: NodeContext, cost: NodeCost): NodeCost {
  const received = Math.max(0, ...context.inputs.filter(({ node }) => node.op !== 'constant').map(packetsOf));
  const cycles = received + cost.latency + packetsOf(context);
  return { ...cost, latency: cycles, interval: cycles };
}

function isStage(op: string): boolean {
  return op !== 'input' && op !== 'constant';
}

/**
 * Between two stages every element of a list (valid, row, column, features) and every number of a tensor is buffered; of a stream, the elements of a packet.
 */
function bufferLut(context: NodeContext, streamed: boolean): number {
  const { node } = context;
  if (!isStage(node.op)) return 0;
  const elements =
    node.slots === undefined
      ? node.shape.reduce((product, size) => product * size, 1)
      : node.slots * (3 + node.shape[2]);
  return (streamed ? Math.ceil(elements / packetsOf(context)) : elements) * BUFFER_LUT;
}
