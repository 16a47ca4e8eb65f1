import type { DenseNode } from '@sp/quant/internal';
import type { ResolvedOptions } from '../config/resolve.ts';
import { areaOf, type NodeCost } from '../estimate/cost.ts';
import { listValidReuseFactors } from '../plan/factors.ts';
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
import { canShareAtOnce, inputRanges, type ProductGraph, productGraph, requireShareable } from './product.ts';

interface DenseDecisions extends MatrixDecisions {
  /** With `io_stream`: packets in which the only row arrives and is added up. */
  readonly packets?: number;
}

/** Matrix product on the last dimension. */
export const denseKernel: Kernel<DenseNode, DenseDecisions> = {
  op: 'dense',
  options: MATRIX_OPTIONS,
  loops: (context, decisions) => reuses(decisions) || rowsOf(context) > 1,

  factors: ({ node }) => ({ reuseFactor: listValidReuseFactors(node.kernel.shape[0], node.kernel.shape[1]) }),

  decide(context, options) {
    const { node } = context;
    const [inputs, outputs] = node.kernel.shape;
    const where = `node "${node.name}"`;
    const summed = summedDecisions(context, options);
    if (summed !== undefined) return summed;
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
    const { packets = 1, reuseFactor } = decisions;
    const [inputs, outputs] = node.kernel.shape;
    const streamed = packets === 1 ? variant : reuseFactor === packets ? 'summed' : 'summed_reused';
    return {
      header: 'sp_dense.h',
      constants,
      functions,
      config: [
        `struct ${id}_config {`,
        `  static const int rows = ${rowsOf(context)}, inputs = ${inputs / packets}, outputs = ${outputs};`,
        ...(packets === 1 ? [] : [`  static const int packets = ${packets};`]),
        ...config,
        '};',
      ],
      call: ([x], y) => [`sp::dense_${variant}<${id}_config>(${x}${operands}, ${y});`],
      streamHeader: 'sp_dense_stream.h',
      stream: ([x], y) => [`sp::dense_${streamed}_stream<${id}_config>(${x}${operands}, ${y});`],
    };
  },

  streams: () => true,
  packets: 'summed',
  rhythm(context, { packets }) {
    const count = rowsOf(context);
    return packets === undefined
      ? { kind: 'packets', count, late: 0 }
      : { kind: 'whole', takes: [packets], gives: 1, late: 0 };
  },

  cost(context, decisions): NodeCost {
    const { node, inputs: sources, type } = context;
    const { packets, reuseFactor } = decisions;
    const { depth, ...area } =
      decisions.strategy === 'distributed_arithmetic'
        ? distributedCost(productOf(context), 1)
        : matrixCost(node.kernel, sources[0].type, type, node.kernel.shape[0], decisions, 1);
    const starts = packets ?? rowsOf(context);
    const each = reuseFactor / (packets ?? 1);
    // Multipliers that are used again start with a row or a packet when the one before is done.
    const again = decisions.strategy.startsWith('resource') && each > 1 && starts > 1;
    const cycles = again ? starts * (each + depth) : starts * each;
    const registers = packets === undefined ? 0 : node.kernel.shape[1] * type.width;
    return { latency: again ? cycles : depth + cycles - 1, interval: cycles, ...area, registers };
  },

  describe: ({ node }, decisions) =>
    `dense ${node.kernel.shape[0]} -> ${node.kernel.shape[1]} (${describeMatrix(decisions)}${decisions.packets === undefined ? '' : `, ${decisions.packets} packets summed`})`,
};

/**
 * How a row that arrives in several packets is added up packet by packet, with `reuseFactor / packets` uses of every multiplier per packet; undefined where that is
 * not what was asked for, or larger by estimate than an adder graph for all of it.
 */
function summedDecisions(context: NodeContext<DenseNode>, options: ResolvedOptions): DenseDecisions | undefined {
  const { node, inputs: sources } = context;
  const packets = sources[0].packets;
  if (context.ioType !== 'io_stream' || rowsOf(context) > 1 || packets === 1) return undefined;
  const strategy = options.get('strategy') ?? 'auto';
  const reuse = options.get('reuseFactor') ?? 1;
  const [inputs, outputs] = node.kernel.shape;
  const each = reuse === 1 ? 1 : reuse / packets;
  if (strategy === 'distributed_arithmetic' || strategy === 'resource_unrolled') return undefined;
  if (strategy === 'latency' && reuse !== 1) return undefined;
  if (!listValidReuseFactors(inputs / packets, outputs).includes(each)) return undefined;
  const decided = { strategy: 'resource', reuseFactor: packets * each, packets } as const;
  if (strategy === 'auto' && reuse === 1 && canShareAtOnce(node.kernel)) {
    const summed = matrixCost(node.kernel, sources[0].type, context.type, inputs, decided, 1);
    if (areaOf(distributedCost(productOf(context), 1)) < areaOf(summed)) return undefined;
  }
  return decided;
}

function sourceOf(context: NodeContext<DenseNode>, decisions: DenseDecisions): MatrixSource {
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
    ...(decisions.packets === undefined ? {} : { packets: decisions.packets }),
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
