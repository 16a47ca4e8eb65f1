import type { Format, FormatTable, OverflowMode } from '../format/format.ts';
import { formatTable, sizeOf } from '../format/format-table.ts';
import type { Inferred } from '../ops/definition.ts';
import type {
  AddNode,
  ArgmaxNode,
  ConcatNode,
  ConstantNode,
  Conv1dNode,
  Conv2dNode,
  DenseNode,
  EinsumNode,
  ExtensionNode,
  GraphNode,
  InputNode,
  LeakyReluNode,
  LutNode,
  MaxNode,
  MaxOverNode,
  MeanOverNode,
  MinNode,
  MinOverNode,
  MulNode,
  PadNode,
  Pool1dNode,
  Pool2dNode,
  ReduceNode,
  ReluNode,
  RequantizeNode,
  ReshapeNode,
  ScaleOffsetNode,
  SparseConv2dNode,
  SparseFlattenNode,
  SparsePool2dNode,
  SubNode,
  SumOverNode,
  TakeNode,
  TransposeNode,
} from '../ops/nodes.ts';
import { containerFormat } from '../ops/requantize.ts';
import { definitionOf } from '../ops/table.ts';
import { type RoundName, roundMode } from '../quantize/modes.ts';
import { analyse, inferNode } from './analyse.ts';
import { GraphError } from './errors.ts';
import type { FixedGraph } from './fixed-graph.ts';
import type { Pads, Weights } from './node.ts';
import { minimalFormats } from './ranges.ts';

/** Options every node takes. */
export interface NodeOptions {
  /** Name of the model layer the node comes from. */
  readonly layer?: string;
}

/** One format for everything, or a table. */
export type FormatChoice = Format | FormatTable;

