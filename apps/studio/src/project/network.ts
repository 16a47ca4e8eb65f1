/** A network as its editor sees it: a list of layers as plain data. */

/** Keeps the first `n` pixels above a threshold. Comes first. */
export interface ReduceSpec {
  readonly kind: 'reduce';
  readonly name: string;
  /** Pixel budget to start from. */
  readonly n: number;
  /** In units of the pixels. */
  readonly threshold: number;
  /** Whether budget and threshold are learned, in the first half of a training. */
  readonly learn: boolean;
  /** Weight of the budget in the loss. */
  readonly betaN: number;
}

/** What layers with weights have in common. */
interface Weighted {
  readonly name: string;
  readonly relu: boolean;
  /** Fraction bits of the layer's inputs to start from. */
  readonly bits: number;
  /** Bits of its weights to start from, without sign. */
  readonly weightBits: number;
  /** Weight of its EBOPs in the loss; null: the network's. */
  readonly beta: number | null;
}

/** Convolution on the active pixels. */
export interface ConvSpec extends Weighted {
  readonly kind: 'conv';
  readonly filters: number;
  /** Side of the kernel, odd. */
  readonly kernel: number;
}

/** Pooling of squares of pixels. */
export interface PoolSpec {
  readonly kind: 'pool';
  readonly name: string;
  readonly mode: 'average' | 'max';
  readonly size: number;
}

/** From the list of pixels to a vector. */
export interface FlattenSpec {
  readonly kind: 'flatten';
  readonly name: string;
}

/** Every output from every input. */
export interface DenseSpec extends Weighted {
  readonly kind: 'dense';
  /** 'classes': one per class of the data. */
  readonly units: number | 'classes';
}

/** One layer. */
export type LayerSpec = ReduceSpec | ConvSpec | PoolSpec | FlattenSpec | DenseSpec;

/** A kind of layer. */
export type LayerKind = LayerSpec['kind'];

/** A whole network. */
export interface NetworkSpec {
  readonly layers: readonly LayerSpec[];
  /** Weight of the EBOPs in the loss. */
  readonly beta: number;
}

/** What the network is built for. */
export interface ImagesLike {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
}

/** Outputs of a dense layer. */
export function unitsOf({ units }: DenseSpec, { classes }: Pick<ImagesLike, 'classes'>): number {
  return units === 'classes' ? classes : units;
}

/** A new layer of a kind, with a name that no other has. */
export function newLayer(kind: LayerKind, others: readonly LayerSpec[]): LayerSpec {
  const count = others.filter((layer) => layer.kind === kind).length;
  let number = count + 1;
  while (others.some(({ name }) => name === `${kind}${number}`)) number++;
  const name = `${kind}${number}`;
  const weighted = { name, relu: true, bits: 7, weightBits: 8, beta: null };
  switch (kind) {
    case 'reduce':
      return { kind, name: 'reduce', n: 20, threshold: 0, learn: true, betaN: 8e-3 };
    case 'conv':
      return { kind, ...weighted, filters: 4, kernel: 3 };
    case 'pool':
      return { kind, name, mode: 'average', size: 2 };
    case 'flatten':
      return { kind, name: 'flatten' };
    case 'dense':
      return { kind, ...weighted, units: 16 };
    default:
      throw new Error(`unknown kind of layer ${String(kind satisfies never)}`);
  }
}

/** The network with other values of the reduction. */
export function withReduction(network: NetworkSpec, change: Partial<ReduceSpec>): NetworkSpec {
  const layers = network.layers.map((layer) => (layer.kind === 'reduce' ? { ...layer, ...change } : layer));
  return { ...network, layers };
}

/** The reduction of a network; undefined: it has none. */
export function reductionOf({ layers }: NetworkSpec): ReduceSpec | undefined {
  return layers.find((layer) => layer.kind === 'reduce');
}
