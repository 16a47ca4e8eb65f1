import type { DenseNode } from '@sp/quant';
import { ConfigError } from '../errors.ts';
import { levels, multiplier, type NodeCost } from '../estimate/cost.ts';
import { listValidReuseFactors } from '../plan/factors.ts';
import { typeOfCodes } from '../plan/fixed-type.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { biasArray, weightArray } from './weights.ts';

interface DenseDecisions extends Readonly<Record<string, number | string>> {
  readonly strategy: 'latency' | 'resource';
  readonly reuseFactor: number;
}

/** Matrix product on the last dimension. */
export const denseKernel: Kernel<DenseNode, DenseDecisions> = {
  op: 'dense',
  options: ['strategy', 'reuseFactor'],
  loops: (context, { strategy, reuseFactor }) => (strategy === 'resource' && reuseFactor > 1) || rowsOf(context) > 1,

  decide({ node }, options) {
    const [inputs, outputs] = node.kernel.shape;
    const reuseFactor = options.get('reuseFactor') ?? 1;
    const wanted = options.get('strategy') ?? 'auto';
    const strategy = wanted !== 'auto' ? wanted : reuseFactor === 1 ? 'latency' : 'resource';
    const legal = listValidReuseFactors(inputs, outputs);
    if (strategy === 'resource' && !legal.includes(reuseFactor)) {
      throw new ConfigError(
        `node "${node.name}": ${options.origin('reuseFactor')} is illegal for a ${inputs} x ${outputs} matrix; legal: ${legal.join(', ')}`,
      );
    }
    if (reuseFactor > inputs * outputs) {
      throw new ConfigError(
        `node "${node.name}": ${options.origin('reuseFactor')} exceeds its ${inputs * outputs} products; use at most that`,
      );
    }
    return { strategy, reuseFactor };
  },

  emit(context, { strategy, reuseFactor }) {
    const { node, id } = context;
    const [inputs, outputs] = node.kernel.shape;
    const products = inputs * outputs;
    const zeros = node.kernel.codes.filter((code) => code === 0).length;
    const byOutput = Array.from({ length: products }, (_, p) => (p % inputs) * outputs + Math.floor(p / inputs));
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
        // hls4ml §2.3; at least one multiplier.
        `  static const int multiplier_limit = ${Math.max(1, Math.ceil(products / reuseFactor) - Math.floor(zeros / reuseFactor))};`,
        '};',
      ],
      call: ([x], y) => [`sp::dense_${strategy}<${id}_config>(${x}, ${id}_kernel, ${id}_bias, ${y});`],
    };
  },

  cost(context, { strategy, reuseFactor }): NodeCost {
    const { node, inputs: sources, type } = context;
    const [inputs, outputs] = node.kernel.shape;
    const rows = rowsOf(context);
    const zeros = strategy === 'latency' ? node.kernel.codes.filter((code) => code === 0).length : 0;
    const multipliers = Math.ceil((inputs * outputs - zeros) / reuseFactor);
    const product = multiplier(sources[0].type.width, typeOfCodes(node.kernel.codes, node.kernel.f).width);
    // Products in one cycle, then about three levels of the adder tree per cycle.
    const depth = 1 + Math.ceil(levels(Math.ceil(inputs / reuseFactor)) / 3) + 1;
    // Reused multipliers select their operand and weight.
    const selection = reuseFactor > 1 ? sources[0].type.width : 0;
    return {
      latency: depth + rows * reuseFactor - 1,
      interval: rows * reuseFactor,
      multipliers,
      lut: Math.round(multipliers * (product.lut + type.width / 2 + selection)),
      dsp: multipliers * product.dsp,
    };
  },

  describe: ({ node }, { strategy, reuseFactor }) =>
    `dense ${node.kernel.shape[0]} -> ${node.kernel.shape[1]} (${strategy}, reuse factor ${reuseFactor})`,
};

function rowsOf({ node }: NodeContext<DenseNode>): number {
  return node.shape.slice(0, -1).reduce((product, size) => product * size, 1);
}