/** Options of the reductions over axes. */
export interface AxesOptions extends NodeOptions {
  readonly axes: readonly number[];
  /** Keep reduced dimensions with length 1. Default false. */
  readonly keepDims?: boolean;
}

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
  /** Kernel `[k, C / groups, F]`. Defaults: stride 1, no pads, dilation 1, 1 group. */
  conv1d(
    name: string,
    x: GraphNode,
    options: {
      readonly kernel: Weights;
      readonly bias?: Weights;
      readonly stride?: number;
      readonly pads?: Pads;
      readonly dilation?: number;
      readonly groups?: number;
    } & NodeOptions,
  ): Conv1dNode;
  /** Kernel `[kh, kw, C / groups, F]`. Defaults: strides 1, no pads, dilation 1, 1 group. */
  conv2d(
    name: string,
    x: GraphNode,
    options: {
      readonly kernel: Weights;
      readonly bias?: Weights;
      readonly strides?: readonly [number, number];
      readonly pads?: readonly [Pads, Pads];
      readonly dilation?: readonly [number, number];
      readonly groups?: number;
    } & NodeOptions,
  ): Conv2dNode;
  /** Defaults: stride = pool, no pads, padding not counted. */
  pool1d(
    name: string,
    x: GraphNode,
    options: {
      readonly mode: 'avg' | 'max';
      readonly pool: number;
      readonly stride?: number;
      readonly pads?: Pads;
      readonly countPads?: boolean;
    } & NodeOptions,
  ): Pool1dNode;
  /** Defaults: strides = pool, no pads, padding not counted. */
  pool2d(
    name: string,
    x: GraphNode,
    options: {
      readonly mode: 'avg' | 'max';
      readonly pool: readonly [number, number];
      readonly strides?: readonly [number, number];
      readonly pads?: readonly [Pads, Pads];
      readonly countPads?: boolean;
    } & NodeOptions,
  ): Pool2dNode;
  relu(name: string, x: GraphNode, options?: NodeOptions): ReluNode;
  leakyRelu(name: string, x: GraphNode, options: { readonly alpha: Weights } & NodeOptions): LeakyReluNode;
  scaleOffset(
    name: string,
    x: GraphNode,
    options: { readonly scale: Weights; readonly offset?: Weights; readonly over?: number } & NodeOptions,
  ): ScaleOffsetNode;
  /** Tables come from `lutTable`. */
  lut(
    name: string,
    x: GraphNode,
    options: Pick<LutNode, 'tables' | 'f'> & Partial<Pick<LutNode, 'choice' | 'expression'>> & NodeOptions,
  ): LutNode;
  /** Default result: `index`. */
  argmax(name: string, x: GraphNode, options?: { readonly result?: ArgmaxNode['result'] } & NodeOptions): ArgmaxNode;
  add(name: string, a: GraphNode, b: GraphNode, options?: NodeOptions): AddNode;
  sub(name: string, a: GraphNode, b: GraphNode, options?: NodeOptions): SubNode;
  mul(name: string, a: GraphNode, b: GraphNode, options?: NodeOptions): MulNode;
  max(name: string, a: GraphNode, b: GraphNode, options?: NodeOptions): MaxNode;
  min(name: string, a: GraphNode, b: GraphNode, options?: NodeOptions): MinNode;
  concat(name: string, inputs: readonly GraphNode[], options: { readonly axis: number } & NodeOptions): ConcatNode;
  sumOver(name: string, x: GraphNode, options: AxesOptions): SumOverNode;
  meanOver(name: string, x: GraphNode, options: AxesOptions): MeanOverNode;
  maxOver(name: string, x: GraphNode, options: AxesOptions): MaxOverNode;
  minOver(name: string, x: GraphNode, options: AxesOptions): MinOverNode;
  reshape(name: string, x: GraphNode, options: { readonly shape: readonly number[] } & NodeOptions): ReshapeNode;
  /** A reshape to one dimension. */
  flatten(name: string, x: GraphNode, options?: NodeOptions): ReshapeNode;
  transpose(name: string, x: GraphNode, options: { readonly perm: readonly number[] } & NodeOptions): TransposeNode;
  /** Slices along an axis: a crop, a stride, repetitions, any order. */
  take(
    name: string,
    x: GraphNode,
    options: { readonly axis: number; readonly indices: readonly number[] } & NodeOptions,
  ): TakeNode;
  pad(name: string, x: GraphNode, options: { readonly pads: readonly Pads[] } & NodeOptions): PadNode;
  einsum(name: string, a: GraphNode, b: GraphNode, options: { readonly equation: string } & NodeOptions): EinsumNode;
  /** A node of an op that `registerOp` has made known. */
  extension(
    name: string,
    extension: string,
    inputs: readonly GraphNode[],
    attributes?: ExtensionNode['attributes'],
    options?: NodeOptions,
  ): ExtensionNode;
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
      format:
        format ?? uniformFormat(open as unknown as GraphNode, inputs, inferred) ?? minimalFormats(inferred.ranges),
      ...(inferred.slots === undefined ? {} : { slots: inferred.slots }),
      ...(inferred.divisor === 1 ? {} : { divisor: inferred.divisor }),
    } as unknown as N;
    nodes.push(node);
    results.set(node.name, inferred);
    return node;
  };

  const reshape = (name: string, x: GraphNode, shape: readonly number[], options: NodeOptions): ReshapeNode => {
    const draft: Draft<ReshapeNode> & { shape: readonly number[] } = {
      op: 'reshape',
      name,
      shape: [...shape],
      ...options,
    };
    return add<ReshapeNode>(draft, [x]);
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
    conv1d: (name, x, options) =>
      add<Conv1dNode>({ op: 'conv1d', name, stride: 1, pads: [0, 0], dilation: 1, groups: 1, ...options }, [x]),
    conv2d: (name, x, options) =>
      add<Conv2dNode>({ op: 'conv2d', name, strides: [1, 1], pads: NO_PADS, dilation: [1, 1], groups: 1, ...options }, [
        x,
      ]),
    pool1d: (name, x, options) =>
      add<Pool1dNode>({ op: 'pool1d', name, stride: options.pool, pads: [0, 0], countPads: false, ...options }, [x]),
    pool2d: (name, x, options) =>
      add<Pool2dNode>({ op: 'pool2d', name, strides: options.pool, pads: NO_PADS, countPads: false, ...options }, [x]),
    relu: (name, x, options = {}) => add<ReluNode>({ op: 'relu', name, ...options }, [x]),
    leakyRelu: (name, x, options) => add<LeakyReluNode>({ op: 'leakyRelu', name, ...options }, [x]),
    scaleOffset: (name, x, options) => add<ScaleOffsetNode>({ op: 'scaleOffset', name, ...options }, [x]),
    lut: (name, x, options) => add<LutNode>({ op: 'lut', name, ...options }, [x]),
    argmax: (name, x, options = {}) => add<ArgmaxNode>({ op: 'argmax', name, result: 'index', ...options }, [x]),
    add: (name, a, b, options = {}) => add<AddNode>({ op: 'add', name, ...options }, [a, b]),
    sub: (name, a, b, options = {}) => add<SubNode>({ op: 'sub', name, ...options }, [a, b]),
    mul: (name, a, b, options = {}) => add<MulNode>({ op: 'mul', name, ...options }, [a, b]),
    max: (name, a, b, options = {}) => add<MaxNode>({ op: 'max', name, ...options }, [a, b]),
    min: (name, a, b, options = {}) => add<MinNode>({ op: 'min', name, ...options }, [a, b]),
    concat: (name, inputs, options) => add<ConcatNode>({ op: 'concat', name, ...options }, inputs),
    sumOver: (name, x, options) => add<SumOverNode>({ op: 'sumOver', name, keepDims: false, ...options }, [x]),
    meanOver: (name, x, options) => add<MeanOverNode>({ op: 'meanOver', name, keepDims: false, ...options }, [x]),
    maxOver: (name, x, options) => add<MaxOverNode>({ op: 'maxOver', name, keepDims: false, ...options }, [x]),
    minOver: (name, x, options) => add<MinOverNode>({ op: 'minOver', name, keepDims: false, ...options }, [x]),
    reshape: (name, x, { shape, ...options }) => reshape(name, x, shape, options),
    flatten: (name, x, options = {}) => reshape(name, x, [sizeOf(x.shape)], options),
    transpose: (name, x, options) => add<TransposeNode>({ op: 'transpose', name, ...options }, [x]),
    take: (name, x, options) => add<TakeNode>({ op: 'take', name, ...options }, [x]),
    pad: (name, x, options) => add<PadNode>({ op: 'pad', name, ...options }, [x]),
    einsum: (name, a, b, options) => add<EinsumNode>({ op: 'einsum', name, ...options }, [a, b]),
    extension: (name, extension, inputs, attributes = {}, options = {}) =>
      add<ExtensionNode>({ op: 'extension', name, extension, attributes, ...options }, inputs),
    build(outputs) {
      for (const output of outputs) inferredOf(output, name);
      const graph: FixedGraph = { version: 1, name, nodes: [...nodes], outputs: outputs.map((output) => output.name) };
      analyse(graph);
      return graph;
    },
  };
}

