import type { FormatTable } from '../format/format.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import type { Weights } from '../graph/node.ts';
import { expandRanges, isZero } from '../graph/ranges.ts';
import type { Inferred } from '../ops/definition.ts';
import type { GraphNode } from '../ops/nodes.ts';
import { type Pass, readersOf, rebuild } from './rewrite.ts';

/**
 * Removes output channels of a linear node that are always 0 where the next linear node reads them: the filter, its place in everything between, and
 * the weights that read it. Between the two may be only ops that treat channels alone, and a flatten in front of a dense node.
 */
export const pruneChannels: Pass = (graph, inferred) => {
  const readers = readersOf(graph);
  for (const producer of graph.nodes) {
    if (!isProducer(producer)) continue;
    const chain = chainFrom(producer, graph, readers);
    if (chain === undefined) continue;
    const { between, consumer } = chain;
    const channels = producer.kernel.shape.at(-1)!;
    const keep = aliveChannels(inferred.get(consumer.inputs[0])!, channels);
    if (keep.length === channels) continue;
    // An empty tensor has no shape: one dead channel may have to stay.
    const kept = keep.length === 0 ? [0] : keep;
    if (kept.length === channels) continue;
    return rebuild(graph, replaceChain(graph, producer, between, consumer, kept, inferred));
  }
  return undefined;
};

type Producer = Extract<GraphNode, { op: 'dense' | 'conv1d' | 'conv2d' | 'sparseConv2d' }>;

function isProducer(node: GraphNode): node is Producer {
  switch (node.op) {
    case 'dense':
    case 'sparseConv2d':
      return true;
    case 'conv1d':
    case 'conv2d':
      return node.groups === 1;
    default:
      return false;
  }
}

function passes(node: GraphNode): boolean {
  switch (node.op) {
    case 'relu':
    case 'requantize':
    case 'pool1d':
    case 'pool2d':
    case 'sparsePool2d':
    case 'sparseFlatten':
      return true;
    case 'reshape':
      return node.shape.length === 1;
    default:
      return false;
  }
}

/** The nodes between a producer and the next linear node, if each has one reader and none is an output. */
function chainFrom(
  producer: Producer,
  graph: FixedGraph,
  readers: ReadonlyMap<string, GraphNode[]>,
): { between: GraphNode[]; consumer: Producer } | undefined {
  const between: GraphNode[] = [];
  let flat = false;
  for (let node: GraphNode = producer; ; ) {
    const next: GraphNode[] = readers.get(node.name)!;
    if (next.length !== 1 || graph.outputs.includes(node.name)) return undefined;
    [node] = next;
    if (isProducer(node)) return flat && node.op !== 'dense' ? undefined : { between, consumer: node };
    if (!passes(node)) return undefined;
    flat ||= node.op === 'sparseFlatten' || node.op === 'reshape';
    between.push(node);
  }
}

/** Channels of which some element can be other than 0, at the consumer. */
function aliveChannels(x: Inferred, channels: number): number[] {
  const alive = new Array<boolean>(channels).fill(false);
  const last = x.shape.at(-1)!;
  expandRanges(x.ranges, [...x.ranges.shape.slice(0, -1), last]).forEach((interval, j) => {
    if (!isZero(interval)) alive[j % channels] = true;
  });
  return alive.flatMap((yes, c) => (yes ? [c] : []));
}

function replaceChain(
  graph: FixedGraph,
  producer: Producer,
  between: readonly GraphNode[],
  consumer: Producer,
  keep: readonly number[],
  inferred: ReadonlyMap<string, Inferred>,
): GraphNode[] {
  const replaced = new Map<string, GraphNode>();
  const filters = producer.kernel.shape.at(-1)!;
  replaced.set(producer.name, {
    ...producer,
    kernel: sliceLast(producer.kernel, keep),
    ...(producer.bias === undefined ? {} : { bias: sliceLast(producer.bias, keep) }),
    format: sliceTable(producer.format, filters, keep),
  } as GraphNode);
  let kept = keep;
  for (const node of between) {
    const before = inferred.get(node.inputs[0])!.shape;
    if (node.op === 'sparseFlatten' || node.op === 'reshape') {
      kept = everyPixel(keep, filters, node.shape[0]);
      const shape = node.op === 'reshape' ? [kept.length] : node.shape;
      replaced.set(node.name, { ...node, shape, format: sliceTable(node.format, node.shape[0], kept) } as GraphNode);
      continue;
    }
    const last = before.at(-1)!;
    const to = node.op === 'requantize' ? { to: sliceTable(node.to, last, kept) } : {};
    replaced.set(node.name, { ...node, ...to, format: sliceTable(node.format, last, kept) } as GraphNode);
  }
  const inputs = inferred.get(consumer.inputs[0])!.shape.at(-1)!;
  replaced.set(consumer.name, { ...consumer, kernel: sliceInputs(consumer.kernel, inputs, kept) } as GraphNode);
  return graph.nodes.map((node) => replaced.get(node.name) ?? node);
}

/** Channel numbers as element numbers of a flattened image. */
function everyPixel(keep: readonly number[], channels: number, elements: number): number[] {
  const alive = new Set(keep);
  return Array.from({ length: elements }, (_, j) => j).filter((j) => alive.has(j % channels));
}

function sliceLast(weights: Weights, keep: readonly number[]): Weights {
  const last = weights.shape.at(-1)!;
  const alive = new Set(keep);
  return {
    ...weights,
    shape: weights.shape.with(-1, keep.length),
    codes: weights.codes.filter((_, j) => alive.has(j % last)),
  };
}

/** Keeps rows of the second-to-last dimension. */
function sliceInputs(kernel: Weights, inputs: number, keep: readonly number[]): Weights {
  const outputs = kernel.shape.at(-1)!;
  const alive = new Set(keep);
  return {
    ...kernel,
    shape: kernel.shape.with(-2, keep.length),
    codes: kernel.codes.filter((_, j) => alive.has(Math.floor(j / outputs) % inputs)),
  };
}

function sliceTable(table: FormatTable, last: number, keep: readonly number[]): FormatTable {
  if (table.shape.at(-1) !== last) return table;
  const alive = new Set(keep);
  const pick = <T>(list: readonly T[]): T[] => list.filter((_, j) => alive.has(j % last));
  return { shape: table.shape.with(-1, keep.length), k: pick(table.k), i: pick(table.i), f: pick(table.f) };
}
