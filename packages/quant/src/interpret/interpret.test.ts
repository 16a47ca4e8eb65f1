import { describe, expect, it } from 'vitest';
import { formatTable } from '../format/format-table.ts';
import { graphBuilder } from '../graph/builder.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import type { Weights } from '../graph/node.ts';
import { decode } from './decode.ts';
import { interpret } from './interpret.ts';

/** A small deterministic generator for test data. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function weights(shape: number[], bits: number, f: number, next: () => number): Weights {
  const size = shape.reduce((a, b) => a * b, 1);
  const span = 2 ** bits;
  return { shape, codes: Array.from({ length: size }, () => Math.floor(next() * 2 * span) - span), f };
}

interface Network {
  readonly graph: FixedGraph;
  readonly kernels: Weights[];
  readonly biases: Weights[];
}

const H = 13;
const W = 11;
const POOL: [number, number] = [3, 2];

function network(slots: number, mode: 'avg' | 'max', wideBits = 0): Network {
  const next = random(7);
  const g = graphBuilder('net');
  const image = g.input('image', {
    shape: [H, W, 2],
    format: { k: 1, i: 2 + wideBits, f: 5 },
    round: 'RND',
    overflow: 'SAT',
  });
  const list = g.reduce('list', image, { slots, threshold: 6 });
  const kernels = [weights([3, 5, 2, 3], 5, 4, next), weights([3, 3, 3, 2], 5, 4, next)];
  const biases = [weights([3], 5, 7, next), weights([2], 5, 3, next)];
  const conv1 = g.sparseConv2d('conv1', list, { kernel: kernels[0], bias: biases[0] });
  const relu = g.relu('relu', conv1);
  const pooled = g.sparsePool2d('pool', relu, { mode, pool: POOL });
  const cast = g.requantize('cast', pooled, {
    to: { k: 0, i: 5 + wideBits, f: 3 },
    round: 'RND_CONV',
    overflow: 'SAT',
  });
  const conv2 = g.sparseConv2d('conv2', cast, { kernel: kernels[1], bias: biases[1] });
  const flat = g.sparseFlatten('flat', conv2);
  return { graph: g.build([flat]), kernels, biases };
}

/** The same network written naively on dense images of reals; all values are exact in doubles. */
function oracle(image: Float64Array, slots: number, mode: 'avg' | 'max', { kernels, biases }: Network): number[] {
  let active: boolean[] = Array.from({ length: H * W }, () => false);
  let left = slots;
  for (let p = 0; p < H * W && left > 0; p++) {
    if (image[2 * p] > 6 / 32) {
      active[p] = true;
      left--;
    }
  }
  let map = Array.from(image, (value, j) => (active[Math.floor(j / 2)] ? value : 0));
  const conv = (x: number[], height: number, width: number, kernel: Weights, bias: Weights): number[] => {
    const [kh, kw, channels, filters] = kernel.shape;
    const y = new Array<number>(height * width * filters).fill(0);
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        for (let u = 0; u < filters; u++) {
          let sum = 0;
          for (let a = 0; a < kh; a++) {
            for (let b = 0; b < kw; b++) {
              const row = r + a - (kh - 1) / 2;
              const col = c + b - (kw - 1) / 2;
              if (row < 0 || row >= height || col < 0 || col >= width) continue;
              for (let ch = 0; ch < channels; ch++) {
                const w = kernel.codes[((a * kw + b) * channels + ch) * filters + u] * 2 ** -kernel.f;
                sum += w * x[(row * width + col) * channels + ch];
              }
            }
          }
          if (sum !== 0) sum += bias.codes[u] * 2 ** -bias.f;
          y[(r * width + c) * filters + u] = active[r * width + c] ? sum : 0;
        }
      }
    }
    return y;
  };
  map = conv(map, H, W, kernels[0], biases[0]).map((value) => Math.max(0, value));
  const ph = Math.floor(H / POOL[0]);
  const pw = Math.floor(W / POOL[1]);
  const pooled = new Array<number>(ph * pw * 3).fill(0);
  const cells = Array.from({ length: ph * pw }, () => false);
  for (let r = 0; r < ph * POOL[0]; r++) {
    for (let c = 0; c < pw * POOL[1]; c++) {
      const cell = Math.floor(r / POOL[0]) * pw + Math.floor(c / POOL[1]);
      cells[cell] ||= active[r * W + c];
      for (let ch = 0; ch < 3; ch++) {
        const value = map[(r * W + c) * 3 + ch];
        pooled[cell * 3 + ch] = mode === 'avg' ? pooled[cell * 3 + ch] + value : Math.max(pooled[cell * 3 + ch], value);
      }
    }
  }
  const area = mode === 'avg' ? POOL[0] * POOL[1] : 1;
  active = cells;
  // code = value · 8 / area, round half to even, computed on exact integers.
  const cast = pooled.map((value) => {
    const scaled = value * 2 ** 20;
    const den = (area * 2 ** 20) / 8;
    const floor = Math.floor(scaled / den);
    const twice = 2 * (scaled - floor * den);
    const code = twice > den || (twice === den && floor % 2 === 1) ? floor + 1 : floor;
    return Math.min(code, 255) / 8;
  });
  return conv(cast, ph, pw, kernels[1], biases[1]);
}

