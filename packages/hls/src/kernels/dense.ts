import type { DenseNode } from '@sp/quant';
import type { NodeCost } from '../estimate/cost.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import {
  adderDecisions,
  automaticMatrix,
  decideMatrix,
  describeMatrix,
  distributedCost,
  MATRIX_OPTIONS,
  type MatrixDecisions,
  matrixCost,
  reuses,
} from './matrix.ts';
import { liveMultipliers, type MatrixSource, matrixCode } from './matrix-code.ts';
import { inputRanges, type ProductGraph, productGraph, requireShareable } from './product.ts';

/** Matrix product on the last dimension. */
export const denseKernel: Kernel<DenseNode, MatrixDecisions> = {
  op: 'dense',
  options: MATRIX_OPTIONS,
  loops: (context, decisions) => reuses(decisions) || rowsOf(context) > 1,

  decide(context, options) {
    const { node } = context;
    const [inputs, outputs] = node.kernel.shape;
    const where = `node "${node.name}"`;
    const decided = decideMatrix(where, options, inputs, outputs);
    if (decided.strategy === 'distributed_arithmetic') {
      requireShareable(where, options.origin('strategy'), node.kernel);
      return { ...decided, ...adderDecisions(productOf(context)) };
    }
    if (decided.strategy === 'latency') {
      return automaticMatrix(decided, options, node.kernel, [inputs, outputs], context.backend, {
        product: () => productOf(context),
        latency: () => matrixCost(node.kernel, context.inputs[0].type, context.type, inputs, decided, 1),
        copies: 1,
      });
    }
    if (decided.strategy !== 'resource_unrolled') return decided;
    return { ...decided, multipliers: liveMultipliers(sourceOf(context, decided)).length };
  },

  emit(context, decisions) {
    const { node, id } = context;
    const { constants, functions, config, variant, operands } = matrixCode(sourceOf(context, decisions));
    const [inputs, outputs] = node.kernel.shape;
    return {
      header: 'sp_dense.h',
      constants,
      functions,
      config: [
        `struct ${id}_config {`,
        `  static const int rows = ${rowsOf(context)}, inputs = ${inputs}, outputs = ${outputs};`,
        ...config,
        '};',
      ],
      call: ([x], y) => [`sp::dense_${variant}<${id}_config>(${x}${operands}, ${y});`],
    };
  },

  cost(context, decisions): NodeCost {
    const { node, inputs: sources, type } = context;
    const rows = rowsOf(context);
    const { depth, ...area } =
      decisions.strategy === 'distributed_arithmetic'
        ? distributedCost(productOf(context), 1)
        : matrixCost(node.kernel, sources[0].type, type, node.kernel.shape[0], decisions, 1);
    const cycles = rows * decisions.reuseFactor;
    return { latency: depth + cycles - 1, interval: cycles, ...area };
  },

  describe: ({ node }, decisions) =>
    `dense ${node.kernel.shape[0]} -> ${node.kernel.shape[1]} (${describeMatrix(decisions)})`,
};

function sourceOf(context: NodeContext<DenseNode>, decisions: MatrixDecisions): MatrixSource {
  const { node, id, inputs: sources, type } = context;
  const [inputs, outputs] = node.kernel.shape;
  return {
    id,
    name: node.name,
    kernel: node.kernel,
    bias: node.bias,
    order: node.kernel.codes.map((_, place) => place),
    groups: 1,
    inputs,
    outputs,
    decisions,
    copies: 1,
    x: sources[0].type,
    y: type,
    product: () => productOf(context),
  };
}

function productOf(context: NodeContext<DenseNode>): ProductGraph {
  const { kernel } = context.node;
  const [inputs, outputs] = kernel.shape;
  return productGraph(kernel, kernel.codes, outputs, inputRanges(context.inputs[0], inputs, inputs, false));
}

function rowsOf({ node }: NodeContext<DenseNode>): number {
  return node.shape.slice(0, -1).reduce((product, size) => product * size, 1);
}
