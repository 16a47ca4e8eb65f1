import { powerOfTwo, type ReduceNode } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';
import type { ReduceVariant } from '../config/config.ts';
import { areaOf, levels, type NodeCost } from '../estimate/cost.ts';
import { fractionOf, printCpp } from '../plan/fixed-type.ts';
import { type Kernel, type NodeContext, packetsOf } from './kernel.ts';
import { literal } from './literals.ts';
import { quotientFunction } from './small-quotient.ts';

interface ReduceDecisions extends Readonly<Record<string, string>> {
  readonly variant: ReduceVariant;
}

/** Image → list of active pixels. */
export const reduceKernel: Kernel<ReduceNode, ReduceDecisions> = {
  op: 'reduce',
  options: ['variant'],
  loops: (_context, { variant }) => variant !== 'prefix',
  decide: (context, options) => ({ variant: options.get('variant') ?? automaticVariant(context) }),

  emit(context, { variant }) {
    const { node, id, inputs } = context;
    const [image] = inputs;
    const [height, width, channels] = image.node.shape;
    const { f, bits, int } = comparison(context);
    return {
      header: 'sp_reduce.h',
      about: `the first ${node.slots} pixels above ${literal(node.threshold, f)}`,
      config: [
        `struct ${id}_config {`,
        `  static const int height = ${height}, width = ${width}, channels = ${channels};`,
        quotientFunction('row_of', 'pixel', width, height * width),
        `  static const int index_bits = ${Math.max(1, bitLength(height * width - 1))};`,
        `  typedef ${printCpp({ signed: true, width: bits, int })} compare_t;`,
        `  static compare_t threshold() { return compare_t(${literal(node.threshold, f)}); }`,
        '};',
      ],
      call: ([x], y) => [`sp::reduce_${variant}<${id}_config>(${x}, ${y});`],
      // The other variants want to see the whole image.
      ...(variant === 'stream'
        ? { stream: ([x]: readonly string[], y: string) => [`sp::reduce_from_stream<${id}_config>(${x}, ${y});`] }
        : {}),
    };
  },
  streams: (_context, { variant }) => variant === 'stream',
  // When slots leave depends on the image: at the latest after all of it.
  rhythm: ({ node, inputs }) => ({ kind: 'whole', takes: [packetsOf(inputs[0])], gives: node.slots, late: 0 }),

  cost: (context, { variant }): NodeCost => variantCost(context, variant),

  describe: (context, { variant }) => {
    const { node } = context;
    const { f } = comparison(context);
    return `first ${node.slots} pixels above ${node.threshold * powerOfTwo(-f)} (${variant})`;
  },
};

/** Of a stream `stream`; else `prefix` as long as it is not larger by estimate than `tree`, which takes a search per slot. */
function automaticVariant(context: NodeContext<ReduceNode>): ReduceVariant {
  if (context.ioType === 'io_stream') return 'stream';
  return areaOf(variantCost(context, 'prefix')) <= areaOf(variantCost(context, 'tree')) ? 'prefix' : 'tree';
}

function variantCost({ node, type, inputs, ioType }: NodeContext<ReduceNode>, variant: ReduceVariant): NodeCost {
  const [height, width, channels] = inputs[0].node.shape;
  const pixels = height * width;
  const data = type.width * channels + bitLength(pixels);
  if (variant === 'stream') {
    // Slots leave as a stream, or wait in registers until the last pixel has been seen.
    const streamed = ioType === 'io_stream';
    return {
      latency: pixels + (streamed ? node.slots : 0) + 2,
      interval: pixels + (streamed ? node.slots : 0) + 1,
      multipliers: 0,
      lut: 2 * type.width + (streamed ? 1 : node.slots) * data,
      dsp: 0,
    };
  }
  if (variant === 'prefix') return prefixCost(height, width, channels, node.slots, type.width);
  // Found bit and cleared pixel go round a loop through a tree of ⌈log2 pixels⌉ two-to-one selections; measured loop intervals of the
  // same tree are 2 up to 200 pixels, 3 up to 2,000, 4 above (sparsepixels §3.2).
  const ii = pixels <= 200 ? 2 : pixels <= 2000 ? 3 : 4;
  const latency = ii * (node.slots - 1) + Math.ceil(levels(pixels) / 3) + 2;
  const perPixel = Math.max(5, 3.39 * type.width * channels - 5.3);
  return { latency, interval: latency + 1, multipliers: 0, lut: Math.round(pixels * perPixel), dsp: 0 };
}

/**
 * Counting: an adder per pixel and doubling of the distance, within rows and over rows. Moving: in the round of 2^b places only pixels p with p mod 2^(b+1)
 * below the slots can still matter; each is a two-to-one choice of feature, gap and valid bit, two bits of it per LUT.
 */
function prefixCost(height: number, width: number, channels: number, slots: number, bits: number): NodeCost {
  const pixels = height * width;
  const index = bitLength(pixels - 1);
  let moves = 0;
  for (let b = 0; 2 ** b < pixels; b++) moves += Math.min(pixels, slots * Math.ceil(pixels / 2 ** (b + 1)));
  const adders = pixels * (levels(width) * (levels(width) / 2 + 1) + index) + height * levels(height) * index;
  return {
    // Two adder levels or four moves per cycle.
    latency: Math.ceil((levels(width) + levels(height) + 1) / 2) + Math.ceil(index / 4) + 1,
    interval: 1,
    multipliers: 0,
    lut: Math.round(pixels * bits + adders + (moves * (bits * channels + index + 1)) / 2),
    dsp: 0,
  };
}

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
