import { describe, expect, it } from 'vitest';
import type { FormatTable } from '../format/format.ts';
import { formatTable, sizeOf } from '../format/format-table.ts';
import { analyse } from '../graph/analyse.ts';
import { type GraphBuilder, graphBuilder } from '../graph/builder.ts';
import type { Weights } from '../graph/node.ts';
import { decode } from '../interpret/decode.ts';
import { interpret } from '../interpret/interpret.ts';
import { samePads } from '../numeric/window-axis.ts';
import type { GraphNode } from './nodes.ts';

/** A small deterministic generator for test data. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const BATCH = 3;

/** A format per element, some of them signed, coarse or without width. `extra` bits force the BigInt path. */
function randomTable(shape: readonly number[], next: () => number, extra: number): FormatTable {
  const size = sizeOf(shape);
  return formatTable(shape, {
    k: Array.from({ length: size }, () => (next() < 0.7 ? 1 : 0)),
    i: Array.from({ length: size }, () => Math.floor(next() * 4) + extra),
    f: Array.from({ length: size }, () => Math.floor(next() * 6) - 2),
  });
}

function weights(shape: readonly number[], next: () => number, f = 3): Weights {
  const codes = Array.from({ length: sizeOf(shape) }, () => (next() < 0.2 ? 0 : Math.floor(next() * 31) - 15));
  return { shape, codes, f };
}

const real = ({ codes, f }: Weights, index: number): number => codes[index] * 2 ** -f;

interface Case {
  readonly shapes: readonly (readonly number[])[];
  build(g: GraphBuilder, x: readonly GraphNode[]): GraphNode;
  /** The result on real numbers, times the node's divisor. */
  expected(x: readonly number[][], divisor: number): number[];
}

/** Compares a one-op graph with arithmetic on reals, once in numbers and once in BigInts, with a format per element and per tensor. */
function check({ shapes, build, expected }: Case): void {
  for (const extra of [0, 55]) {
    for (const perElement of [true, false]) {
      const next = random(extra + (perElement ? 3 : 4));
      const g = graphBuilder('case');
      const inputs = shapes.map((shape, j) =>
        g.input(`x${j}`, {
          shape,
          format: perElement ? randomTable(shape, next, extra) : { k: 1, i: 3 + extra, f: 2 },
          round: 'RND',
          overflow: 'SAT',
        }),
      );
      const node = build(g, inputs);
      const graph = g.build([node]);
      const data = Object.fromEntries(
        shapes.map((shape, j) => [`x${j}`, Array.from({ length: BATCH * sizeOf(shape) }, () => next() * 16 - 8)]),
      );
      const { values, outputs } = interpret(graph, data, { taps: 'all' });
      const { divisor = 1, format } = node;
      const result = decode({ format }, outputs[node.name]);
      const size = sizeOf(node.shape);
      expect(result.length).toBe(BATCH * size);
      for (let b = 0; b < BATCH; b++) {
        const x = inputs.map((input, j) => {
          const all = decode(input, values.get(input.name)!);
          return Array.from(all.subarray(b * sizeOf(shapes[j]), (b + 1) * sizeOf(shapes[j])));
        });
        const want = expected(x, divisor).map((value) => value + 0);
        expect(Array.from(result.subarray(b * size, (b + 1) * size))).toEqual(want);
      }
    }
  }
}

