import { nodeCost } from '../estimate/node-cost.ts';
import {
  type Decisions,
  isConstant,
  type KernelCode,
  type NodeContext,
  packetsOf,
  type Rhythm,
  valueName,
} from '../kernels/kernel.ts';
import { kernelOf, passesPackets } from '../kernels/registry.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { type FlowProcess, fifoDepths, pipelined, readStep, writeStep } from './fifo-depths.ts';
import { portsOf, readersOf, unread } from './names.ts';

/** A process of a dataflow region of streams, as a statement. */
export interface StreamProcess {
  readonly call: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Iterations of its loop: in which order packets come (0) and go (1). Every read takes one packet of each of `reads`, unless `whole`. */
  readonly rhythm: Rhythm;
}

/** A stream between two processes. */
export interface InnerStream {
  readonly name: string;
  readonly context: NodeContext;
}

/** What one node contributes to the region. */
export interface NodeProcesses {
  readonly context: NodeContext;
  /** Undefined for inputs and constants. */
  readonly process: StreamProcess | undefined;
  /** Streams to be declared before it, and those of its copies. */
  readonly streams: readonly InnerStream[];
  /** Copies for several readers; a drain where there is none. */
  readonly after: readonly StreamProcess[];
}

/** The processes of a plan with `io_stream`, node by node, and those that fill the ports at the end. */
export interface StreamRegion {
  readonly nodes: readonly NodeProcesses[];
  readonly last: readonly StreamProcess[];
}

/** Cuts a plan into processes. */
export function streamRegion(
  plan: HlsPlan,
  contexts: readonly NodeContext[],
  codes: readonly Pick<KernelCode, 'stream'>[],
): StreamRegion {
  const ports = portsOf(plan, contexts);
  const readers = readersOf(plan, contexts);
  const taken = new Map<string, number>();
  // A stream is read once: the k-th reader of a shared value takes its k-th copy.
  const read = (context: NodeContext): string => {
    const { id } = context;
    if (isConstant(context) || (readers.get(id) ?? 0) < 2) return valueName(context);
    const k = (taken.get(id) ?? 0) + 1;
    taken.set(id, k);
    return `${id}_copy${k}`;
  };
  const nodes = contexts.map((context, j): NodeProcesses => {
    const { node, id, inputs } = context;
    const count = packetsOf(context);
    const streams: InnerStream[] = [];
    let process: StreamProcess | undefined;
    if (node.op !== 'input' && !isConstant(context)) {
      if (!ports.some(({ name }) => name === id)) streams.push({ name: id, context });
      process = nodeProcess(context, plan.nodes[j].decisions, codes[j], inputs.map(read));
    }
    const after: StreamProcess[] = [];
    const copies = readers.get(id) ?? 0;
    let rest = id;
    for (let k = 1; k < copies; k++) {
      const next = k === copies - 1 ? `${id}_copy${k + 1}` : `${id}_rest${k}`;
      streams.push({ name: `${id}_copy${k}`, context }, { name: next, context });
      const writes = [`${id}_copy${k}`, next];
      after.push({
        call: `sp::fork<${count}>(${[rest, ...writes].join(', ')})`,
        reads: [rest],
        writes,
        rhythm: passing(count),
      });
      rest = next;
    }
    if (unread(context, ports, readers)) {
      // A full stream would stop its writer. The simplifications of a graph leave out such nodes.
      after.push({ call: `sp::drain<${count}>(${id})`, reads: [id], writes: [], rhythm: passing(count) });
    }
    return { context, process, streams, after };
  });
  const last = ports.flatMap(({ context, name, output }): StreamProcess[] => {
    if (!output || name === context.id) return [];
    const count = packetsOf(context);
    const from = read(context);
    const constant = isConstant(context);
    const call = `sp::${constant ? 'send_constant' : 'forward'}<${count}>(${from}, ${name})`;
    return [{ call, reads: constant ? [] : [from], writes: [name], rhythm: passing(count) }];
  });
  return { nodes, last };
}

/**
 * Depths of the streams between the processes, by name, so that the region never gets stuck: neither when every process hands
 * its packets on at once, nor when pipelines hold back as many as their depth. What a reduction writes depends on the image: its stream has room for all.
 */
