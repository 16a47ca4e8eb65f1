import type { ArgmaxNode } from '@sp/quant/internal';
import type { Signal } from '../hdl/signal.ts';
import { type BlockContext, commonFraction, denseInput, elementRanges } from './block.ts';
import { larger } from './extremes.ts';
import type { DenseSignals } from './value.ts';

/** First position of the largest value along the last dimension: a tree of comparisons. */
export function argmaxBlock(context: BlockContext<ArgmaxNode>): DenseSignals {
  const { b, node, inferred, inputs } = context;
  const length = inputs[0].inferred.shape.at(-1)!;
  const ranges = elementRanges(inputs[0].inferred);
  const f = commonFraction(ranges);
  const x = denseInput(context).elements.map((code, j) =>
    ranges[j].lo === 0n && ranges[j].hi === 0n ? code : b.shift(code, ranges[j].f - f),
  );
  const rows = Array.from({ length: x.length / length }, (_, r) => x.slice(r * length, (r + 1) * length));
  const outputs = b.instances(
    {
      name: node.name,
      comment: [`${node.name}: first position of the largest of ${length}`],
      build: (m, codes) => {
        let open = codes.map((value, j) => ({ value, at: m.constant(j) as Signal }));
        while (open.length > 1) {
          open = Array.from({ length: Math.ceil(open.length / 2) }, (_, j) => {
            const [a, c] = [open[2 * j], open[2 * j + 1]];
            if (c === undefined) return a;
            const later = m.less(a.value, c.value);
            return { value: larger(m, a.value, c.value), at: m.mux(later, c.at, a.at) };
          });
        }
        const [{ at }] = open;
        if (node.result === 'index') return [at];
        return codes.map((_, j) => m.equal(at, m.constant(j)));
      },
    },
    rows,
  );
  const own = elementRanges(inferred);
  return { kind: 'dense', elements: outputs.flat().map((y, j) => b.narrow(y, own[Math.min(j, own.length - 1)])) };
}
