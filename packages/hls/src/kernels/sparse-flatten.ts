import type { SparseFlattenNode } from '@sp/quant/internal';
import { levels, type NodeCost } from '../estimate/cost.ts';
import { listValidParallelFactors } from '../plan/factors.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { parallelFactor } from './parallel.ts';

interface FlattenDecisions extends Readonly<Record<string, number | string>> {
  /** Output pixels written in the same clock. */
  readonly parallelFactor: number;
}

/** List → dense vector. */
export const sparseFlattenKernel: Kernel<SparseFlattenNode, FlattenDecisions> = {
  op: 'sparseFlatten',
  options: ['parallelFactor'],
  loops: (context, decisions) => pixelsOf(context) > decisions.parallelFactor,

  factors: (context) => ({ parallelFactor: listValidParallelFactors(pixelsOf(context)) }),

  decide: (context, options) => ({
    parallelFactor: parallelFactor(
      `node "${context.node.name}"`,
      options,
      ['parallelFactor'],
      pixelsOf(context),
      'output pixels',
    ),
  }),

  emit({ id, inputs }, decisions) {
    const [height, width, channels] = inputs[0].node.shape;
    return {
      header: 'sp_sparse_flatten.h',
      config: [
        `struct ${id}_config {`,
        `  static const int height = ${height}, width = ${width}, channels = ${channels};`,
        `  static const int pixel_parallel = ${decisions.parallelFactor};`,
        '};',
      ],
      call: ([x], y) => [`sp::sparse_flatten<${id}_config>(${x}, ${y});`],
    };
  },

  cost(context, decisions): NodeCost {
    const [list] = context.inputs;
    const slots = list.node.slots ?? 1;
    const channels = list.node.shape[2];
    const groups = pixelsOf(context) / decisions.parallelFactor;
    // Per output pixel: a position match per slot, and an and-or tree per bit over the slots; synthesis halves the textbook tree (sparsepixels §3.2).
    const perPixel = slots + (channels * context.type.width * slots) / 6;
    return {
      latency: 1 + Math.ceil(levels(slots) / 3) + groups,
      interval: groups,
      multipliers: 0,
      lut: Math.round(decisions.parallelFactor * perPixel),
      dsp: 0,
    };
  },

  describe: ({ node }) => `flatten -> ${node.shape[0]}`,
};

function pixelsOf({ inputs }: NodeContext): number {
  const [height, width] = inputs[0].node.shape;
  return height * width;
}
