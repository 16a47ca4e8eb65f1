import type { DenseNode } from '@sp/quant';
import { type BlockContext, denseInput, elementRanges } from './block.ts';
import { productOf, weightedSums } from './product.ts';
import type { DenseSignals } from './value.ts';

/** A product with a constant matrix as an adder graph; one instance per row of the input. */
export function denseBlock(context: BlockContext<DenseNode>): DenseSignals {
  const { b, node, inferred, inputs } = context;
  const x = denseInput(context).elements;
  const ranges = elementRanges(inputs[0].inferred);
  const [size, units] = node.kernel.shape;
  const rows = Array.from({ length: x.length / size }, (_, r) => x.slice(r * size, (r + 1) * size));
  const columns = Array.from({ length: size }, (_, j) => rows.map((__, r) => ranges[r * size + j]));
  const shared = productOf(node.kernel.codes, node.kernel.f, node.bias, columns);
  // Where a column has several scales, its elements are brought to the finest before they enter.
  const finest = columns.map((column) =>
    Math.max(...column.map(({ f, lo, hi }) => (lo === 0n && hi === 0n ? Number.NEGATIVE_INFINITY : f))),
  );
  const aligned = rows.map((row, r) =>
    row.map((signal, j) => {
      const { lo, hi, f } = ranges[r * size + j];
      return lo === 0n && hi === 0n ? b.constant(0) : b.shift(signal, f - finest[j]);
    }),
  );
  const outputs = b.instances(
    {
      name: node.name,
      comment: [`${node.name}: dense ${size} -> ${units}, adder graph`],
      build: (m, ins) => weightedSums(m, ins, shared).map((sum, u) => m.add(sum, m.constant(shared.bias[u]))),
    },
    aligned,
  );
  const own = elementRanges(inferred);
  return { kind: 'dense', elements: outputs.flat().map((y, j) => b.narrow(y, own[j])) };
}
