import { analyse, type FixedGraph, type GraphNode } from '@sp/quant';
import type { LowerNote } from './lowered.ts';

/** Bits besides the sign up to which float32 holds every whole number. */
const FLOAT32_BITS = 24;

/**
 * A warning for every layer some of whose results may be rounded by float32 inference, while the graph computes them exactly.
 */
export function widthWarnings(graph: FixedGraph): readonly LowerNote[] {
  const inferred = analyse(graph);
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const widest = new Map<string, number>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => nodes.get(name) as GraphNode);
    const bits = roundedBits(node, inputs, inferred.get(node.name)?.bound ?? 0n);
    const layer = node.layer ?? node.name;
    if (bits > Math.max(FLOAT32_BITS, widest.get(layer) ?? 0)) widest.set(layer, bits);
  }
  return Array.from(widest, ([layer, bits]) => ({
    kind: 'warning',
    layer,
    message:
      `sums or products need ${bits} bits besides the sign; float32 inference in tfjs holds ${FLOAT32_BITS} and may differ from the graph, ` +
      'which is exact. Fewer bits in the quantizers before it keep both equal.',
  }));
}

/** Most bits of anything that inference rounds to float32 in a node; 0 where it only moves, compares or looks up values. */
function roundedBits(node: GraphNode, inputs: readonly GraphNode[], bound: bigint): number {
  switch (node.op) {
    // Float32 rounds after every term. Terms that contain 0 add up to no more than the result can be, but of others, such as
    // those behind an offset, large ones may cancel: so all partial sums count.
    case 'dense':
    case 'conv1d':
    case 'conv2d':
    case 'sparseConv2d':
    case 'einsum':
    case 'scaleOffset':
      return Math.max(formatBits(node), magnitudeBits(bound));
    // One rounding, or a sum in double precision.
    case 'add':
    case 'sub':
    case 'mul':
    case 'sumOver':
    case 'leakyRelu':
      return formatBits(node);
    // A mean by other than a power of two is handed on as an exact fraction, however wide.
    case 'pool1d':
    case 'pool2d':
    case 'sparsePool2d':
      return node.mode === 'avg' && node.divisor == null ? formatBits(node) : 0;
    case 'meanOver':
      return node.divisor == null ? formatBits(node) : 0;
    // What is on a float32 grid stays on it, unlike such a fraction.
    case 'requantize':
      return inputs[0].divisor == null ? 0 : formatBits(node);
    default:
      return 0;
  }
}

function formatBits({ format }: GraphNode): number {
  return Math.max(...format.i.map((i, j) => i + format.f[j]));
}

/** Smallest n with `bound ≤ 2^n`. */
function magnitudeBits(bound: bigint): number {
  return bound <= 1n ? 0 : (bound - 1n).toString(2).length;
}
