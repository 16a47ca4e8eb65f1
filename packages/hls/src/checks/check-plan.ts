import { formatWidth, sizeOf } from '@sp/quant';
import { partResources } from '@sp/quant/parts';
import { estimate } from '../estimate/estimate.ts';
import { type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { kernelOf, passesPackets } from '../kernels/registry.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan, NodePlan } from '../plan/hls-plan.ts';
import { LIMITS, TOOL_LIMITS } from './limits.ts';

/** Something that the synthesis tool will refuse or take very long for. */
export interface Finding {
  /** The node, or the plan's name for the whole. */
  readonly node: string;
  /** `error`: the tool refuses it. `warning`: expect hours, or more area than there is. */
  readonly severity: 'error' | 'warning';
  /** What exceeds which limit. */
  readonly what: string;
  readonly remedy: string;
}

type Say = (severity: Finding['severity'], what: string, remedy: string) => void;

/**
 * Checks a plan against the limits of its tool (`settings.backend`) and of its part, before hours are spent in synthesis: what is emitted for it, whole arrays between
 * layers with `io_parallel`; packets, windows and the arrays of stages that want whole values with `io_stream`.
 *
 * @returns what was found, empty if nothing
 */
export function checkPlan(plan: HlsPlan): Finding[] {
  const contexts = planContexts(plan);
  const found = contexts.flatMap((context, j) => {
    const findings: Finding[] = [];
    const say: Say = (severity, what, remedy) => findings.push({ node: context.node.name, severity, what, remedy });
    checkArrays(plan, context, plan.nodes[j], say);
    checkWords(plan, context, say);
    checkWork(plan, context, plan.nodes[j], say);
    return findings;
  });
  return [...found, ...checkPart(plan)];
}

/** How many findings there are: `2 errors, 1 warning`. */
export function countFindings(found: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => {
    const number = found.filter((finding) => finding.severity === severity).length;
    return `${number} ${severity}${number === 1 ? '' : 's'}`;
  };
  return `${count('error')}, ${count('warning')}`;
}

/** Arrays that are partitioned completely. */
function checkArrays(plan: HlsPlan, context: NodeContext, { decisions }: NodePlan, say: Say): void {
  const { node } = context;
  const limits = TOOL_LIMITS[plan.settings.backend];
  const streamed = plan.settings.ioType === 'io_stream';
  const check = (elements: number, what: string, remedy: string) => {
    if (elements > limits.partition) {
      say(
        'error',
        `${what}: ${elements} elements in one array, more than the ${limits.partition} that ${limits.tool} partitions (${limits.source})`,
        remedy,
      );
    } else if (elements > limits.slowPartition) {
      say(
        'warning',
        `${what}: ${elements} elements in one partitioned array; above ${limits.slowPartition} ${limits.tool} warns of long run times (${limits.source})`,
        remedy,
      );
    }
  };
  if (node.op !== 'constant') {
    const whole = streamed && node.op !== 'input' && !passesPackets(context, decisions);
    if (!streamed) check(elementsOf(context), 'its value', `${smallerValue(context)}, or use io_stream`);
    if (whole) {
      const values = [context, ...context.inputs.filter((input) => input.node.op !== 'constant')];
      check(
        Math.max(...values.map(elementsOf)),
        'a value in its stage, which wants whole values',
        smallerValue(context),
      );
    }
  }
  if (!('kernel' in node)) return;
  const weights = node.kernel.codes.length;
  if (decisions['strategy'] === 'latency' || decisions['convArchitecture'] === 'pairs') {
    // Constants are folded before partitioning costs anything: only what a tool refuses matters.
    if (weights > limits.partition) check(weights, 'its weights', fewerWeights(context, decisions));
  }
}

/** Widths of types, ports and packets. */
function checkWords(plan: HlsPlan, context: NodeContext, say: Say): void {
  const { node, type } = context;
  const elements = elementsOf(context);
  const bits = elements * type.width;
  if (type.width > LIMITS.number) {
    say('error', `numbers of ${type.width} bits, more than ${LIMITS.number}`, 'requantize earlier');
  }
  if (plan.settings.ioType === 'io_parallel') {
    if (node.op === 'input' && bits > LIMITS.word) {
      say(
        'error',
        `an input word of ${bits} bits, more than ${LIMITS.word}`,
        'use io_stream, narrower inputs or a smaller image',
      );
    }
    return;
  }
  const packet = bits / packetsOf(context);
  if (packet > LIMITS.packet && node.op !== 'constant') {
    say(
      'error',
      `a packet of ${packet} bits, more than ${LIMITS.packet}`,
      'use narrower types or fewer channels, or io_parallel',
    );
  }
}

/** Products and tables that are built side by side. */
function checkWork(plan: HlsPlan, context: NodeContext, { decisions }: NodePlan, say: Say): void {
  const { node } = context;
  const kernel = kernelOf(node);
  const { multipliers } = kernel.cost(context, decisions);
  if (multipliers > LIMITS.products) {
    say(
      'warning',
      `${multipliers} products unrolled in one process (more than ${LIMITS.products} take hours)`,
      kernel.options.includes('reuseFactor')
        ? 'use a larger reuseFactor or fewer pixels at once'
        : 'compute fewer slots, filters or results at once',
    );
  }
  if (node.op !== 'lut') return;
  const atOnce = elementsOf(context) / (plan.settings.ioType === 'io_stream' ? packetsOf(context) : 1);
  const widest = Math.max(...node.tables.map(({ from }) => Math.max(0, formatWidth(from))));
  if (2 ** widest > LIMITS.table && atOnce > 2) {
    say(
      'warning',
      `a table of ${2 ** widest} entries read ${atOnce} times in a clock is built ${Math.ceil(atOnce / 2)} times`,
      'requantize its input to fewer bits',
    );
  }
}

/** Whether the device has what the plan takes by estimate. */
function checkPart(plan: HlsPlan): Finding[] {
  const part = partResources(plan.settings.part);
  if (part === undefined) return [];
  const cost = estimate(plan);
  return (['lut', 'ff', 'dsp', 'bram', 'uram'] as const)
    .filter((key) => cost[key] > part[key])
    .map((key) => ({
      node: plan.name,
      severity: 'warning',
      what: `about ${cost[key]} ${key.toUpperCase()}, more than the ${part[key]} of ${plan.settings.part}`,
      remedy: 'use reuse and parallel factors, narrower types, or a larger part',
    }));
}

function elementsOf({ node }: NodeContext): number {
  return node.slots === undefined ? sizeOf(node.shape) : node.slots * node.shape[2];
}

function smallerValue({ node }: NodeContext): string {
  return node.slots === undefined
    ? 'use a smaller image, or reduce it to a sparse list earlier'
    : 'use fewer slots or channels';
}

function fewerWeights({ node }: NodeContext, decisions: NodePlan['decisions']): string {
  return decisions['convArchitecture'] === 'pairs'
    ? 'use convArchitecture gather, or fewer channels or filters'
    : `use strategy resource with a reuse factor${'kernel' in node && node.kernel.codes.length <= 65536 ? ', or distributed_arithmetic' : ''}, or split the layer`;
}
