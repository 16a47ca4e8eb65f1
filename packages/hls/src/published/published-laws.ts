/**
 * Cycles of the original sparse firmware: laws of its loop structure (sparsepixels §3.1, sparsepixels §3.2), not fits. They hold for the
 * published kernels; ours have other loops, see `estimate`.
 */

import { isPowerOfTwo } from '@sp/quant/numeric';
import { type PublishedLayer, publishedNetworks } from './published-networks.ts';
import type { KernelRow, NetworkRow } from './published-rows.ts';

/** Latency and interval in cycles. */
export interface Cycles {
  readonly latency: number;
  readonly interval: number;
}

/** Cycles of one published kernel. */
export function kernelCycles(row: Omit<KernelRow, 'latency' | 'interval' | 'lut' | 'dsp' | 'project'>): Cycles {
  const { kernel, bits, slots, channels, filters, pixels } = row;
  switch (kernel) {
    case 'reduction': {
      const latency = reductionInterval(pixels) * (slots - 1) + reductionDepth(pixels) + 1;
      // With 8 bits and 5 slots the tree saves a stage where it has two more than the interval.
      const saved = bits === 8 && slots <= 5 && reductionDepth(pixels) === reductionInterval(pixels) + 2 ? 1 : 0;
      return { latency: latency - saved, interval: latency - saved };
    }
    case 'conv': {
      // The 10-bit study used an older kernel without the kernel size as parameter.
      const many = slots >= 25 && (bits !== 10 || channels * filters > 1) ? 1 : 0;
      const latency = (bits === 10 ? 1 : 2) + channels + many;
      return { latency, interval: latency };
    }
    case 'avgpool': {
      const latency = Math.ceil(slots / 3);
      return { latency, interval: latency };
    }
    case 'flatten': {
      const latency = 4 + Math.ceil(slots / 4);
      return { latency, interval: latency };
    }
    case 'relu':
      return { latency: 0, interval: 1 };
    default:
      throw new TypeError(`unknown kernel ${kernel satisfies never}`);
  }
}

/** Interval of the loop over slots: a cleared pixel has to be seen by the next search. */
function reductionInterval(pixels: number): number {
  return pixels <= 200 ? 2 : pixels <= 2000 ? 3 : 4;
}

/** Stages of one search through the tree of pixels. */
function reductionDepth(pixels: number): number {
  return pixels <= 128 ? 3 : pixels <= 1024 ? 4 : 5;
}

/**
 * Cycles of one published network: the stages one after the other with a cycle between two, and the interval of the reduction plus one. The interval is exact for all published
 * networks. So is the latency for 13 of the 16 that these laws were read from; the others are 1 or 2 cycles longer, where the tool's scheduler took a cycle more for
 * their weights.
 *
 * @returns undefined for a network whose architecture is not known, and for the dense baselines
 */
export function networkCycles({ task, bits, slots }: Pick<NetworkRow, 'task' | 'bits' | 'slots'>): Cycles | undefined {
  const network = publishedNetworks[task];
  if (network === undefined || slots === undefined) return undefined;
  const reduction = 4 * slots + 3 - (isPowerOfTwo(slots) ? 1 : 0);
  const stages = network.layers.reduce((sum, layer) => sum + layerCycles(layer, bits, slots), 0);
  const flatten = Math.ceil(slots / 4) + (network.flattenChannels === 1 ? 3 : 2);
  // Two dense layers: products in DSPs take a cycle more, and where the slots are no power of two another.
  const dense = bits === 8 ? 6 : 7 + (isPowerOfTwo(slots) ? 0 : 1);
  return {
    latency: reduction + stages + flatten + dense + network.decision + network.handover,
    interval: reduction + 1,
  };
}

function layerCycles(layer: PublishedLayer, bits: number, slots: number): number {
  const narrow = bits === 8;
  const perThree = Math.ceil(slots / 3);
  if (layer.kind === 'conv') {
    if (layer.channels === 1) return (narrow ? 2 : 3) + perThree;
    // The sums over pairs take half a cycle per slot; with few slots the products before them take longer.
    return Math.max(slots / 2 + 2, Math.ceil(slots / 4) + (narrow ? 5 : 6));
  }
  // Three slots a cycle, and one more entry than there are slots; several channels take a cycle more.
  const pooled = Math.ceil((slots + 1) / 3) + (layer.channels > 1 ? 1 : 0);
  // A mean over a power of two is a shift; over others a product, which is slow in a DSP.
  return narrow || isPowerOfTwo(layer.pool) ? pooled : perThree + 3;
}
