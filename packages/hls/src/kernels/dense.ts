import type { DenseNode } from '@sp/quant';
import type { NodeCost } from '../estimate/cost.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import {
  adderDecisions,
  decideMatrix,
  describeMatrix,
  distributedCost,
  MATRIX_OPTIONS,
  type MatrixDecisions,
  matrixCost,
  multiplierLimit,
} from './matrix.ts';
import { inputRanges, type ProductGraph, productFunction, productGraph, productMember } from './product.ts';
import { biasArray, weightArray } from './weights.ts';

/** Matrix product on the last dimension. */
export const denseKernel: Kernel<DenseNode, MatrixDecisions> = {
  op: 'dense',
  options: MATRIX_OPTIONS,
  loops: (context, { strategy, reuseFactor }) => (strategy === 'resource' && reuseFactor > 1) || rowsOf(context) > 1,

  decide(context, options) {
    const { node } = context;
    const decided = decideMatrix(`node "${node.name}"`, options, node.kernel.shape[0], node.kernel.shape[1]);
    return decided.strategy === 'distributed_arithmetic'
      ? { ...decided, ...adderDecisions(productOf(context)) }
      : decided;
  },

  emit(context, { strategy, reuseFactor }) {
    const { node, id, inputs: sources, type } = context;
    const [inputs, outputs] = node.kernel.shape;
    if (strategy === 'distributed_arithmetic') {
      const bias = node.bias === undefined ? undefined : biasArray(`${id}_bias`, node.bias, outputs, node.name);
      return {
        header: 'sp_dense.h',
        constants: bias === undefined ? [] : [bias],
        functions: [
          {
            id: `${id}_product`,
            note: `x times the kernel of "${node.name}" [${inputs}, ${outputs}]${bias === undefined ? '' : ', plus its bias'}`,
            uses: bias === undefined ? [] : [bias.id],
            lines: productFunction(id, productOf(context), sources[0].type, type, bias?.id),
          },
        ],
        config: [
          `// "${node.name}"`,
          `struct ${id}_config {`,
          `  static const int rows = ${rowsOf(context)}, inputs = ${inputs}, outputs = ${outputs};`,
          ...productMember(id, sources[0].type, type),
          '};',
        ],
        call: ([x], y) => [`sp::dense_distributed<${id}_config>(${x}, ${y});`],
      };
    }
    const byOutput = Array.from(
      { length: inputs * outputs },
      (_, p) => (p % inputs) * outputs + Math.floor(p / inputs),
    );
    return {
      header: 'sp_dense.h',
      constants: [
        strategy === 'latency'
          ? weightArray(`${id}_kernel`, node.kernel, `kernel of "${node.name}" [input, output]`)
          : weightArray(`${id}_kernel`, node.kernel, `kernel of "${node.name}", stored as [output, input]`, byOutput),
        biasArray(`${id}_bias`, node.bias, outputs, node.name),
      ],
      config: [
        `// "${node.name}"`,
        `struct ${id}_config {`,
        `  static const int rows = ${rowsOf(context)}, inputs = ${inputs}, outputs = ${outputs};`,
        `  static const int reuse_factor = ${reuseFactor};`,
        `  static const int multiplier_limit = ${multiplierLimit(node.kernel.codes, reuseFactor)};`,
        '};',
      ],
      call: ([x], y) => [`sp::dense_${strategy}<${id}_config>(${x}, ${id}_kernel, ${id}_bias, ${y});`],
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

function productOf(context: NodeContext<DenseNode>): ProductGraph {
  const { kernel } = context.node;
  const [inputs, outputs] = kernel.shape;
  return productGraph(kernel, kernel.codes, outputs, inputRanges(context.inputs[0], inputs, inputs, false));
}

function rowsOf({ node }: NodeContext<DenseNode>): number {
  return node.shape.slice(0, -1).reduce((product, size) => product * size, 1);
}
