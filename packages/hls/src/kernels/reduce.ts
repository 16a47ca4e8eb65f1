import { powerOfTwo, type ReduceNode } from '@sp/quant';
import type { ReduceVariant } from '../config/config.ts';
import { levels, type NodeCost } from '../estimate/cost.ts';
import { bitLength, fractionOf, printCpp } from '../plan/fixed-type.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { literal } from './literals.ts';

interface ReduceDecisions extends Readonly<Record<string, string>> {
  readonly variant: ReduceVariant;
}

/** Image → list of active pixels. */
export const reduceKernel: Kernel<ReduceNode, ReduceDecisions> = {
  op: 'reduce',
  options: ['variant'],
  loops: () => true,
  decide: (_context, options) => ({ variant: options.get('variant') ?? 'tree' }),

  emit(context, { variant }) {
    const { node, id, inputs } = context;
    const [image] = inputs;
    const [height, width, channels] = image.node.shape;
    const { f, bits, int } = comparison(context);
    return {
      header: 'sp_reduce.h',
      config: [
        `// "${node.name}": the first ${node.slots} pixels above ${literal(node.threshold, f)}`,
        `struct ${id}_config {`,
        `  static const int height = ${height}, width = ${width}, channels = ${channels};`,
        `  static const int index_bits = ${Math.max(1, bitLength(height * width - 1))};`,
        `  typedef ${printCpp({ signed: true, width: bits, int })} compare_t;`,
        `  static compare_t threshold() { return compare_t(${literal(node.threshold, f)}); }`,
        '};',
      ],
      call: ([x], y) => [`sp::reduce_${variant}<${id}_config>(${x}, ${y});`],
    };
  },

  cost({ node, type, inputs }, { variant }): NodeCost {
    const [height, width, channels] = inputs[0].node.shape;
    const pixels = height * width;
    const data = type.width * channels + bitLength(pixels);
    if (variant === 'stream') {
      return {
        latency: pixels + 2,
        interval: pixels + 1,
        multipliers: 0,
        lut: 2 * type.width + node.slots * data,
        dsp: 0,
      };
    }
    // Found bit and cleared pixel go round a loop through a tree of ⌈log2 pixels⌉ two-to-one selections; measured loop intervals of the
    // same tree are 2 up to 200 pixels, 3 up to 2,000, 4 above (sparsepixels §3.2).
    const ii = pixels <= 200 ? 2 : pixels <= 2000 ? 3 : 4;
    const latency = ii * (node.slots - 1) + Math.ceil(levels(pixels) / 3) + 2;
    return { latency, interval: latency + 1, multipliers: 0, lut: Math.round(pixels * (3.39 * data - 5.3)), dsp: 0 };
  },

  describe: (context, { variant }) => {
    const { node } = context;
    const { f } = comparison(context);
    return `first ${node.slots} pixels above ${node.threshold * powerOfTwo(-f)} (${variant})`;
  },
};

/** Fraction bits of the threshold's code, and a signed type that holds both a pixel and the threshold. */
function comparison({ node, inferred, inputs: [image] }: NodeContext<ReduceNode>): {
  f: number;
  bits: number;
  int: number;
} {
  const f = inferred.ranges.f[0];
  const fraction = Math.max(fractionOf(image.type), f);
  const thresholdInt = bitLength(Math.abs(node.threshold)) - f;
  const int = Math.max(image.type.int, thresholdInt, 1 - fraction) + 2;
  return { f, bits: int + fraction, int };
}
