import type { SparseConv2dNode } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';
import type { ResolvedOptions } from '../config/resolve.ts';
import { ConfigError, FirmwareError } from '../errors.ts';
import { areaOf, levels, multiplier, type NodeCost } from '../estimate/cost.ts';
import { listValidParallelFactors } from '../plan/factors.ts';
import { typeOfCodes } from '../plan/fixed-type.ts';
import type { Kernel, KernelCode, NodeContext } from './kernel.ts';
import { parallelFactor } from './parallel.ts';
import {
  inputRanges,
  type ProductGraph,
  productCost,
  productFunction,
  productGraph,
  productMember,
} from './product.ts';
import { biasArray, codeMember, weightArray } from './weights.ts';

interface SparseConvDecisions extends Readonly<Record<string, number | string>> {
  readonly convArchitecture: 'pairs' | 'gather';
  /** Slots computed in the same clock. */
  readonly pixelParallelFactor: number;
  /** Filters computed in the same clock. */
  readonly filtParallelFactor: number;
  /** Gather: additions of the adder graph of one slot. */
  readonly adders?: number;
  /** Gather: additions on its longest path. */
  readonly adderDepth?: number;
}

type Context = NodeContext<SparseConv2dNode>;

/** Convolution on the active pixels, in one of two architectures. */
export const sparseConv2dKernel: Kernel<SparseConv2dNode, SparseConvDecisions> = {
  op: 'sparseConv2d',
  options: ['convArchitecture', 'parallelizationFactor', 'pixelParallelFactor', 'filtParallelFactor'],
  loops: (context, decisions) => groupsOf(context, decisions) > 1,

  factors: ({ node }) => ({
    pixelParallelFactor: listValidParallelFactors(node.slots),
    filtParallelFactor: listValidParallelFactors(node.kernel.shape[3]),
  }),

  decide(context, options) {
    const { node } = context;
    const [kh, kw, , filters] = node.kernel.shape;
    if (kh % 2 === 0 || kw % 2 === 0) {
      throw new FirmwareError(`node "${node.name}": kernel ${kh} x ${kw}; a sparse convolution needs odd sizes`);
    }
    const where = `node "${node.name}"`;
    const factors = {
      pixelParallelFactor: parallelFactor(
        where,
        options,
        ['pixelParallelFactor', 'parallelizationFactor'],
        node.slots,
        'slots',
      ),
      filtParallelFactor: parallelFactor(where, options, ['filtParallelFactor'], filters, 'filters'),
    };
    if (architecture(context, options, factors) === 'pairs') return { convArchitecture: 'pairs', ...factors };
    const { adders, depth } = productCost(productOf(context));
    return { convArchitecture: 'gather', ...factors, adders, adderDepth: depth };
  },

  emit: (context, decisions) =>
    decisions.convArchitecture === 'pairs' ? emitPairs(context, decisions) : emitGather(context, decisions),

  cost: (context, decisions) =>
    decisions.convArchitecture === 'pairs' ? pairsCost(context, decisions) : gatherCost(context, decisions),

  describe: ({ node }, { convArchitecture, pixelParallelFactor, filtParallelFactor, adders }) => {
    const [kh, kw, channels, filters] = node.kernel.shape;
    const slots = `${pixelParallelFactor} of ${node.slots} slots`;
    const how =
      convArchitecture === 'pairs'
        ? `pairs, ${slots} x ${filtParallelFactor} of ${filters} filters at once`
        : `gather, ${adders} adders per slot, ${slots} at once`;
    return `sparse conv ${kh} x ${kw}, ${channels} -> ${filters} channels (${how})`;
  },
};

type Factors = Pick<SparseConvDecisions, 'pixelParallelFactor' | 'filtParallelFactor'>;

function architecture(context: Context, options: ResolvedOptions, factors: Factors): 'pairs' | 'gather' {
  const wanted = options.get('convArchitecture') ?? 'auto';
  const filters = context.node.kernel.shape[3];
  if (factors.filtParallelFactor < filters) {
    if (wanted === 'gather') {
      throw new ConfigError(
        `node "${context.node.name}": ${options.origin('filtParallelFactor')}, but convArchitecture gather computes all ${filters} filters of a slot at once; use ${filters} or pairs`,
      );
    }
    return 'pairs';
  }
  if (wanted !== 'auto') return wanted;
  return areaOf(gatherCost(context, factors)) < areaOf(pairsCost(context, factors)) ? 'gather' : 'pairs';
}

function groupsOf({ node }: Context, { pixelParallelFactor, filtParallelFactor }: Factors): number {
  return (node.slots / pixelParallelFactor) * (node.kernel.shape[3] / filtParallelFactor);
}

function sizeLines({ node, id }: Context, { pixelParallelFactor, filtParallelFactor }: Factors): string[] {
  const [kh, kw, channels, filters] = node.kernel.shape;
  return [
    `struct ${id}_config {`,
    `  static const int kernel_height = ${kh}, kernel_width = ${kw};`,
    `  static const int channels = ${channels}, filters = ${filters};`,
    `  static const int pixel_parallel = ${pixelParallelFactor}, filter_parallel = ${filtParallelFactor};`,
  ];
}

