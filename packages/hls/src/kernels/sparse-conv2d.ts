import type { SparseConv2dNode } from '@sp/quant';
import { FirmwareError } from '../errors.ts';
import { levels, multiplier, type NodeCost } from '../estimate/cost.ts';
import { bitLength, typeOfCodes } from '../plan/fixed-type.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { parallelFactor } from './parallel.ts';
import { biasArray, weightArray } from './weights.ts';

interface SparseConvDecisions extends Readonly<Record<string, number | string>> {
  /** Slots computed in the same clock. */
  readonly pixelParallelFactor: number;
  /** Filters computed in the same clock. */
  readonly filtParallelFactor: number;
}

/** Convolution on the active pixels, architecture "pairs" (`hardware §3`): every slot looks at every slot. */
export const sparseConv2dKernel: Kernel<SparseConv2dNode, SparseConvDecisions> = {
  op: 'sparseConv2d',
  options: ['parallelizationFactor', 'pixelParallelFactor', 'filtParallelFactor'],
  loops: (context, decisions) => groupsOf(context, decisions) > 1,

  decide({ node }, options) {
    const [kh, kw, , filters] = node.kernel.shape;
    if (kh % 2 === 0 || kw % 2 === 0) {
      throw new FirmwareError(`node "${node.name}": kernel ${kh} x ${kw}; a sparse convolution needs odd sizes`);
    }
    const where = `node "${node.name}"`;
    return {
      pixelParallelFactor: parallelFactor(
        where,
        options,
        ['pixelParallelFactor', 'parallelizationFactor'],
        node.slots,
        'slots',
      ),
      filtParallelFactor: parallelFactor(where, options, ['filtParallelFactor'], filters, 'filters'),
    };
  },

  emit(context, { pixelParallelFactor, filtParallelFactor }) {
    const { node, id } = context;
    const [kh, kw, channels, filters] = node.kernel.shape;
    return {
      header: 'sp_sparse_conv2d.h',
      constants: [
        weightArray(`${id}_kernel`, node.kernel, `kernel of "${node.name}" [row, column, channel, filter]`),
        biasArray(`${id}_bias`, node.bias, filters, node.name),
      ],
      config: [
        `// "${node.name}"`,
        `struct ${id}_config {`,
        `  static const int kernel_height = ${kh}, kernel_width = ${kw};`,
        `  static const int channels = ${channels}, filters = ${filters};`,
        `  static const int pixel_parallel = ${pixelParallelFactor}, filter_parallel = ${filtParallelFactor};`,
        '};',
      ],
      call: ([x], y) => [`sp::sparse_conv2d_pairs<${id}_config>(${x}, ${id}_kernel, ${id}_bias, ${y});`],
    };
  },

  cost(context, decisions): NodeCost {
    const { node, inputs, type } = context;
    const [kh, kw, channels] = node.kernel.shape;
    const pairs = decisions.pixelParallelFactor * node.slots;
    const weight = typeOfCodes(node.kernel.codes, node.kernel.f).width;
    const product = multiplier(inputs[0].type.width, weight);
    const products = pairs * channels * decisions.filtParallelFactor;
    const coordinate = bitLength(node.shape[0] - 1) + bitLength(node.shape[1] - 1);
    // Offset and window test per pair; weight selection, product and addition per pair, channel and filter (terms of hardware §3, sparsepixels §3.2).
    const lut =
      pairs * (coordinate + 4) + products * (product.lut + (weight * kh * kw) / 6) + (products * type.width) / 2;
    const depth = 3 + Math.ceil(levels(node.slots * channels) / 3) + (node.bias === undefined ? 0 : 1);
    const groups = groupsOf(context, decisions);
    return {
      latency: depth + groups - 1,
      interval: groups,
      multipliers: products,
      lut: Math.round(lut),
      dsp: products * product.dsp,
    };
  },

  describe: ({ node }, { pixelParallelFactor, filtParallelFactor }) => {
    const [kh, kw, channels, filters] = node.kernel.shape;
    return `sparse conv ${kh} x ${kw}, ${channels} -> ${filters} channels, ${pixelParallelFactor} of ${node.slots} slots x ${filtParallelFactor} of ${filters} filters at once`;
  },
};

function groupsOf({ node }: NodeContext<SparseConv2dNode>, decisions: SparseConvDecisions): number {
  const filters = node.kernel.shape[3];
  return (node.slots / decisions.pixelParallelFactor) * (filters / decisions.filtParallelFactor);
}
