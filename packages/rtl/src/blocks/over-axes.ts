import type { OverAxesNode } from '@sp/quant/internal';
import { mapPositions, stridesOf } from '@sp/quant/numeric';
import type { Signal } from '../hdl/signal.ts';
import { isConstant } from '../hdl/signal.ts';
import { type BlockContext, commonFraction, denseInput, elementRanges } from './block.ts';
import { larger, smaller, treeOf } from './extremes.ts';
import type { DenseSignals } from './value.ts';

type OverOp = 'sumOver' | 'meanOver' | 'maxOver' | 'minOver';

/** Sum, mean (its division waits in format and divisor), largest or smallest value over some dimensions: one tree per result. */
export function overAxesBlock(context: BlockContext<OverAxesNode<OverOp>>): DenseSignals {
  const { b, node, inferred, inputs } = context;
  const { shape } = inputs[0].inferred;
  const ranges = elementRanges(inputs[0].inferred);
  const { elements } = denseInput(context);
  const strides = stridesOf(shape.map((length, d) => (node.axes.includes(d) ? 1 : length)));
  const groups = new Map<number, number[]>();
  mapPositions(shape, (position) => {
    return position.reduce((sum, at, d) => sum + (node.axes.includes(d) ? 0 : at * strides[d]), 0);
  }).forEach((group, j) => {
    groups.set(group, [...(groups.get(group) ?? []), j]);
  });
  const rows = [...groups]
    .sort(([a], [c]) => a - c)
    .map(([, members]) => {
      const f = commonFraction(members.map((j) => ranges[j]));
      return members.map((j): Signal => {
        const zero = isConstant(ranges[j]) && ranges[j].lo === 0n;
        return zero ? b.constant(0) : b.shift(elements[j], ranges[j].f - f);
      });
    });
  const outputs = b.instances(
    {
      name: node.name,
      comment: [`${node.name}: ${node.op} of ${rows[0].length} codes`],
      build: (m, codes) => {
        if (node.op === 'maxOver') return [treeOf(m, codes, larger)];
        if (node.op === 'minOver') return [treeOf(m, codes, smaller)];
        return [m.sum(codes)];
      },
    },
    rows,
  );
  const own = elementRanges(inferred);
  return { kind: 'dense', elements: outputs.flat().map((y, j) => b.narrow(y, own[j])) };
}
