import type { Format, FormatTable, OverflowMode } from '../format/format.ts';
import { formatTable } from '../format/format-table.ts';
import type { Inferred } from '../ops/definition.ts';
import { containerFormat } from '../ops/requantize.ts';
import { type RoundName, roundMode } from '../quantize/modes.ts';
import { analyse, inferNode } from './analyse.ts';
import { GraphError } from './errors.ts';
import { minimalFormats } from './ranges.ts';
import type {
  ConstantNode,
  DenseNode,
  FixedGraph,
  GraphNode,
  InputNode,
  ReduceNode,
  ReluNode,
  RequantizeNode,
  SparseConv2dNode,
  SparseFlattenNode,
  SparsePool2dNode,
  Weights,
} from './types.ts';

/** Options every node takes. */
export interface NodeOptions {
  /** Name of the model layer the node comes from. */
  readonly layer?: string;
}

/** One format for everything, or a table. */
export type FormatChoice = Format | FormatTable;

/** Modes of a lossy step; `ap_fixed`'s defaults. */
export interface CastModes {
  /** Default `TRN`. `S_RND` and `S_RND_CONV` stand for their deterministic forms. */
  readonly round?: RoundName;
  /** Default `WRAP`. */
  readonly overflow?: OverflowMode;
}

/**
 * Builds a fixed graph node by node. Each method takes the node's name, the nodes that feed it, and only what the user decides; shapes, slots,
 * divisors and the narrowest formats that hold every possible value follow from exact interval arithmetic with the actual weights.
 * All methods throw `GraphError` when the op refuses its inputs.
 */
export interface GraphBuilder {
  /** Entry of dense data of `shape`, without the batch. */
  input(
    name: string,
    options: { readonly shape: readonly number[]; readonly format: FormatChoice } & CastModes & NodeOptions,
  ): InputNode;
  /** A constant tensor. */
  constant(name: string, value: Weights, options?: NodeOptions): ConstantNode;
  /**
   * Rounds and cuts to formats `to`. The result is held in `format`, by default `to` itself, or for a sparse list with formats by
   * position their union per channel.
   */
  requantize(
    name: string,
    x: GraphNode,
    options: { readonly to: FormatChoice; readonly format?: FormatChoice } & CastModes & NodeOptions,
  ): RequantizeNode;
  /** Image → list of the first `slots` pixels whose channel-0 code is above `threshold`. */
  reduce(
    name: string,
    x: GraphNode,
    options: { readonly slots: number; readonly threshold: number } & NodeOptions,
  ): ReduceNode;
  /** Kernel `[kh, kw, C, F]`, bias `[F]`. */
  sparseConv2d(
    name: string,
    x: GraphNode,
    options: { readonly kernel: Weights; readonly bias?: Weights } & NodeOptions,
  ): SparseConv2dNode;
  sparsePool2d(
    name: string,
    x: GraphNode,
    options: { readonly mode: 'avg' | 'max'; readonly pool: readonly [number, number] } & NodeOptions,
  ): SparsePool2dNode;
  sparseFlatten(name: string, x: GraphNode, options?: NodeOptions): SparseFlattenNode;
  /** Kernel `[in, out]`, bias `[out]`. */
  dense(
    name: string,
    x: GraphNode,
    options: { readonly kernel: Weights; readonly bias?: Weights } & NodeOptions,
  ): DenseNode;
  relu(name: string, x: GraphNode, options?: NodeOptions): ReluNode;
  /** The finished graph, validated. `outputs` are nodes of this builder. */
  build(outputs: readonly GraphNode[]): FixedGraph;
}

/**
 * A builder for a graph of the given name.
 *
 * @example
 * const g = graphBuilder('tiny');
 * const x = g.input('x', { shape: [2], format: { k: 0, i: 0, f: 4 }, round: 'RND', overflow: 'SAT' });
 * const y = g.dense('fc', x, { kernel: { shape: [2, 1], codes: [3, -5], f: 2 } });
 * const graph = g.build([y]);
 */
