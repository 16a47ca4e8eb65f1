/**
 * A kernel module knows everything about one kind of node: which options it has, how they become decisions, which C++ they become, and
 * what it costs. `registry.ts` lists them; nothing else branches on the kind of a node.
 */
import type { GraphNode } from '@sp/quant';
import type { Inferred } from '@sp/quant/internal';
import type { IoType, LayerOptionName } from '../config/config.ts';
import type { ResolvedOptions } from '../config/resolve.ts';
import type { NodeCost } from '../estimate/cost.ts';
import type { FixedType } from '../plan/fixed-type.ts';

/** Plain data that says how one node is built. */
export type Decisions = Readonly<Record<string, string | number>>;

/** A node with what surrounds it. */
export interface NodeContext<N extends GraphNode = GraphNode> {
  readonly node: N;
  /** C++ identifier of the node's value; its type is `<id>_t`, its constants start with `<id>_`. See `valueName`. */
  readonly id: string;
  /** Type of the node's numbers. */
  readonly type: FixedType;
  readonly ioType: IoType;
  /** The tool that the plan is for. */
  readonly backend: 'Vitis' | 'Vivado';
  /** Exact ranges of what the node can compute. */
  readonly inferred: Inferred;
  readonly inputs: readonly NodeContext[];
  /** Packets that the value passes in as a stream: see `packetCounts`. */
  readonly packets: number;
}

/** An array of constants: its own file in `firmware/weights/`. */
export interface ConstantArray {
  /** C++ identifier. */
  readonly id: string;
  /** C++ type of an element; of codes `codeType(number)`. */
  readonly type: string;
  /** Type of the numbers whose codes the elements are; without it the elements are what they say. Read such an array with `codedAt`. */
  readonly number?: FixedType;
  /** One line about it: what, shape. */
  readonly note: string;
  /** C++ literals. */
  readonly values: readonly string[];
}

/** A function that is written out for one node: its own file in `firmware/functions/`. */
export interface WrittenFunction {
  /** C++ identifier, and name of the file. */
  readonly id: string;
  /** One line about it. */
  readonly note: string;
  /** Constant arrays it uses. */
  readonly uses: readonly string[];
  readonly lines: readonly string[];
}

/** The C++ of one node. */
export interface KernelCode {
  /** Kernel header in `firmware/sp/`, if the node calls one. */
  readonly header?: string;
  readonly constants?: readonly ConstantArray[];
  readonly functions?: readonly WrittenFunction[];
  /** Config struct and tables, lines for `parameters.h`. */
  readonly config?: readonly string[];
  /** What the comment above `config` says after the node's name. */
  readonly about?: string;
  /** Statements that compute `y` from `xs` (C++ expressions). */
  call(xs: readonly string[], y: string): string[];
  /**
   * With `io_stream`: statements that compute stream `y` from streams `xs` while they arrive; a constant among `xs` is an array. Without it the values are received,
   * computed by `call`, and sent. `sp_stream.h` or `streamHeader` has what they need.
   */
  stream?(xs: readonly string[], y: string): string[];
  readonly streamHeader?: string;
  /** Of an extension: a header of its own, which goes to `firmware/extensions/`. Two kernels may share one. */
  readonly ownHeader?: { readonly name: string; readonly text: string };
}

/**
 * The C++ name of a value in the top function. A constant stands outside of it, where the kernels' own names are: as everything there it has a name with a
 * suffix.
 */
export function valueName({ node, id }: Pick<NodeContext, 'node' | 'id'>): string {
  return node.op === 'constant' ? `${id}_values` : id;
}

/** Whether a value is there from the beginning, as an array, and never arrives. */
export function isConstant({ node }: Pick<NodeContext, 'node'>): boolean {
  return node.op === 'constant';
}

/** Packets a value consists of as a stream. */
export function packetsOf({ packets }: NodeContext): number {
  return packets;
}

/**
 * In which order a process takes and gives packets: `packets`, iterations that take one of each stream and give one; `whole`, all of one stream after the other, then all
 * of the result; `loop`, iterations that take, give, both or neither.
 */
export type Rhythm = {
  /** Iterations that a pipeline may be ahead of what it gives. */
  readonly late: number;
} & (
  | { readonly kind: 'packets'; readonly count: number }
  | { readonly kind: 'whole'; readonly takes: readonly number[]; readonly gives: number }
  | { readonly kind: 'loop'; iterations(): Iterable<{ readonly takes: boolean; readonly gives: boolean }> }
);

/** Legal values by option, ascending. */
export type Factors = Readonly<Partial<Record<LayerOptionName, readonly number[]>>>;

/** What a kind of node knows about itself. */
export interface Kernel<N extends GraphNode = GraphNode, D extends Decisions = Decisions> {
  readonly op: N['op'];
  readonly options: readonly LayerOptionName[];
  /** Whether it keeps a loop rolled, which an all-in-one pipeline would unroll. */
  loops(context: NodeContext<N>, decisions: D): boolean;
  /** Legal values of the options that share hardware, by option; without it there are none. `decide` refuses all others. */
  factors?(context: NodeContext<N>): Factors;
  /** @throws ConfigError for an illegal factor, listing the legal ones */
  decide(context: NodeContext<N>, options: ResolvedOptions): D;
  emit(context: NodeContext<N>, decisions: D): KernelCode;
  /** With `io_stream`, for kernels that stream, of the whole passage; otherwise of the computation alone. */
  cost(context: NodeContext<N>, decisions: D): NodeCost;
  /** Whether `emit` has a `stream`. Default false. */
  streams?(context: NodeContext<N>, decisions: D): boolean;
  /** Whether that takes constants too, as arrays. */
  readonly constantOperands?: boolean;
  /**
   * How packets of the input that are not those of its shape pass: `kept`, the result has the same ones; `regrouped`, any come in, and any go out; `summed`, any come in where
   * the decisions say `packets`. Without it only those of the shape pass.
   */
  readonly packets?: 'kept' | 'regrouped' | 'summed';
  /** Of a kernel that streams otherwise than packet by packet. */
  rhythm?(context: NodeContext<N>, decisions: D): Rhythm;
  /** One line for the drawing of the network, e.g. `5 x 5 over 24 slots, 1 -> 4 channels`. */
  describe(context: NodeContext<N>, decisions: D): string;
}
