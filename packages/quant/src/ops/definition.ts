import type * as v from 'valibot';
import type { AnyNode } from '../graph/node.ts';
import type { Ranges } from '../graph/ranges.ts';
import type { Value } from '../interpret/values.ts';

/** What is known about a node's value from the nodes before it. */
export interface Inferred {
  readonly shape: readonly number[];
  /** Present for a sparse list. */
  readonly slots?: number;
  /** For a list: the node that decided which pixels are active. Lists of one origin have the same pixels in the same slots. */
  readonly active?: string;
  /** The value is `code · 2^-f / divisor`; odd. */
  readonly divisor: number;
  /** Every code the node can produce. */
  readonly ranges: Ranges;
  /** Magnitude that no intermediate result of the node's computation exceeds. */
  readonly bound: bigint;
}

/** A value together with what is known about it. */
export interface Operand {
  readonly node: AnyNode;
  readonly inferred: Inferred;
}

/** Data from outside for an input node. */
export interface Feed {
  readonly kind: 'reals' | 'codes';
  readonly data: ArrayLike<number> | readonly bigint[];
}

/** What a computation may use besides its inputs. */
export interface RunContext {
  readonly batch: number;
  /** Data of an input node. */
  readonly feed?: Feed;
}

/** Computes a node's value for a batch; `overflow` is the number of elements that were cut. */
export type Runner = (inputs: readonly Value[], context: RunContext) => { value: Value; overflow: number };

/** The form of the fields that only this op's nodes have, as they come from a file; a list's `slots` where the op decides them. */
export type Form<N extends AnyNode> = {
  readonly [Field in Exclude<keyof N, keyof AnyNode>]-?: v.GenericSchema;
} & { readonly slots?: v.GenericSchema };

/** Everything one op means. */
export interface OpDefinition<N extends AnyNode> {
  readonly form: Form<N>;
  /** Number of inputs, `many` for one or more. */
  readonly arity: number | 'many';
  /** Whether the op passes a value with a `divisor` (or takes it away). */
  readonly allowsDivisor: boolean;
  /** Whether the result consists of input codes and zeros: then one format for the whole input stays one for the whole result. */
  readonly movesCodes?: (node: N) => boolean;
  /** Which kinds of value it takes. */
  readonly takes: 'dense' | 'list' | 'both';
  /**
   * Checks the node's attributes against its inputs and derives its value's shape and ranges. The node's own derived
   * fields (`shape`, `format`, `divisor`) are not read, except where they are the user's decision.
   *
   * @throws GraphError
   */
  infer(node: N, inputs: readonly Inferred[]): Inferred;
  /**
   * Prepares the computation once per graph.
   *
   * @param wide compute on BigInts: all inputs arrive as BigInts and the result must be; otherwise all are plain numbers and
   * formats and ranges prove that nothing exceeds 2^52
   */
  prepare(node: N, inputs: readonly Operand[], own: Inferred, wide: boolean): Runner;
}

/** The list properties that an op with the same active pixels passes on. */
export function listOf(x: Inferred): { slots?: number; active?: string } {
  return {
    ...(x.slots === undefined ? {} : { slots: x.slots }),
    ...(x.active === undefined ? {} : { active: x.active }),
  };
}
