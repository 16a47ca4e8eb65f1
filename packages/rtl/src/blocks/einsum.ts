import type { EinsumNode } from '@sp/quant/internal';
import { einsumLoops, einsumOffsets, letterLengths, splitEquation } from '@sp/quant/numeric';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, commonFraction, denseInput, elementRanges } from './block.ts';
import type { DenseSignals } from './value.ts';

/** Sums of products of two tensors: multipliers and a tree of adders per result. */
export function einsumBlock(context: BlockContext<EinsumNode>): DenseSignals {
  const { b, node, inferred, inputs } = context;
  const equation = splitEquation(node.equation)!;
  const shapes = inputs.map(({ inferred: own }) => own.shape);
  const loops = einsumLoops(equation, letterLengths(equation.operands, shapes));
  const offsets = shapes.map((shape, o) => einsumOffsets(equation.operands[o], shape, loops));
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