export function graphBuilder(name: string): GraphBuilder {
  const nodes: GraphNode[] = [];
  const results = new Map<string, Inferred>();

  const inferredOf = (node: GraphNode, where: string): Inferred => {
    const inferred = results.get(node.name);
    if (inferred === undefined || !nodes.includes(node)) {
      throw new GraphError(where, `"${node.name}" is no node of this builder`, 'pass nodes that its methods returned');
    }
    return inferred;
  };

  /** Completes a node whose op-specific fields are given, and adds it. */
  const add = <N extends GraphNode>(draft: Draft<N>, inputs: readonly GraphNode[], format?: FormatTable): N => {
    if (results.has(draft.name)) {
      throw new GraphError(draft.name, 'two nodes have this name', 'give every node its own name');
    }
    const operands = inputs.map((input) => inferredOf(input, draft.name));
    const open = {
      shape: [],
      ...draft,
      inputs: inputs.map((input) => input.name),
      format: format ?? { shape: [], k: [], i: [], f: [] },
    };
    const inferred = inferNode(open as unknown as GraphNode, operands);
    const node = {
      ...open,
      shape: inferred.shape,
      format: format ?? minimalFormats(inferred.ranges),
      ...(inferred.slots === undefined ? {} : { slots: inferred.slots }),
      ...(inferred.divisor === 1 ? {} : { divisor: inferred.divisor }),
    } as unknown as N;
    nodes.push(node);
    results.set(node.name, inferred);
    return node;
  };

  return {
    input(name, { shape, format, round = 'TRN', overflow = 'WRAP', ...options }) {
      const draft = { op: 'input' as const, name, shape: [...shape], round: roundMode(round), overflow, ...options };
      return add<InputNode>(draft, [], tableFor(format, shape.length));
    },
    constant: (name, value, options = {}) => add<ConstantNode>({ op: 'constant', name, value, ...options }, []),
    requantize(name, x, { to, format, round = 'TRN', overflow = 'WRAP', ...options }) {
      const source = inferredOf(x, name);
      const target = tableFor(to, source.shape.length);
      const holder = format === undefined ? containerFormat(target, source) : tableFor(format, source.shape.length);
      const draft = { op: 'requantize' as const, name, to: target, round: roundMode(round), overflow, ...options };
      return add<RequantizeNode>(draft, [x], holder);
    },
    reduce: (name, x, options) => add<ReduceNode>({ op: 'reduce', name, ...options }, [x]),
    sparseConv2d: (name, x, options) =>
      add<SparseConv2dNode>({ op: 'sparseConv2d', name, slots: slotsOf(x), ...options }, [x]),
    sparsePool2d: (name, x, options) =>
      add<SparsePool2dNode>({ op: 'sparsePool2d', name, slots: slotsOf(x), ...options }, [x]),
    sparseFlatten: (name, x, options = {}) => add<SparseFlattenNode>({ op: 'sparseFlatten', name, ...options }, [x]),
    dense: (name, x, options) => add<DenseNode>({ op: 'dense', name, ...options }, [x]),
    relu: (name, x, options = {}) => add<ReluNode>({ op: 'relu', name, ...options }, [x]),
    build(outputs) {
      for (const output of outputs) inferredOf(output, name);
      const graph: FixedGraph = { version: 1, name, nodes: [...nodes], outputs: outputs.map((output) => output.name) };
      analyse(graph);
      return graph;
    },
  };
}

/** The fields of a node that its builder method decides. */
type Draft<N extends GraphNode> = N extends GraphNode ? Omit<N, 'inputs' | 'shape' | 'format' | 'divisor'> : never;

/** A dense node fed to a sparse op is refused by the op's own check, which knows the remedy. */
function slotsOf(x: GraphNode): number {
  return x.slots ?? 0;
}

function tableFor(choice: FormatChoice, rank: number): FormatTable {
  return 'shape' in choice
    ? { shape: [...choice.shape], k: [...choice.k], i: [...choice.i], f: [...choice.f] }
    : formatTable(new Array<number>(rank).fill(1), choice);
}