describe('linear ops', () => {
  it('bound every sum of some of the terms', () => {
    const g = graphBuilder('bounds');
    const x = g.input('x', { shape: [2], format: { k: 0, i: 3, f: 0 } });
    const one = (code: number) => ({ shape: [1], codes: [code], f: 0 });
    const far = g.scaleOffset('far', x, { scale: one(1), offset: one(100) });
    const kernel = { shape: [2, 1], codes: [2, -2], f: 0 };
    // Terms of 0 … 14 and −14 … 0, and of 200 … 214 and −214 … −200: both sums are in −14 … 14.
    const graph = g.build([g.dense('near', x, { kernel }), g.dense('cancelled', far, { kernel, bias: one(3) })]);
    const bounds = Array.from(analyse(graph), ([name, { bound }]) => [name, bound]);
    expect(Object.fromEntries(bounds)).toEqual({ x: 7n, far: 107n, near: 14n, cancelled: 217n });
  });

  it('dense on rows', () => {
    const next = random(1);
    const kernel = weights([4, 5], next);
    const bias = weights([5], next, 6);
    check({
      shapes: [[3, 4]],
      build: (g, [x]) => g.dense('y', x, { kernel, bias }),
      expected: ([x]) =>
        Array.from({ length: 15 }, (_, at) => {
          const [row, u] = [Math.floor(at / 5), at % 5];
          let sum = real(bias, u);
          for (let j = 0; j < 4; j++) sum += x[row * 4 + j] * real(kernel, j * 5 + u);
          return sum;
        }),
    });
  });

  it.each([
    { strides: [1, 1] as const, dilation: [1, 1] as const, groups: 1 },
    { strides: [2, 3] as const, dilation: [1, 1] as const, groups: 2 },
    { strides: [1, 2] as const, dilation: [2, 1] as const, groups: 4 },
  ])('conv2d with %o', ({ strides, dilation, groups }) => {
    const next = random(2);
    const [H, W, C, F, kh, kw] = [5, 6, 4, 4, 2, 3];
    const kernel = weights([kh, kw, C / groups, F], next);
    const bias = weights([F], next, 1);
    const pads = [samePads(H, kh, strides[0], dilation[0]), samePads(W, kw, strides[1], dilation[1])] as const;
    const [oh, ow] = [Math.ceil(H / strides[0]), Math.ceil(W / strides[1])];
    check({
      shapes: [[H, W, C]],
      build: (g, [x]) => g.conv2d('y', x, { kernel, bias, strides, dilation, pads, groups }),
      expected: ([x]) =>
        Array.from({ length: oh * ow * F }, (_, at) => {
          const [u, ox, oy] = [at % F, Math.floor(at / F) % ow, Math.floor(at / F / ow)];
          const first = Math.floor(u / (F / groups)) * (C / groups);
          let sum = real(bias, u);
          for (let a = 0; a < kh; a++) {
            for (let e = 0; e < kw; e++) {
              const iy = oy * strides[0] + a * dilation[0] - pads[0][0];
              const ix = ox * strides[1] + e * dilation[1] - pads[1][0];
              if (iy < 0 || iy >= H || ix < 0 || ix >= W) continue;
              for (let c = 0; c < C / groups; c++) {
                sum += x[(iy * W + ix) * C + first + c] * real(kernel, ((a * kw + e) * (C / groups) + c) * F + u);
              }
            }
          }
          return sum;
        }),
    });
  });

  it('conv1d', () => {
    const next = random(3);
    const kernel = weights([3, 2, 3], next);
    check({
      shapes: [[7, 2]],
      build: (g, [x]) => g.conv1d('y', x, { kernel, stride: 2, pads: [2, 0] }),
      expected: ([x]) =>
        Array.from({ length: 4 * 3 }, (_, at) => {
          const [u, out] = [at % 3, Math.floor(at / 3)];
          let sum = 0;
          for (let a = 0; a < 3; a++) {
            const l = 2 * out + a - 2;
            if (l < 0 || l >= 7) continue;
            for (let c = 0; c < 2; c++) sum += x[l * 2 + c] * real(kernel, (a * 2 + c) * 3 + u);
          }
          return sum;
        }),
    });
  });

  it('einsum', () => {
    check({
      shapes: [
        [2, 3],
        [4, 3],
      ],
      build: (g, [a, b]) => g.einsum('y', a, b, { equation: 'ij,kj->ki' }),
      expected: ([a, b]) =>
        Array.from({ length: 8 }, (_, at) => {
          const [k, i] = [Math.floor(at / 2), at % 2];
          return [0, 1, 2].reduce((sum, j) => sum + a[i * 3 + j] * b[k * 3 + j], 0);
        }),
    });
  });
});