function images(count: number, density: number, seed: number): Float64Array {
  const next = random(seed);
  return Float64Array.from({ length: count * H * W * 2 }, () => {
    const on = next() < density;
    return on ? Math.round((next() * 5.9 - 2) * 32) / 32 : 0;
  });
}

describe('a sparse network', () => {
  it.each(['avg', 'max'] as const)('equals a naive dense computation with %s pooling', (mode) => {
    for (const slots of [1, 6, 40]) {
      const net = network(slots, mode);
      const x = images(24, 0.2, slots);
      x.fill(0, 0, H * W * 2); // an empty image
      const { outputs } = interpret(net.graph, x);
      const flat = net.graph.nodes.at(-1)!;
      const real = decode(flat, outputs.flat);
      const size = real.length / 24;
      for (let b = 0; b < 24; b++) {
        const expected = oracle(x.subarray(b * H * W * 2, (b + 1) * H * W * 2), slots, mode, net);
        expect(Array.from(real.subarray(b * size, (b + 1) * size))).toEqual(expected.map((value) => value + 0));
      }
    }
  });

  it('gives the same on BigInts when formats are too wide for doubles', () => {
    const x = images(8, 0.2, 5);
    const plain = interpret(network(12, 'avg').graph, x);
    const wide = interpret(network(12, 'avg', 40).graph, x);
    expect(plain.outputs.flat.codes).toBeInstanceOf(Float64Array);
    expect(Array.from(wide.outputs.flat.codes, Number)).toEqual(Array.from(plain.outputs.flat.codes as Float64Array));
  });
});

describe('max pooling of a list', () => {
  it('counts an empty pixel of a cell as 0, and only then', () => {
    const g = graphBuilder('max');
    const image = g.input('image', { shape: [2, 4, 2], format: { k: 1, i: 3, f: 0 } });
    const list = g.reduce('list', image, { slots: 8, threshold: 0 });
    const pool = g.sparsePool2d('pool', list, { mode: 'max', pool: [2, 2] });
    // Channel 1 is negative everywhere; the left cell has one inactive pixel, the right one none.
    const pixels = [1, -3, 2, -4, 1, -5, 1, -6, 0, -1, 3, -2, 1, -7, 1, -8];
    const { outputs } = interpret(g.build([pool]), pixels);
    expect([...decode(pool, outputs.pool)]).toEqual([3, 0, 1, -5]);
  });
});

describe('requantize', () => {
  it('uses the format of the slot position and counts overflow', () => {
    const g = graphBuilder('positions');
    const image = g.input('image', { shape: [1, 3, 1], format: { k: 0, i: 2, f: 2 } });
    const list = g.reduce('list', image, { slots: 3, threshold: 0 });
    const to = formatTable([1, 3, 1], { k: 0, i: [2, 1, 0], f: [0, 1, -5] });
    const cast = g.requantize('cast', list, { to, round: 'TRN', overflow: 'SAT' });
    expect(cast.format).toEqual({ shape: [1, 1, 1], k: [0], i: [2], f: [1] });
    const result = interpret(g.build([cast]), [2.75, 2.75, 2.75], { countOverflow: true });
    expect(Array.from(result.outputs.cast.codes, Number)).toEqual([4, 3, 0]);
    expect(result.overflow.get('cast')).toBe(1);
  });
});

describe('options', () => {
  const g = graphBuilder('two');
  const a = g.input('a', { shape: [2], format: { k: 1, i: 3, f: 0 } });
  const y = g.dense('y', a, { kernel: { shape: [2, 1], codes: [1, -1], f: 0 } });
  const z = g.relu('z', y);
  const graph = g.build([z]);

  it('taps values by name, takes codes, and refuses bad data', () => {
    const { values } = interpret(graph, { a: [1, 4, 5, 2] }, { inputs: 'codes', taps: ['y'] });
    expect([...values.keys()]).toEqual(['y']);
    expect(Array.from(values.get('y')!.codes, Number)).toEqual([-3, 3]);
    expect([...interpret(graph, [1, 4], { measureTime: true }).milliseconds.keys()]).toEqual(['a', 'y', 'z']);
    expect(interpret(graph, [1, 4]).milliseconds.size).toBe(0);
    expect([...interpret(graph, [1, 4], { taps: 'all' }).values.keys()]).toEqual(['a', 'y', 'z']);
    expect(() => interpret(graph, [1, 2, 3])).toThrow(/a: 3 values/);
    expect(() => interpret(graph, { b: [1, 2] })).toThrow(/"b" is no input/);
    expect(() => interpret(graph, [1, 9], { inputs: 'codes' })).toThrow(/code 1 is 9/);
    expect(() => interpret(graph, [1, Number.NaN])).toThrow(/NaN/);
    expect(() => interpret(graph, [1, 2], { taps: ['nothing'] })).toThrow(/tap "nothing"/);
  });
});