function emitPairs(context: Context, decisions: SparseConvDecisions): KernelCode {
  const { node, id } = context;
  const kernel = weightArray(`${id}_kernel`, node.kernel, `kernel of "${node.name}" [row, column, channel, filter]`);
  const bias = biasArray(`${id}_bias`, node.bias, node.kernel.shape[3], node.name);
  return {
    header: 'sp_sparse_conv2d.h',
    constants: [kernel, bias],
    config: [...sizeLines(context, decisions), codeMember('weight_t', kernel), codeMember('bias_t', bias), '};'],
    call: ([x], y) => [`sp::sparse_conv2d_pairs<${id}_config>(${x}, ${id}_kernel, ${id}_bias, ${y});`],
  };
}

function emitGather(context: Context, decisions: SparseConvDecisions): KernelCode {
  const { node, id, inputs, type } = context;
  const [kh, kw, channels, filters] = node.kernel.shape;
  const x = inputs[0].type;
  const bias = biasArray(`${id}_bias`, node.bias, filters, node.name);
  return {
    header: 'sp_sparse_conv2d.h',
    constants: [bias],
    functions: [
      {
        id: `${id}_product`,
        note: `a window times the kernel of "${node.name}" [${kh * kw * channels}, ${filters}]`,
        uses: [],
        lines: productFunction(id, productOf(context), x, type, undefined),
      },
    ],
    config: [
      ...sizeLines(context, decisions),
      codeMember('bias_t', bias),
      `  static const bool ordered = ${isOrdered(context)};`,
      ...productMember(id, x, type),
      '};',
    ],
    call: ([from], to) => [`sp::sparse_conv2d_gather<${id}_config>(${from}, ${id}_bias, ${to});`],
  };
}

/** Valid slots stand in raster order without holes as long as they are those of a reduction, not of a pooling. */
function isOrdered({ inputs }: Context): boolean {
  let origin: NodeContext | undefined = inputs[0];
  while (origin !== undefined && origin.node.name !== origin.inferred.active) [origin] = origin.inputs;
  return origin?.node.op === 'reduce';
}

function productOf(context: Context): ProductGraph {
  const { kernel } = context.node;
  const [kh, kw, channels, filters] = kernel.shape;
  return productGraph(
    kernel,
    kernel.codes,
    filters,
    inputRanges(context.inputs[0], kh * kw * channels, channels, true),
  );
}

/** Bits that two slots' coordinates are compared in. */
function coordinateBits({ node }: Context): number {
  return bitLength(node.shape[0] - 1) + bitLength(node.shape[1] - 1);
}

function pairsCost(context: Context, factors: Factors): NodeCost {
  const { node, inputs, type } = context;
  const [kh, kw, channels] = node.kernel.shape;
  const pairs = factors.pixelParallelFactor * node.slots;
  const weight = typeOfCodes(node.kernel.codes, node.kernel.f).width;
  const product = multiplier(inputs[0].type.width, weight);
  const products = pairs * channels * factors.filtParallelFactor;
  // Offset and window test per pair, gated operand per pair and channel; weight selection, product and addition per pair, channel and filter (terms of
  // hardware §3, sparsepixels §3.2).
  const lut =
    pairs * (coordinateBits(context) + 4 + channels * inputs[0].type.width) +
    products * (product.lut + (weight * kh * kw) / 18) +
    (products * type.width) / 2;
  const depth = 3 + Math.ceil(levels(node.slots * channels) / 3) + (node.bias === undefined ? 0 : 1);
  const groups = groupsOf(context, factors);
  return {
    latency: depth + groups - 1,
    interval: groups,
    multipliers: products,
    lut: Math.round(lut),
    dsp: products * product.dsp,
  };
}

/** The closed form of `hardware §3`: matches, and-or trees that gather the neighbours, adders. */
function gatherCost(context: Context, factors: Factors): NodeCost {
  const { node, inputs, type } = context;
  const [kh, kw, channels, filters] = node.kernel.shape;
  const { slots } = node;
  const share = factors.pixelParallelFactor / slots;
  const ordered = isOrdered(context);
  const product = productCost(productOf(context));
  const matches = ((slots * (slots - 1)) / 2) * (2.7 * (kh + kw) + kh * kw);
  let gathered = 0;
  for (let o = 0; o < slots; o++) {
    for (let t = 0; t < kh * kw; t++) gathered += andOr(candidates(o, t, kh, kw, slots, ordered));
  }
  const bits = inputs[0].type.width * channels;
  const lut = matches + gathered * bits + slots * (product.lut + (filters * type.width) / 2);
  const groups = groupsOf(context, factors);
  const depth = 3 + Math.ceil(product.depth / 3) + (node.bias === undefined ? 0 : 1);
  return {
    latency: depth + groups - 1,
    interval: groups,
    multipliers: 0,
    lut: Math.round(lut * share),
    dsp: 0,
  };
}

/** Slots that can stand at tap `t` of slot `o`; as `detail::can_be_tap` of the kernel. */
function candidates(o: number, t: number, kh: number, kw: number, slots: number, ordered: boolean): number {
  if (!ordered) return slots;
  const row = Math.floor(t / kw) - (kh - 1) / 2;
  const col = (t % kw) - (kw - 1) / 2;
  if (row !== 0) return row < 0 ? o : slots - 1 - o;
  return col < 0 ? Math.min(o, -col) : Math.min(slots - o, col + 1);
}

/** LUTs per bit of an and-or tree over `count` inputs: three pairs fit into a LUT, then six results. */
function andOr(count: number): number {
  let total = 0;
  for (let rest = Math.ceil(count / 3); ; rest = Math.ceil(rest / 6)) {
    total += rest;
    if (rest <= 1) return total;
  }
}