export function streamDepths({ nodes, last }: StreamRegion): Map<string, number> {
  const inner = nodes.flatMap(({ streams }) => streams);
  const numbers = new Map<string, number>();
  const number = (name: string): number => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
  for (const { name } of inner) number(name);
  const processes = [...nodes.flatMap(({ process, after }) => [...(process ? [process] : []), ...after]), ...last];
  for (const { reads, writes } of processes) [...reads, ...writes].forEach(number);
  const written = new Set(processes.flatMap(({ writes }) => writes));
  const sources = [...numbers.keys()].filter((name) => !written.has(name));
  const flow = (late: boolean): FlowProcess[] => [
    ...processes.map(({ reads, writes, rhythm }) => ({
      steps: () => pipelined(stepsOf(rhythm, reads.map(number), writes.map(number)), late ? rhythm.late : 0),
    })),
    // What comes in is always there, and what goes out is always taken.
    ...sources.map((name) => ({ steps: () => feeding(number(name), countOf(processes, name)) })),
  ];
  const free = inner.filter(({ context }) => context.node.op === 'reduce').map(({ name }) => name);
  const least = [...numbers.keys()].map((name) =>
    inner.some((stream) => stream.name === name) ? 2 : Number.POSITIVE_INFINITY,
  );
  for (const { name, context } of inner) {
    if (free.includes(name)) least[number(name)] = Math.max(2, packetsOf(context));
  }
  const depths = fifoDepths(flow(true), fifoDepths(flow(false), least));
  return new Map(inner.map(({ name }) => [name, depths[number(name)]]));
}

/** A loop of `count` iterations that take and give a packet each. */
function passing(count: number): Rhythm {
  return { kind: 'packets', count, late: 2 };
}

function nodeProcess(
  context: NodeContext,
  decisions: Decisions,
  code: Pick<KernelCode, 'stream'>,
  operands: readonly string[],
): StreamProcess {
  const { id } = context;
  const reads = operands.filter((_, k) => !isConstant(context.inputs[k]));
  const streamed = passesPackets(context, decisions) ? code.stream : undefined;
  const count = packetsOf(context);
  const writes = [id];
  if (streamed === undefined) {
    const takes = context.inputs.filter((input) => !isConstant(input)).map(packetsOf);
    return {
      call: `${id}_stage(${[...reads, id].join(', ')})`,
      reads,
      writes,
      rhythm: { kind: 'whole', takes, gives: count, late: 0 },
    };
  }
  const { latency, interval } = nodeCost(context, decisions);
  const late = Math.max(0, latency - interval) + 2;
  const rhythm = kernelOf(context.node).rhythm?.(context, decisions) ?? { kind: 'packets', count };
  const [call] = streamed(operands, id);
  return { call: call.replace(/;$/, ''), reads, writes, rhythm: { ...rhythm, late } };
}

function* stepsOf(rhythm: Rhythm, reads: readonly number[], writes: readonly number[]): Generator<number[]> {
  if (rhythm.kind === 'whole') {
    for (const [k, count] of rhythm.takes.entries()) for (let p = 0; p < count; p++) yield [readStep(reads[k])];
    for (let p = 0; p < rhythm.gives; p++) yield writes.map(writeStep);
    return;
  }
  const all = [...reads.map(readStep), ...writes.map(writeStep)];
  if (rhythm.kind === 'packets') {
    for (let p = 0; p < rhythm.count; p++) yield all;
    return;
  }
  const [taking, giving] = [reads.map(readStep), writes.map(writeStep)];
  for (const { takes, gives } of rhythm.iterations()) yield [...(takes ? taking : []), ...(gives ? giving : [])];
}

function* feeding(stream: number, count: number): Generator<number> {
  for (let p = 0; p < count; p++) yield writeStep(stream);
}

/** Packets that are read of a stream. */
function countOf(processes: readonly StreamProcess[], name: string): number {
  const reader = processes.find(({ reads }) => reads.includes(name));
  if (reader === undefined) return 0;
  const { rhythm } = reader;
  if (rhythm.kind === 'packets') return rhythm.count;
  if (rhythm.kind === 'whole') return rhythm.takes[reader.reads.indexOf(name)];
  let count = 0;
  for (const { takes } of rhythm.iterations()) if (takes) count++;
  return count;
}
