import type { EinsumNode } from '@sp/quant/internal';
import {
  type EinsumLoops,
  type Equation,
  einsumLoops,
  letterLengths,
  letterSteps,
  splitEquation,
} from '@sp/quant/numeric';
import { levels, multiplier, type NodeCost } from '../estimate/cost.ts';
import { listValidParallelFactors } from '../plan/factors.ts';
import { placeExpression, placeFunction, placeOf } from './index-expression.ts';
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
      const shape = labels.map((label) => lengths.get(label) as number);
      const steps = letterSteps(operands[operand], context.inputs[operand].node.shape, labels);
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

function loopsOf({ node, inputs }: NodeContext<EinsumNode>): EinsumLoops & Equation {
  const equation = splitEquation(node.equation)!;
  const lengths = letterLengths(
    equation.operands,
    inputs.map((input) => input.node.shape),
  );
  return { ...equation, ...einsumLoops(equation, lengths) };
}
