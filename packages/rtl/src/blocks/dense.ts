import { signedDigits } from '@sp/quant/adders';
import type { AdderGraph, DenseNode } from '@sp/quant/internal';
import { carryLevels } from '../hdl/levels.ts';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { type Range, wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, denseInput, elementRanges } from './block.ts';
import { adderGraphOf, type Product, productOf, weightedSums } from './product.ts';
import { addDigits, digitsOf, numberOf, shiftDigits } from './serial.ts';
import type { DenseSignals } from './value.ts';

/**
 * A product with a constant matrix as an adder graph; one instance per row of the input. With an interval above 1 numbers can pass it digit by digit, one digit per
 * clock: the adders then are as wide as a digit.
 */
export function denseBlock(context: BlockContext<DenseNode>): DenseSignals {
  const { b, node, inferred, inputs, strategy } = context;
  const x = denseInput(context).elements;
  const ranges = elementRanges(inputs[0].inferred);
  const [size, units] = node.kernel.shape;
  const rows = Array.from({ length: x.length / size }, (_, r) => x.slice(r * size, (r + 1) * size));
  const columns = Array.from({ length: size }, (_, j) => rows.map((__, r) => ranges[r * size + j]));
  const shared = productOf(node.kernel.codes, node.kernel.f, node.bias, columns);
  // Where a column has several scales, its elements are brought to the finest before they enter.
  const finest = columns.map((column) =>
    Math.max(...column.map((range) => (isZero(range) ? Number.NEGATIVE_INFINITY : range.f))),
  );
  const aligned = rows.map((row, r) =>
    row.map((signal, j) => {
      const range = ranges[r * size + j];
      return isZero(range) ? b.constant(0) : b.shift(signal, range.f - finest[j]);
    }),
  );
  const own = elementRanges(inferred);
  const digit = Math.ceil(Math.max(...own.map((range) => wireType(range).width)) / b.interval);
  // A digit has to be added within one level.
  const inDigits =
    b.interval > 1 &&
    rows.length === 1 &&
    carryLevels(digit + 2) === 1 &&
    strategy.hardware !== 'parallel' &&
    (strategy.hardware === 'shared' || digitsAreSmaller(shared, aligned[0], digit));
  const how = inDigits ? `digits of ${digit} bits` : 'adder graph';
  const outputs = b.instances(
    {
      name: node.name,
      comment: [`${node.name}: dense ${size} -> ${units}, ${how}`],
      build: (m, ins) =>
        inDigits
          ? digitSums(m, ins, shared, digit, own)
          : weightedSums(m, ins, shared).map((sum, u) => m.add(sum, m.constant(shared.bias[u]))),
    },
    aligned,
  );
  return { kind: 'dense', elements: outputs.flat().map((y, j) => b.narrow(y, own[j])) };
}

function isZero({ lo, hi }: Range): boolean {
  return lo === 0n && hi === 0n;
}

/** The sums with bias, digit by digit. */
function digitSums(
  m: ModuleBuilder,
  x: readonly Signal[],
  product: Product,
  width: number,
  own: readonly Range[],
): Signal[] {
  const graph: AdderGraph = adderGraphOf(x, product);
  const from = Math.max(0, ...x.map((input) => m.holdable(input)));
  const values = x.map((input, j) => digitsOf(m, m.shift(input, -product.inputShifts[j]), width, from));
  for (const { left, leftShift, right, rightShift, subtract } of graph.adders) {
    const a = shiftDigits(m, values[left], leftShift, width);
    const c = shiftDigits(m, values[right], rightShift, width);
    values.push(addDigits(m, a, c, subtract, width));
  }
  return graph.outputs.map((output, u) => {
    const bias = m.constant(product.bias[u]);
    if (output === null || isConstant(own[u])) return output === null ? bias : m.constant(own[u].lo);
    const sum = shiftDigits(m, values[output.value], output.shift + product.shift, width);
    const offset = digitsOf(m, bias, width, sum.stage);
    const digits = addDigits(m, offset, sum, output.negative, width);
    const type = wireType(own[u]);
    return numberOf(m, digits, width, type.width, type.signed);
  });
}

/** Estimates: an adder costs a LUT per bit, and in digits one more for the carry. */
function digitsAreSmaller({ matrix }: Product, x: readonly Signal[], digit: number): boolean {
  const width = Math.max(1, ...x.map((input) => (isConstant(input) ? 0 : wireType(input).width)));
  const adders = 0.6 * matrix.reduce((sum, weight) => sum + signedDigits(weight).length, 0);
  return adders * (digit + 2) + 2 * digit * x.length < adders * (width + 4);
}