const NO_PADS: readonly [Pads, Pads] = [
  [0, 0],
  [0, 0],
];

/** The fields of a node that its builder method decides. */
type Draft<N extends GraphNode> = N extends GraphNode ? Omit<N, 'inputs' | 'shape' | 'format' | 'divisor'> : never;

/** The input's one format, for an op that only moves codes: hardware keeps one type instead of one per element. */
function uniformFormat(node: GraphNode, inputs: readonly GraphNode[], { shape }: Inferred): FormatTable | undefined {
  const { movesCodes } = definitionOf(node);
  const [{ format }, ...others] = inputs.length === 0 ? [node] : inputs;
  if (!movesCodes?.(node) || others.length > 0 || format.k.length !== 1) return undefined;
  return { shape: shape.map(() => 1), k: [...format.k], i: [...format.i], f: [...format.f] };
}

/** A dense node fed to a sparse op is refused by the op's own check, which knows the remedy. */
function slotsOf(x: GraphNode): number {
  return x.slots ?? 0;
}

function tableFor(choice: FormatChoice, rank: number): FormatTable {
  return 'shape' in choice
    ? { shape: [...choice.shape], k: [...choice.k], i: [...choice.i], f: [...choice.f] }
    : formatTable(new Array<number>(rank).fill(1), choice);
}
