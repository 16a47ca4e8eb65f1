import { type Format, formatTable, type GraphNode, type Weights } from '@sp/quant';
import { type FormatTable, type GraphBuilder, OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import type { Random } from './random.ts';

/** Told of every layer as soon as it is there, and what goes into it: whoever configures layers can draw their options in between. */
export type LayerObserver = (layer: GraphNode, input: GraphNode) => void;

/** A node that rounds to random formats. */
export function requantized(random: Random, g: GraphBuilder, name: string, x: GraphNode): GraphNode {
  const kind = random.pick(['one', 'channel', 'channel', 'element'] as const);
  return g.requantize(name, x, {
    to: randomTable(random, x.shape, kind, false),
    round: random.pick(ROUND_MODES),
    overflow: random.pick(OVERFLOW_MODES),
  });
}

/** Formats of a few bits; some channels or elements have no width at all. */
export function randomTable(
  random: Random,
  shape: readonly number[],
  kind: 'one' | 'channel' | 'element',
  input: boolean,
): FormatTable {
  const own = shape.map((size, d) => (kind === 'element' || (kind === 'channel' && d === shape.length - 1) ? size : 1));
  const count = own.reduce((product, size) => product * size, 1);
  const base = random.integer(-2, 3);
  const formats: Format[] = Array.from({ length: count }, (_, j) => {
    if (random.chance(0.1) && !(input && j === 0))
      return { k: random.pick([0, 1] as const), i: -3, f: random.integer(0, 2) };
    const width = random.chance(0.03) ? random.integer(30, 80) : random.integer(1, 7);
    const k = random.chance(0.4) ? 1 : 0;
    const i = base + random.integer(0, 1);
    return { k, i, f: width - k - i };
  });
  return formatTable(own, { k: formats.map(({ k }) => k), i: formats.map(({ i }) => i), f: formats.map(({ f }) => f) });
}

/** Weights of a few bits, some or most of them 0. */
export function randomWeights(random: Random, shape: number[]): Weights {
  const bits = random.pick([1, 3, 4, 7]);
  const zeros = random.pick([0, 0.2, 0.9]);
  const codes = Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () =>
    random.chance(zeros) ? 0 : random.integer(-(2 ** bits), 2 ** bits),
  );
  return { shape, codes, f: random.integer(-1, 5) };
}

/** Images among which are: all empty, all active, extreme values, values half way between two codes. */
export function randomImages(random: Random, input: GraphNode, batch: number, density: number): Float64Array {
  const size = input.shape.reduce((product, length) => product * length, 1);
  const channels = input.shape[input.shape.length - 1];
  const scale = 2 ** (Math.max(...input.format.i) + 1);
  const half = 2 ** -(Math.max(...input.format.f) + 1);
  const images = new Float64Array(batch * size);
  for (let b = 0; b < batch; b++) {
    const share = b === 0 ? 0 : b === 1 ? 1 : density * random.next() * 2;
    const extreme = b === 2 || b === 3;
    for (let p = 0; p < size; p += channels) {
      if (!random.chance(share)) continue;
      for (let c = 0; c < channels; c++) {
        const value = (random.next() * 2 - 0.7) * scale;
        const tie = b % 2 === 1 ? Math.round(value / half) * half : value;
        images[b * size + p + c] = extreme ? (random.chance(0.5) ? -4 : 4) * scale : tie;
      }
    }
  }
  return images;
}
