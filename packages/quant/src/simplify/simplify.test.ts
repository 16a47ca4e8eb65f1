import { describe, expect, it } from 'vitest';
import type { FormatTable } from '../format/format.ts';
import { graphBuilder } from '../graph/builder.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import { decode } from '../interpret/decode.ts';
import { interpret } from '../interpret/interpret.ts';
import type { GraphNode } from '../ops/nodes.ts';
import { simplify } from './simplify.ts';

const names = (graph: FixedGraph): string[] => graph.nodes.map(({ name }) => name);
const reals = (graph: FixedGraph, x: readonly number[]): number[][] => {
  const { outputs } = interpret(graph, x);
  return graph.outputs.map((name) => [...decode(graph.nodes.find((node) => node.name === name)!, outputs[name])]);
};
const same = (graph: FixedGraph, x: readonly number[]): FixedGraph => {
  const smaller = simplify(graph);
  expect(reals(smaller, x)).toEqual(reals(graph, x));
  return smaller;
};

describe('simplify', () => {
  it('drops casts that change nothing, but not outputs and not before a table on another scale', () => {
    const g = graphBuilder('casts');
    const x = g.input('x', { shape: [2], format: { k: 1, i: 2, f: 1 } });
    const wide = g.requantize('wide', x, { to: { k: 1, i: 3, f: 2 } });
    const y = g.dense('y', wide, { kernel: { shape: [2, 1], codes: [3, 5], f: 0 } });
    const table = g.lut('table', wide, {
      f: 0,
      tables: [{ from: { k: 1, i: 3, f: 2 }, codes: Array.from({ length: 64 }, (_, j) => j) }],
    });
    const same1 = g.requantize('same', y, { to: { k: 1, i: 9, f: 1 } });
    expect(names(same(g.build([same1]), [1.5, -2]))).toEqual(['x', 'y', 'same']);
    expect(names(same(g.build([table]), [1.5, -2]))).toEqual(['x', 'wide', 'table']);
  });

  it('drops of casts in a row only those that leave codes on their scale', () => {
    const g = graphBuilder('row');
    const image = g.input('image', { shape: [1, 4, 1], format: { k: 0, i: 0, f: 4 } });
    const fine = { to: { k: 0, i: 0, f: 6 }, overflow: 'SAT' } as const;
    const a = g.requantize('a', image, fine);
    const between = g.relu('between', a);
    const b = g.requantize('b', a, fine);
    const c = g.requantize('c', between, fine);
    const pixels = (name: string, x: GraphNode): GraphNode =>
      g.sparseFlatten(name, g.reduce(`${name}_list`, x, { slots: 4, threshold: 20 }));
    // 20/64 keeps all but the first pixel; read as 20/16 it would keep none.
    const smaller = same(g.build([pixels('direct', b), pixels('relued', c)]), [0.25, 0.5, 0.75, 0.9375]);
    expect(names(smaller)).not.toContain('a');

    const h = graphBuilder('table');
    const x = h.input('x', { shape: [1], format: { k: 0, i: 0, f: 2 } });
    const from = { k: 0, i: 0, f: 3 } as const;
    const twice = h.requantize('twice', h.requantize('once', x, { to: from }), { to: from });
    const table = h.lut('table', twice, { tables: [{ from, codes: [0, 1, 4, 9, 16, 25, 36, 49] }], f: 6 });
    expect(names(same(h.build([table]), [0.75]))).toEqual(['x', 'twice', 'table']);
  });

  it('folds scale and offset into the kernel before', () => {
    const g = graphBuilder('fold');
    const x = g.input('x', { shape: [2], format: { k: 1, i: 2, f: 1 } });
    const y = g.dense('y', x, {
      kernel: { shape: [2, 2], codes: [3, 5, -1, 2], f: 1 },
      bias: { shape: [2], codes: [1, -7], f: 3 },
    });
    const z = g.scaleOffset('z', y, {
      scale: { shape: [2], codes: [5, -3], f: 2 },
      offset: { shape: [2], codes: [0, 9], f: 9 },
    });
    const graph = g.build([z]);
    const smaller = same(graph, [1.5, -2, 0.5, 3.5]);
    expect(smaller.nodes.map(({ op }) => op)).toEqual(['input', 'dense']);
    expect(smaller.outputs).toEqual(['z']);
  });

  it('computes equal things once and drops what nobody reads', () => {
    const g = graphBuilder('twice');
    const x = g.input('x', { shape: [2], format: { k: 1, i: 2, f: 1 } });
    const unused = g.input('unused', { shape: [1], format: { k: 1, i: 2, f: 1 } });
    const a = g.relu('a', x);
    const b = g.relu('b', x);
    g.relu('dead', unused);
    const sum = g.add('sum', a, b);
    const smaller = simplify(g.build([sum]));
    expect(names(smaller)).toEqual(['x', 'unused', 'a', 'sum']);
    expect(smaller.nodes.at(-1)!.inputs).toEqual(['a', 'a']);
  });

  it('removes channels that are always 0, through pooling and flatten', () => {
    const g = graphBuilder('prune');
    const x = g.input('x', { shape: [4, 4, 1], format: { k: 0, i: 2, f: 0 } });
    const list = g.reduce('list', x, { slots: 4, threshold: 0 });
    // Filter 1 has no weights; filter 2 has only negative ones in front of a relu.
    const kernel = { shape: [1, 1, 1, 3], codes: [2, 0, -5], f: 0 };
    const conv = g.sparseConv2d('conv', list, { kernel, bias: { shape: [3], codes: [1, 4, -1], f: 0 } });
    const relu = g.relu('relu', conv);
    const pool = g.sparsePool2d('pool', relu, { mode: 'avg', pool: [2, 2] });
    const cast = g.requantize('cast', pool, { to: { k: 0, i: 4, f: 1 }, overflow: 'SAT' });
    const flat = g.sparseFlatten('flat', cast);
    const fc = g.dense('fc', flat, {
      kernel: { shape: [12, 2], codes: Array.from({ length: 24 }, (_, j) => j - 11), f: 0 },
    });
    const graph = g.build([fc]);
    const smaller = same(graph, [0, 1, 3, 0, 0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 3, 3]);
    const shapes = Object.fromEntries(smaller.nodes.map((node: GraphNode) => [node.name, node.shape]));
    expect(shapes).toMatchObject({ conv: [4, 4, 1], pool: [2, 2, 1], flat: [4], fc: [2] });
  });

  it('requantises the slots of a list instead of the pixels of the image', () => {
    const build = (slots: number, to: FormatTable): FixedGraph => {
      const g = graphBuilder('hoist');
      const x = g.input('x', { shape: [4, 4, 2], format: { k: 0, i: 2, f: 0 } });
      const list = g.reduce('list', x, { slots, threshold: 0 });
      const pool = g.sparsePool2d('pool', list, { mode: 'avg', pool: [2, 2] });
      const flat = g.sparseFlatten('flat', pool);
      const cast = g.requantize('cast', flat, { to, round: 'RND_CONV', overflow: 'SAT' });
      const fc = g.dense('fc', cast, { kernel: { shape: [8, 1], codes: [1, 2, 3, 4, 5, 6, 7, 8], f: 0 } });
      return g.build([fc]);
    };
    const formats = [...Array(4)].flatMap(
      () =>
        [
          { k: 0, i: 1, f: 1 },
          { k: 0, i: 2, f: 0 },
        ] as const,
    );
    const table = (f: number): FormatTable => ({
      shape: [8],
      k: formats.map(({ k }) => k),
      i: formats.map(({ i }) => i),
      f: formats.map((format, j) => (j === 7 ? f : format.f)),
    });
    const image = [0, 0, 1, 3, 3, 2, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 3, 3, 3, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2];
    const smaller = same(build(3, table(0)), image);
    expect(names(smaller)).toEqual(['x', 'list', 'pool', 'cast', 'flat', 'fc']);
    expect(smaller.nodes[3]).toMatchObject({ slots: 3, shape: [2, 2, 2], inputs: ['pool'] });
    // Formats that depend on the position stay, and as many slots as pixels gain nothing.
    expect(names(same(build(3, table(1)), image))).toEqual(['x', 'list', 'pool', 'flat', 'cast', 'fc']);
    expect(names(same(build(4, table(0)), image))).toEqual(['x', 'list', 'pool', 'flat', 'cast', 'fc']);
  });
});
