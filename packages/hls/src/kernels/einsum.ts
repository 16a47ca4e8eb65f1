import type { EinsumNode } from '@sp/quant/internal';
import { levels, multiplier, type NodeCost } from '../estimate/cost.ts';
import { listValidParallelFactors } from '../plan/factors.ts';
import { placeExpression, placeFunction, placeOf, stridesOf } from './index-expression.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { parallelFactor } from './parallel.ts';

interface EinsumDecisions extends Readonly<Record<string, number>> {
  /** Results computed side by side. */
  readonly parallelizationFactor: number;
}

/** Sums of products of two values. */
export const einsumKernel: Kernel<EinsumNode, EinsumDecisions> = {
  op: 'einsum',
  options: ['parallelizationFactor'],
  loops: (context, { parallelizationFactor }) => loopsOf(context).size > parallelizationFactor,

  factors: (context) => ({ parallelizationFactor: listValidParallelFactors(loopsOf(context).size) }),

  decide: (context, options) => ({
    parallelizationFactor: parallelFactor(
      `node "${context.node.name}"`,
      options,
      ['parallelizationFactor'],
      loopsOf(context).size,
      'results',
    ),
  }),

  emit(context, { parallelizationFactor }) {
    const { node, id } = context;
    const { size, terms, kept, summed, lengths, operands } = loopsOf(context);
    const place = (name: string, parameter: string, operand: number, labels: readonly string[]) => {
      const strides = stridesOf(context.inputs[operand].node.shape);
      const shape = labels.map((label) => lengths.get(label) as number);
      const steps = labels.map((label) => strides[operands[operand].indexOf(label)] ?? 0);
      const expression = placeExpression(parameter, shape, steps);
      // Results that follow one another are looked up: their number changes, and would have to be divided.
      const changes = parameter === 'o' && size > parallelizationFactor && expression.includes('/');
      if (!changes) return placeFunction(name, parameter, expression);
      const places = Array.from({ length: size }, (_, o) => placeOf(o, shape, steps));
      return placeFunction(name, parameter, `places[${parameter}]`, [
        `static const int places[] = {${places.join(', ')}};`,
      ]);
    };
    return {
      header: 'sp_arithmetic.h',
      about: node.equation,
      config: [
        `struct ${id}_config {`,
        `  static const int size = ${size}, terms = ${terms}, parallel = ${parallelizationFactor};`,
        place('a_out', 'o', 0, kept),
        place('a_term', 't', 0, summed),
        place('b_out', 'o', 1, kept),
        place('b_term', 't', 1, summed),
        '};',
      ],
      call: ([a, b], y) => [`sp::einsum<${id}_config>(${a}, ${b}, ${y});`],
    };
  },

  cost(context, { parallelizationFactor }): NodeCost {
    const { size, terms } = loopsOf(context);
    const [a, b] = context.inputs;
    const product = multiplier(a.type.width, b.type.width);
    const multipliers = parallelizationFactor * terms;
    return {
      latency: 1 + Math.ceil(levels(terms) / 3) + size / parallelizationFactor,
      interval: size / parallelizationFactor,
      multipliers,
      lut: Math.round(multipliers * (product.lut + context.type.width / 2)),
      dsp: multipliers * product.dsp,
    };
  },

  describe: ({ node }) => `einsum ${node.equation}`,
};

interface Loops {
  /** Results. */
  readonly size: number;
  /** Products per result. */
  readonly terms: number;
  readonly kept: readonly string[];
  readonly summed: readonly string[];
  readonly lengths: ReadonlyMap<string, number>;
  /** Labels of each operand. */
  readonly operands: readonly string[];
}

function loopsOf({ node, inputs }: NodeContext<EinsumNode>): Loops {
  const [left, result] = node.equation.split('->');
  const operands = left.split(',');
  const lengths = new Map<string, number>();
  operands.forEach((labels, operand) => {
    [...labels].forEach((label, d) => {
      lengths.set(label, inputs[operand].node.shape[d]);
    });
  });
  const kept = [...result];
  const summed = [...lengths.keys()].filter((label) => !kept.includes(label));
  const count = (labels: readonly string[]) =>
    labels.reduce((product, label) => product * (lengths.get(label) ?? 1), 1);
  return { size: count(kept), terms: count(summed), kept, summed, lengths, operands };
}
