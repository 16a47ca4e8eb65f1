import type { DenseNode } from '@sp/quant';
import type { NodeCost } from '../estimate/cost.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { decideMatrix, MATRIX_OPTIONS, type MatrixDecisions, matrixCost, multiplierLimit } from './matrix.ts';
import { biasArray, weightArray } from './weights.ts';

/** Matrix product on the last dimension. */
export const denseKernel: Kernel<DenseNode, MatrixDecisions> = {
  op: 'dense',
  options: MATRIX_OPTIONS,
  loops: (context, { strategy, reuseFactor }) => (strategy === 'resource' && reuseFactor > 1) || rowsOf(context) > 1,

  decide: ({ node }, options) =>
    decideMatrix(`node "${node.name}"`, options, node.kernel.shape[0], node.kernel.shape[1]),

  emit(context, { strategy, reuseFactor }) {
    const { node, id } = context;
    const [inputs, outputs] = node.kernel.shape;
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
    const { depth, ...area } = matrixCost(node.kernel, sources[0].type, type, node.kernel.shape[0], decisions, 1);
    const cycles = rows * decisions.reuseFactor;
    return { latency: depth + cycles - 1, interval: cycles, ...area };
  },

  describe: ({ node }, { strategy, reuseFactor }) =>
    `dense ${node.kernel.shape[0]} -> ${node.kernel.shape[1]} (${strategy}, reuse factor ${reuseFactor})`,
};

function rowsOf({ node }: NodeContext<DenseNode>): number {
  return node.shape.slice(0, -1).reduce((product, size) => product * size, 1);
}
