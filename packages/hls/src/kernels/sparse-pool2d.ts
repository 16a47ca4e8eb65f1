import type { SparsePool2dNode } from '@sp/quant/internal';
import { powerOfTwoIn } from '@sp/quant/numeric';
import { levels, type NodeCost } from '../estimate/cost.ts';
import { listValidParallelFactors } from '../plan/factors.ts';
import { printCpp } from '../plan/fixed-type.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { parallelFactor } from './parallel.ts';
import { quotientFunction } from './small-quotient.ts';

interface SparsePoolDecisions extends Readonly<Record<string, number | string>> {
  /** Slots computed in the same clock. */
  readonly pixelParallelFactor: number;
  /** Channels computed in the same clock. */
  readonly chanParallelFactor: number;
}

/** Average and maximum pooling of a list. */
export const sparsePool2dKernel: Kernel<SparsePool2dNode, SparsePoolDecisions> = {
  op: 'sparsePool2d',
  options: ['parallelizationFactor', 'pixelParallelFactor', 'chanParallelFactor'],
  loops: (context, decisions) => groupsOf(context, decisions) > 1,

  factors: ({ node }) => ({
    pixelParallelFactor: listValidParallelFactors(node.slots),
    chanParallelFactor: listValidParallelFactors(node.shape[2]),
  }),

  decide({ node }, options) {
    const where = `node "${node.name}"`;
    return {
      pixelParallelFactor: parallelFactor(
        where,
        options,
        ['pixelParallelFactor', 'parallelizationFactor'],
        node.slots,
        'slots',
      ),
      chanParallelFactor: parallelFactor(where, options, ['chanParallelFactor'], node.shape[2], 'channels'),
    };
  },

  emit({ node, id, type, inputs }, { pixelParallelFactor, chanParallelFactor }) {
    const [height, width, channels] = node.shape;
    const [inHeight, inWidth] = inputs[0].node.shape;
    const [ph, pw] = node.pool;
    // The average's powers of two are y's binary point, so the sum has as many bits, standing further left.
    const sum = node.mode === 'avg' ? { ...type, int: type.int + powerOfTwoIn(ph * pw) } : inputs[0].type;
    return {
      header: 'sp_sparse_pool2d.h',
      config: [
        `struct ${id}_config {`,
        `  static const int pool_height = ${ph}, pool_width = ${pw};`,
        `  static const int out_height = ${height}, out_width = ${width}, channels = ${channels};`,
        `  static const int pixel_parallel = ${pixelParallelFactor}, channel_parallel = ${chanParallelFactor};`,
        `  typedef ${printCpp(sum)} sum_t;`,
        quotientFunction('cell_row', 'row', ph, inHeight),
        quotientFunction('cell_col', 'col', pw, inWidth),
        '};',
      ],
      call: ([x], y) => [
        `sp::sparse_pool2d<${id}_config, sp::pool_${node.mode === 'avg' ? 'average' : 'maximum'}>(${x}, ${y});`,
      ],
    };
  },

  cost(context, decisions): NodeCost {
    const { node, type } = context;
    const pairs = (decisions.pixelParallelFactor * (node.slots + 1)) / 2;
    const groups = groupsOf(context, decisions);
    // Cell comparison per pair, gated addition or maximum per pair and channel: the two terms of sparsepixels §3.2.
    return {
      latency: 1 + Math.ceil(levels(node.slots) / 3) + groups,
      interval: groups,
      multipliers: 0,
      lut: Math.round(pairs * (4 + decisions.chanParallelFactor * 1.7 * type.width)),
      dsp: 0,
    };
  },

  describe: ({ node }) =>
    `sparse ${node.mode} pool ${node.pool[0]} x ${node.pool[1]} -> ${node.shape[0]} x ${node.shape[1]}`,
};

function groupsOf({ node }: NodeContext<SparsePool2dNode>, decisions: SparsePoolDecisions): number {
  return (node.slots / decisions.pixelParallelFactor) * (node.shape[2] / decisions.chanParallelFactor);
}
