import type { EinsumNode } from '@sp/quant/internal';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, commonFraction, denseInput, elementRanges } from './block.ts';
import { mapPositions, stridesOf } from './positions.ts';
import type { DenseSignals } from './value.ts';

/** Sums of products of two tensors: multipliers and a tree of adders per result. */
export function einsumBlock(context: BlockContext<EinsumNode>): DenseSignals {
  const { b, node, inferred, inputs } = context;
  const [labels, kept] = node.equation.split('->');
  const operands = labels.split(',');
  const lengths = new Map<string, number>();
  for (const [o, letters] of operands.entries()) {
    [...letters].forEach((letter, d) => {
      lengths.set(letter, inputs[o].inferred.shape[d]);
    });
  }
  const summed = [...lengths.keys()].filter((letter) => !kept.includes(letter));
  const offsets = operands.map((letters, o) => {
    const strides = stridesOf(inputs[o].inferred.shape);
    const along = (list: readonly string[]): number[] =>
      mapPositions(
        list.map((letter) => lengths.get(letter)!),
        (position) => position.reduce((sum, at, d) => sum + at * (strides[letters.indexOf(list[d])] ?? 0), 0),
      );
    return { out: along([...kept]), sum: along(summed) };
  });
  const codes = inputs.map(({ inferred: own }, o) => {
    const ranges = elementRanges(own);
    const f = commonFraction(ranges);
    return denseInput(context, o).elements.map((x, j): Signal => {
      return isConstant(ranges[j]) && ranges[j].lo === 0n ? b.constant(0) : b.shift(x, ranges[j].f - f);
    });
  });
  const terms = offsets[0].sum.length;
  const rows = offsets[0].out.map((_, at) =>
    codes.flatMap((list, o) => offsets[o].sum.map((offset) => list[offsets[o].out[at] + offset])),
  );
  const outputs = b.instances(
    {
      name: node.name,
      comment: [`${node.name}: sum of ${terms} products`],
      build: (m, flat) => [m.sum(Array.from({ length: terms }, (_, t) => m.mul(flat[t], flat[terms + t])))],
    },
    rows,
  );
  const own = elementRanges(inferred);
  return { kind: 'dense', elements: outputs.flat().map((y, j) => b.narrow(y, own[j])) };
}
