/** Nodes that only move codes: wires. */
import type { ConcatNode, ConstantNode, PadNode, ReshapeNode, TakeNode, TransposeNode } from '@sp/quant/internal';
import { mapPositions, stridesOf } from '@sp/quant/numeric';
import { type BlockContext, denseInput, listInput } from './block.ts';
import type { DenseSignals, Signals } from './value.ts';

export function constantBlock({ b, node }: BlockContext<ConstantNode>): DenseSignals {
  return { kind: 'dense', elements: node.value.codes.map((code) => b.constant(code)) };
}

export function reshapeBlock(context: BlockContext<ReshapeNode>): DenseSignals {
  const { elements, gated } = denseInput(context);
  return { kind: 'dense', elements, ...(gated === undefined ? {} : { gated }) };
}

export function transposeBlock(context: BlockContext<TransposeNode>): DenseSignals {
  const { node, inputs } = context;
  const strides = stridesOf(inputs[0].inferred.shape);
  const { perm } = node;
  return moved(
    context,
    mapPositions(node.shape, (position) => position.reduce((sum, at, d) => sum + at * strides[perm[d]], 0)),
  );
}

export function takeBlock(context: BlockContext<TakeNode>): DenseSignals {
  const { node, inputs } = context;
  const strides = stridesOf(inputs[0].inferred.shape);
  return moved(
    context,
    mapPositions(node.shape, (position) =>
      position.reduce((sum, at, d) => sum + (d === node.axis ? node.indices[at] : at) * strides[d], 0),
    ),
  );
}

export function padBlock(context: BlockContext<PadNode>): DenseSignals {
  const { node, inputs } = context;
  const { shape } = inputs[0].inferred;
  const strides = stridesOf(shape);
  return moved(
    context,
    mapPositions(node.shape, (position) => {
      const inside = position.map((at, d) => at - node.pads[d][0]);
      if (inside.some((at, d) => at < 0 || at >= shape[d])) return -1;
      return inside.reduce((sum, at, d) => sum + at * strides[d], 0);
    }),
  );
}

export function concatBlock(context: BlockContext<ConcatNode>): Signals {
  const { node, inputs } = context;
  if (inputs[0].signals.kind === 'list') {
    const lists = inputs.map((_, at) => listInput(context, at));
    const slots = lists[0].slots.map(({ valid, row, col }, s) => {
      return { valid, row, col, codes: lists.flatMap((list) => list.slots[s].codes) };
    });
    return { kind: 'list', order: lists[0].order, slots };
  }
  const starts: number[] = [];
  let total = 0;
  for (const { inferred } of inputs) {
    starts.push(total);
    total += inferred.shape[node.axis];
  }
  const elements = mapPositions(node.shape, (position) => {
    const along = position[node.axis];
    const which = starts.findLastIndex((start) => start <= along);
    const strides = stridesOf(inputs[which].inferred.shape);
    const own = position.with(node.axis, along - starts[which]);
    return denseInput(context, which).elements[own.reduce((sum, at, d) => sum + at * strides[d], 0)];
  });
  return { kind: 'dense', elements };
}

/** The elements with these indices, 0 for −1. */
function moved(context: BlockContext<TransposeNode | TakeNode | PadNode>, indices: readonly number[]): DenseSignals {
  const { elements } = denseInput(context);
  return { kind: 'dense', elements: indices.map((at) => (at < 0 ? context.b.constant(0) : elements[at])) };
}
