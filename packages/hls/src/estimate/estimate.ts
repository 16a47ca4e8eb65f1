import { kernelOf } from '../kernels/registry.ts';
import { type HlsPlan, planContexts } from '../plan/plan.ts';
import type { NodeCost } from './cost.ts';

/** Estimated cost of one node. */
export interface NodeEstimate extends NodeCost {
  readonly node: string;
  readonly layer: string;
  readonly op: string;
}

/** Estimated cost of a firmware. */
export interface Estimate {
  /** Clock cycles from an image at the inputs to its results. */
  readonly latency: number;
  /** Clock cycles between two images. */
  readonly interval: number;
  /** `latency` in nanoseconds at the plan's clock period, if the period is met. */
  readonly latencyNs: number;
  readonly multipliers: number;
  readonly lut: number;
  readonly dsp: number;
  readonly nodes: readonly NodeEstimate[];
  /** What these numbers are and are not. */
  readonly note: string;
}

const NOTE =
  'Latency and interval follow from the emitted loops and assumed depths of adder trees; LUT and DSP are first-order counts from published ' +
  'synthesis trends, not from synthesising this design. Expect latency within a few cycles per layer and area within a factor of two.';

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
    const cost = kernelOf(node).cost(context, plan.nodes[j].decisions);
    return { node: node.name, layer: node.layer ?? node.name, op: node.op, ...cost };
  });
  const handover = plan.settings.pipelineStyle === 'dataflow' ? 1 : 0;
  // Longest path: every process starts when its slowest input is there.
  const finished = new Map<string, number>();
  contexts.forEach(({ node }, j) => {
    const computes = node.op !== 'input' && node.op !== 'constant';
    const start = Math.max(0, ...node.inputs.map((name) => finished.get(name) as number));
    const between = computes && start > 0 ? handover : 0;
    finished.set(node.name, start + between + nodes[j].latency);
  });
  const latency = Math.max(0, ...plan.graph.outputs.map((name) => finished.get(name) as number));
  const total = (key: 'multipliers' | 'lut' | 'dsp') => nodes.reduce((sum, node) => sum + node[key], 0);
  return {
    latency,
    interval: Math.max(1, ...nodes.map(({ interval }) => interval)),
    latencyNs: latency * plan.settings.clockPeriod,
    multipliers: total('multipliers'),
    lut: total('lut'),
    dsp: total('dsp'),
    nodes,
    note: NOTE,
  };
}