describe('pooling', () => {
  const windows = (length: number, pool: number, stride: number, before: number, count: number): number[][] =>
    Array.from({ length: count }, (_, at) =>
      Array.from({ length: pool }, (_, j) => at * stride - before + j).filter((p) => p >= 0 && p < length),
    );

  it.each([
    { mode: 'max' as const, countPads: false },
    { mode: 'avg' as const, countPads: false },
    { mode: 'avg' as const, countPads: true },
  ])('2-D %o', ({ mode, countPads }) => {
    const rows = windows(5, 3, 2, 1, 3);
    const cols = windows(4, 2, 1, 0, 4);
    check({
      shapes: [[5, 4, 2]],
      build: (g, [x]) =>
        g.pool2d('y', x, {
          mode,
          pool: [3, 2],
          strides: [2, 1],
          pads: [
            [1, 1],
            [0, 1],
          ],
          countPads,
        }),
      expected: ([x], divisor) =>
        rows.flatMap((row) =>
          cols.flatMap((col) =>
            [0, 1].map((c) => {
              const all = row.flatMap((y) => col.map((at) => x[(y * 4 + at) * 2 + c]));
              if (mode === 'max') return Math.max(...all);
              const sum = all.reduce((a, b) => a + b);
              return (sum * divisor) / (countPads ? 6 : all.length);
            }),
          ),
        ),
    });
  });

  it('1-D', () => {
    check({
      shapes: [[6, 2]],
      build: (g, [x]) => g.pool1d('y', x, { mode: 'avg', pool: 3 }),
      expected: ([x], divisor) =>
        [0, 1].flatMap((at) =>
          [0, 1].map((c) => ([0, 1, 2].reduce((s, j) => s + x[(at * 3 + j) * 2 + c], 0) * divisor) / 3),
        ),
    });
  });

  it.each(['sumOver', 'meanOver', 'maxOver', 'minOver'] as const)('%s', (op) => {
    check({
      shapes: [[3, 2, 2]],
      build: (g, [x]) => g[op]('y', x, { axes: [0, 1] }),
      expected: ([x], divisor) =>
        [0, 1].map((c) => {
          const all = x.filter((_, j) => j % 2 === c);
          if (op === 'maxOver') return Math.max(...all);
          if (op === 'minOver') return Math.min(...all);
          const sum = all.reduce((a, b) => a + b);
          return op === 'meanOver' ? (sum * divisor) / 6 : sum;
        }),
    });
  });
});

describe('elementwise ops', () => {
  it.each([
    ['add', (s: number, t: number) => s + t],
    ['sub', (s: number, t: number) => s - t],
    ['mul', (s: number, t: number) => s * t],
    ['max', Math.max],
    ['min', Math.min],
  ] as const)('%s with broadcasting', (op, fn) => {
    check({
      shapes: [
        [2, 3],
        [1, 3],
      ],
      build: (g, [a, b]) => g[op]('y', a, b),
      expected: ([a, b]) => a.map((value, j) => fn(value, b[j % 3])),
    });
  });

  it('scaleOffset', () => {
    const next = random(5);
    const scale = weights([1, 3], next);
    const offset = weights([1, 3], next, 5);
    check({
      shapes: [[4, 3]],
      build: (g, [x]) => g.scaleOffset('y', x, { scale, offset }),
      expected: ([x]) => x.map((value, j) => value * real(scale, j % 3) + real(offset, j % 3)),
    });
  });

  it.each([3, -1])('leakyRelu with slopes of f = %d', (f) => {
    const alpha = { shape: [3], codes: [1, -2, 3], f };
    check({
      shapes: [[3]],
      build: (g, [x]) => g.leakyRelu('y', x, { alpha }),
      expected: ([x]) => x.map((value, j) => (value > 0 ? value : value * real(alpha, j))),
    });
  });

  it('relu', () => {
    check({
      shapes: [[7]],
      build: (g, [x]) => g.relu('y', x),
      expected: ([x]) => x.map((value) => Math.max(0, value)),
    });
  });

  it('argmax takes the first of equals', () => {
    check({
      shapes: [[4, 3]],
      build: (g, [x]) => g.argmax('y', x),
      expected: ([x]) =>
        [0, 1, 2, 3].map((row) => {
          const r = x.slice(row * 3, row * 3 + 3);
          return r.indexOf(Math.max(...r));
        }),
    });
    check({
      shapes: [[3]],
      build: (g, [x]) => g.argmax('y', x, { result: 'oneHot' }),
      expected: ([x]) => x.map((_, j) => (j === x.indexOf(Math.max(...x)) ? 1 : 0)),
    });
  });
});

