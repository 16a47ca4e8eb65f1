/**
 * Images that find what real ones do not: all empty, all active, exactly as many active pixels as there are slots, one more and one less, active
 * pixels along the borders, in the corners, in clusters, at all densities, with the smallest, largest and just passing codes.
 */
import { codeRange, type FixedGraph, formatOf, sizeOf } from '@sp/quant';
import type { InputNode } from '@sp/quant/internal';
import { generator, type Random } from './random.ts';

/** Codes by input name, image after image. */
export type TestImages = Readonly<Record<string, readonly bigint[]>>;

/**
 * `count` test images for the inputs of a graph, as codes. Deterministic.
 *
 * @param seed default 1
 */
export function testImages(graph: FixedGraph, count: number, seed = 1): TestImages {
  const random = generator(seed);
  return Object.fromEntries(
    graph.nodes
      .filter((node): node is InputNode => node.op === 'input')
      .map((node) => {
        const codes: bigint[] = [];
        for (let b = 0; b < count; b++) codes.push(...image(graph, node, b, random));
        return [node.name, codes];
      }),
  );
}

function image(graph: FixedGraph, node: InputNode, b: number, random: Random): bigint[] {
  const size = sizeOf(node.shape);
  const ranges = Array.from({ length: size }, (_, j) => codeRange(formatOf(node.format, node.shape, j), node.overflow));
  const anything = (j: number): bigint => {
    const { lo, hi } = ranges[j];
    const kind = random.integer(0, 7);
    if (kind === 0) return lo;
    if (kind === 1) return hi;
    return lo + (BigInt(Math.floor(random.next() * 2 ** 30)) * (hi - lo + 1n)) / (1n << 30n);
  };
  const reduce = graph.nodes.find((other) => other.op === 'reduce' && other.inputs.includes(node.name));
  if (reduce?.op !== 'reduce') {
    if (b === 0) return ranges.map(({ lo }) => (lo > 0n ? lo : 0n));
    if (b === 1) return ranges.map(({ hi }) => hi);
    if (b === 2) return ranges.map(({ lo }) => lo);
    return ranges.map((_, j) => anything(j));
  }
  const [height, width, channels] = node.shape;
  const active = activePixels(b, height, width, reduce.slots, random);
  const codes = ranges.map(({ lo }) => (lo > 0n ? lo : 0n));
  const threshold = BigInt(reduce.threshold);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const at = pixel * channels;
    const { lo, hi } = ranges[at];
    const inside = (code: bigint): bigint => (code < lo ? lo : code > hi ? hi : code);
    if (active.has(pixel)) {
      const above =
        threshold + 1n + BigInt(Math.floor(random.next() * Number(hi - threshold > 0n ? hi - threshold : 0n)));
      codes[at] = inside(random.pick([threshold + 1n, hi, above, above]));
    } else if (b % 3 === 1) codes[at] = inside(random.pick([threshold, threshold - 1n, lo]));
    for (let c = 1; c < channels; c++)
      codes[at + c] = b % 2 === 0 && !active.has(pixel) ? codes[at + c] : anything(at + c);
  }
  return codes;
}

/** Which pixels are active in image `b`. */
function activePixels(b: number, height: number, width: number, slots: number, random: Random): Set<number> {
  const pixels = height * width;
  const all = Array.from({ length: pixels }, (_, p) => p);
  const some = (count: number, from: readonly number[] = all): Set<number> => {
    const chosen = new Set<number>();
    while (chosen.size < Math.min(count, from.length)) chosen.add(random.pick(from));
    return chosen;
  };
  const row = (p: number): number => Math.floor(p / width);
  const col = (p: number): number => p % width;
  const cluster = (side: number): number[] => {
    const [y, x] = [random.integer(0, Math.max(0, height - side)), random.integer(0, Math.max(0, width - side))];
    return all.filter((p) => row(p) >= y && row(p) < y + side && col(p) >= x && col(p) < x + side);
  };
  switch (b % 20) {
    case 0:
      return new Set();
    case 1:
      return new Set(all);
    case 2:
      return some(slots);
    case 3:
      return some(slots + 1);
    case 4:
      return some(slots - 1);
    case 5:
      return new Set(all.filter((p) => row(p) === 0));
    case 6:
      return new Set(all.filter((p) => row(p) === height - 1));
    case 7:
      return new Set(all.filter((p) => col(p) === 0));
    case 8:
      return new Set(all.filter((p) => col(p) === width - 1));
    case 9:
      return new Set([0, width - 1, pixels - width, pixels - 1]);
    case 10:
      return new Set(cluster(4));
    case 11:
      return new Set([...cluster(2), ...cluster(3), ...cluster(2)]);
    case 12:
      return new Set(all.slice(0, slots));
    case 13:
      return new Set(all.slice(pixels - slots));
    case 14:
      return new Set([...all.slice(pixels - slots + 1), 0]);
    case 15:
      return some(
        slots,
        all.filter((p) => [0, height - 1].includes(row(p)) || [0, width - 1].includes(col(p))),
      );
    case 16:
      return some(random.integer(0, 1));
    case 17:
      return some(2 * slots, cluster(8));
    default: {
      // 0.2 % to 20 %, evenly over the orders of magnitude.
      const density = 0.002 * 100 ** random.next();
      return new Set(all.filter(() => random.next() < density));
    }
  }
}
