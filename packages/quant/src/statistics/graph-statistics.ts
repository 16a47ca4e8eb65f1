import { formatWidth, scaleCode } from '../format/code-range.ts';
import { broadcastIndices, formatAt, sizeOf } from '../format/format-table.ts';
import { analyse } from '../graph/analyse.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import type { Weights } from '../graph/node.ts';
import { rangeAt } from '../graph/ranges.ts';
import type { Interpretation } from '../interpret/interpret.ts';
import type { Value } from '../interpret/values.ts';
import { letterLengths, splitEquation } from '../numeric/einsum-equation.ts';
import { isPowerOfTwo } from '../numeric/reals.ts';
import type { Inferred } from '../ops/definition.ts';
import type { GraphNode } from '../ops/nodes.ts';

/** What a node costs and holds, per image. */
export interface NodeStatistics {
  readonly name: string;
  readonly op: GraphNode['op'];
  readonly layer?: string;
  /** Codes the value consists of: slots · channels for a list. */
  readonly elements: number;
  /** Narrowest, widest and total width of these codes; negative widths count as 0. */
  readonly bits: { readonly min: number; readonly max: number; readonly total: number };
  /** Elements whose format has no width: constant 0. */
  readonly zeroWidth: number;
  /** Smallest and largest real value that can occur, from exact interval arithmetic; the division by `divisor` included. */
  readonly range: { readonly min: number; readonly max: number };
  /** Constants of the node: how many, and how many of them are not 0. */
  readonly weights: { readonly count: number; readonly nonZero: number };
  /** Multiplications per image by constants other than 0, at most; for `mul` and `einsum` by other values. */
  readonly multiplications: number;
  /** Those of them that are a shift: the constant is ± a power of two. Always 0 for products of two values. */
  readonly shifts: number;
  /** With an interpretation that tapped this node: smallest and largest real value seen. */
  readonly seen?: { readonly min: number; readonly max: number };
  /** With an interpretation that counted: elements cut by this node, over the whole batch. */
  readonly overflow?: number;
}

/**
 * Statistics of every node, in the graph's order.
 *
 * @param run an interpretation of the same graph, for what was really seen: pass `{ taps: 'all', countOverflow: true }` to `interpret`
 * @throws GraphError when the graph is not valid
 */
export function graphStatistics(graph: FixedGraph, run?: Interpretation): NodeStatistics[] {
  const inferred = analyse(graph);
  return graph.nodes.map((node) => {
    const own = inferred.get(node.name)!;
    const inputs = node.inputs.map((input) => inferred.get(input)!);
    const constants = weightsOf(node);
    const value = run?.values.get(node.name);
    const overflow = run?.overflow.get(node.name);
    return {
      name: node.name,
      op: node.op,
      ...(node.layer === undefined ? {} : { layer: node.layer }),
      ...widths(node),
      range: rangeOf(own),
      weights: {
        count: constants.reduce((sum, { codes }) => sum + codes.length, 0),
        nonZero: constants.reduce((sum, { codes }) => sum + codes.filter((code) => code !== 0).length, 0),
      },
      ...products(node, own, inputs),
      ...(value === undefined ? {} : { seen: seen(node, value) }),
      ...(overflow === undefined ? {} : { overflow }),
    };
  });
}

function widths(node: GraphNode): Pick<NodeStatistics, 'elements' | 'bits' | 'zeroWidth'> {
  const period = node.slots === undefined ? node.shape : [1, 1, node.shape[2]];
  const repeats = node.slots ?? 1;
  const indices = broadcastIndices(node.format.shape, period);
  let [least, most, total, zeroWidth] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  for (const index of indices) {
    const width = Math.max(0, formatWidth(formatAt(node.format, index)));
    least = Math.min(least, width);
    most = Math.max(most, width);
    total += width;
    if (width === 0) zeroWidth++;
  }
  return {
    elements: indices.length * repeats,
    bits: { min: least, max: most, total: total * repeats },
    zeroWidth: zeroWidth * repeats,
  };
}

function rangeOf({ ranges, divisor }: Inferred): NodeStatistics['range'] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let j = 0; j < ranges.lo.length; j++) {
    const { lo, hi, f } = rangeAt(ranges, j);
    least = Math.min(least, scaleCode(lo, f) / divisor);
    most = Math.max(most, scaleCode(hi, f) / divisor);
  }
  return { min: least, max: most };
}

function seen(node: GraphNode, value: Value): { min: number; max: number } {
  const [, , channels = 1] = node.shape;
  const indices = broadcastIndices(node.format.shape, node.slots === undefined ? node.shape : [1, 1, channels]);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let j = 0; j < value.codes.length; j++) {
    if (value.kind === 'list' && value.valid[Math.floor(j / channels)] === 0) continue;
    const real = scaleCode(value.codes[j], node.format.f[indices[j % indices.length]]) / (node.divisor ?? 1);
    least = Math.min(least, real);
    most = Math.max(most, real);
  }
  return { min: least, max: most };
}

/** The multiplied constants of a node. */
function weightsOf(node: GraphNode): readonly Pick<Weights, 'codes'>[] {
  switch (node.op) {
    case 'dense':
    case 'conv1d':
    case 'conv2d':
    case 'sparseConv2d':
      return node.bias === undefined ? [node.kernel] : [node.kernel, node.bias];
    case 'scaleOffset':
      return node.offset === undefined ? [node.scale] : [node.scale, node.offset];
    case 'leakyRelu':
      return [node.alpha];
    case 'constant':
      return [node.value];
    case 'lut':
      return node.tables;
    default:
      return [];
  }
}

function products(
  node: GraphNode,
  own: Inferred,
  inputs: readonly Inferred[],
): { multiplications: number; shifts: number } {
  const by = (weights: Weights, uses: number): { multiplications: number; shifts: number } => {
    const nonZero = weights.codes.filter((code) => code !== 0);
    const powers = nonZero.filter((code) => isPowerOfTwo(Math.abs(code)));
    return { multiplications: nonZero.length * uses, shifts: powers.length * uses };
  };
  const size = sizeOf(own.shape);
  switch (node.op) {
    case 'dense':
      return by(node.kernel, size / node.kernel.shape[1]);
    case 'conv1d':
    case 'conv2d':
      return by(node.kernel, size / node.kernel.shape.at(-1)!);
    case 'sparseConv2d':
      // Each slot meets each kernel position at most once.
      return by(node.kernel, node.slots);
    case 'scaleOffset':
      return by(node.scale, (own.slots === undefined ? size : own.slots * own.shape[2]) / node.scale.codes.length);
    case 'leakyRelu':
      return by(node.alpha, (own.slots === undefined ? size : own.slots * own.shape[2]) / node.alpha.codes.length);
    case 'mul':
      return { multiplications: own.slots === undefined ? size : own.slots * own.shape[2], shifts: 0 };
    case 'einsum': {
      const { operands } = splitEquation(node.equation)!;
      const lengths = letterLengths(
        operands,
        inputs.map(({ shape }) => shape),
      );
      return { multiplications: [...lengths.values()].reduce((a, b) => a * b, 1), shifts: 0 };
    }
    default:
      return { multiplications: 0, shifts: 0 };
  }
}