describe('layout ops', () => {
  it('reshape, transpose, pad and concat', () => {
    check({
      shapes: [[2, 3]],
      build: (g, [x]) => g.transpose('y', g.reshape('r', x, { shape: [3, 1, 2] }), { perm: [2, 0, 1] }),
      expected: ([x]) => [0, 2, 4, 1, 3, 5].map((j) => x[j]),
    });
    check({
      shapes: [[2, 2]],
      build: (g, [x]) =>
        g.pad('y', x, {
          pads: [
            [1, 0],
            [0, 2],
          ],
        }),
      expected: ([x]) => [0, 0, 0, 0, x[0], x[1], 0, 0, x[2], x[3], 0, 0],
    });
    check({
      shapes: [[2, 3]],
      build: (g, [x]) => g.take('y', x, { axis: 1, indices: [2, 0, 0, 1] }),
      expected: ([x]) => [x[2], x[0], x[0], x[1], x[5], x[3], x[3], x[4]],
    });
    check({
      shapes: [
        [2, 1],
        [2, 2],
      ],
      build: (g, x) => g.concat('y', x, { axis: 1 }),
      expected: ([a, b]) => [a[0], b[0], b[1], a[1], b[2], b[3]],
    });
  });
});

describe('ops on lists', () => {
  it('adds, scales and concatenates lists of one origin, and refuses others', () => {
    const g = graphBuilder('residual');
    const x = g.input('x', { shape: [2, 3, 1], format: { k: 1, i: 4, f: 0 } });
    const list = g.reduce('list', x, { slots: 3, threshold: 0 });
    const other = g.reduce('other', x, { slots: 3, threshold: 2 });
    const conv = g.sparseConv2d('conv', list, {
      kernel: { shape: [3, 3, 1, 1], codes: [0, 0, 0, 0, 0, 1, 0, 0, 0], f: 0 },
    });
    const sum = g.add('sum', list, conv);
    const moved = g.scaleOffset('moved', sum, {
      scale: { shape: [1, 1, 1], codes: [2], f: 0 },
      offset: { shape: [1, 1, 1], codes: [-1], f: 0 },
    });
    const both = g.concat('both', [list, moved], { axis: 2 });
    const graph = g.build([both]);
    // Pixels 5, 3 | 2 are active, −1 and 0 are not: 5 has the right neighbour 3.
    const { outputs } = interpret(graph, [5, 3, 0, -1, 0, 2]);
    expect(Array.from(decode(both, outputs.both))).toEqual([5, 15, 3, 5, 0, 0, 0, 0, 0, 0, 2, 3]);
    expect(() => g.add('bad', list, other)).toThrow(/active pixels come from "list" and from "other"/);
    expect(() => g.add('worse', list, x)).toThrow(/list, the other is dense/);
  });
});

describe('lut', () => {
  it('addresses tables by two’s complement, one per channel', () => {
    const g = graphBuilder('lut');
    const x = g.input('x', {
      shape: [2, 2],
      format: formatTable([1, 2], { k: [1, 0], i: [1, 2], f: [1, 0] }),
      overflow: 'SAT',
    });
    const y = g.lut('y', x, {
      f: 1,
      tables: [
        { from: { k: 1, i: 1, f: 1 }, codes: [0, 1, 2, 3, -40, -30, -20, -10] },
        { from: { k: 0, i: 2, f: 0 }, codes: [5, 6, 7, 8] },
      ],
      choice: { shape: [1, 2], index: [0, 1] },
    });
    const { outputs } = interpret(g.build([y]), [-2, 3, 1.5, 0]);
    expect(Array.from(outputs.y.codes, Number)).toEqual([-40, 8, 3, 5]);
    expect(() => g.lut('z', x, { f: 0, tables: [{ from: { k: 0, i: 2, f: 0 }, codes: [1, 2, 3, 4] }] })).toThrow(
      /table 0/,
    );
  });
});
