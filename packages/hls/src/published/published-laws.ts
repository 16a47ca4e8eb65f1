/**
 * Cycles of the original sparse firmware: laws of its loop structure (sparsepixels §3.1, sparsepixels §3.2), not fits. They hold for the
 * published kernels; ours have other loops, see `estimate`.
 */

import { publishedNetworks } from './published-networks.ts';
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
 * Cycles of one published network: the stages one after the other with a cycle between two, and the interval of the reduction plus one. The interval is exact
 * for all published networks; the latency is known up to a few cycles, because pools and dense layers vary by one or two from design to design.
 *
 * @returns undefined for a network whose architecture is not known, and for the dense baselines
 */
export function networkCycles({ task, bits, slots }: Pick<NetworkRow, 'task' | 'bits' | 'slots'>): Cycles | undefined {
  const network = publishedNetworks[task];
  if (network === undefined || slots === undefined) return undefined;
  const reduction = 4 * slots + 3 - (Number.isInteger(Math.log2(slots)) ? 1 : 0);
  const perThree = Math.ceil(slots / 3);
  let stages = 0;
  for (const layer of network.layers) {
    if (layer.kind === 'pool') stages += perThree;
    else if (layer.channels === 1) stages += (bits === 8 ? 2 : 3) + perThree;
    // One more multiplier level, and two cycles per eight slots: 7, 8, 10, 12 at 8 bits and 8, 9, 10, 12 at 16 for 8, 12, 16, 20 slots.
    else stages += Math.max(Math.round(slots / 2 + 2 - (bits === 8 ? 0.5 : 0)), bits === 8 ? 7 : 8);
  }
  const flatten = Math.ceil(slots / 4) + (network.flattenChannels === 1 ? 3 : 2);
  // Dense layers take 4–6 and 1–3, pools up to 2 more than a third of the slots; together 7 or 8.
  const rest = bits === 8 ? 7 : 8;
  return {
    latency: reduction + stages + flatten + network.decision + rest + network.handover,
    interval: reduction + 1,
  };
}
