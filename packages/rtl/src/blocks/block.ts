import type { GraphNode } from '@sp/quant';
import { broadcastIndices, type Inferred } from '@sp/quant/internal';
import { RtlError } from '../errors.ts';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import type { Range } from '../hdl/range.ts';
import type { LayerStrategy } from '../plan/options.ts';
import type { DenseSignals, ListSignals, Signals } from './value.ts';

/** An input of a node: the node before it, what is known about its value, and the signals that carry it. */
export interface BlockInput {
  readonly node: GraphNode;
  readonly inferred: Inferred;
  readonly signals: Signals;
}

/** What a block is built from. */
export interface BlockContext<N extends GraphNode = GraphNode> {
  readonly b: ModuleBuilder;
  readonly node: N;
  readonly inferred: Inferred;
  readonly inputs: readonly BlockInput[];
  readonly strategy: LayerStrategy;
}

/** Builds the hardware of one kind of node in the top module: instances of modules of known latency, and wires. */
export type Block<N extends GraphNode> = (context: BlockContext<N>) => Signals;

/** The numbers an element can be, with their fraction bits. */
export interface ElementRange extends Range {
  readonly f: number;
}

/** What is known about every element (of a list: every channel) of a value. */
export function elementRanges({ shape, slots, ranges }: Inferred): ElementRange[] {
  const full = slots === undefined ? shape : [1, 1, shape[2]];
  return Array.from(broadcastIndices(ranges.shape, full), (j) => ({
    lo: ranges.lo[j],
    hi: ranges.hi[j],
    f: ranges.f[j],
  }));
}

/** The elements of an input that is a tensor. */
export function denseInput({ node, inputs }: BlockContext, at = 0): DenseSignals {
  const { signals } = inputs[at];
  if (signals.kind !== 'dense') throw new RtlError(`node "${node.name}": input ${at} is no tensor`);
  return signals;
}

/** The slots of an input that is a list. */
export function listInput({ node, inputs }: BlockContext, at = 0): ListSignals {
  const { signals } = inputs[at];
  if (signals.kind !== 'list') throw new RtlError(`node "${node.name}": input ${at} is no list`);
  return signals;
}

/** Most fraction bits among ranges that hold more than 0; 0 for none. */
export function commonFraction(ranges: readonly ElementRange[]): number {
  const live = ranges.filter(({ lo, hi }) => lo !== 0n || hi !== 0n);
  return live.length === 0 ? 0 : Math.max(...live.map(({ f }) => f));
}
