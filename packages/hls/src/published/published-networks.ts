/** A layer of a published network. */
export type PublishedLayer =
  | { readonly kind: 'conv'; readonly side: number; readonly channels: number; readonly filters: number }
  | { readonly kind: 'pool'; readonly pool: number; readonly channels: number };

/** Architecture of a published network (`sparsepixels §2`). */
export interface PublishedNetwork {
  /** Pixels of its image. */
  readonly pixels: number;
  readonly layers: readonly PublishedLayer[];
  readonly flattenChannels: number;
  /** Weights of its dense layers; those of the first. */
  readonly dense: { readonly all: number; readonly first: number };
  /** Outputs; softmax uses a DSP for each, a single sigmoid none. */
  readonly classes: number;
  /** Cycles of the softmax or sigmoid. */
  readonly decision: number;
  /** Cycles between the stages of the dataflow region. */
  readonly handover: number;
}

const conv = (side: number, channels: number, filters: number) => ({ kind: 'conv', side, channels, filters }) as const;
const pool = (size: number, channels: number) => ({ kind: 'pool', pool: size, channels }) as const;

/** The networks of the published reports, by task. */
export const publishedNetworks: Readonly<Record<string, PublishedNetwork>> = {
  jet: {
    pixels: 56 * 56,
    layers: [conv(9, 1, 3), conv(9, 3, 1), pool(4, 1)],
    flattenChannels: 1,
    dense: { all: 196 * 20 + 20 * 5, first: 196 * 20 },
    classes: 5,
    decision: 5,
    handover: 10,
  },
  sparsemnist: {
    pixels: 48 * 48,
    layers: [conv(7, 1, 1), pool(4, 1), conv(5, 1, 3), pool(2, 3)],
    flattenChannels: 3,
    dense: { all: 108 * 36 + 36 * 10, first: 108 * 36 },
    classes: 10,
    decision: 6,
    handover: 11,
  },
  neutrino: {
    pixels: 63 * 63,
    layers: [conv(7, 1, 1), conv(7, 1, 3), pool(7, 3)],
    flattenChannels: 3,
    dense: { all: 243 * 16 + 16, first: 243 * 16 },
    classes: 1,
    decision: 2,
    handover: 7,
  },
};
