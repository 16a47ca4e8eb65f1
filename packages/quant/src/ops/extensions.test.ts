import { describe, expect, it } from 'vitest';
import { saturating } from '../../test/saturating-op.ts';
import { graphBuilder } from '../graph/builder.ts';
import { GraphError } from '../graph/errors.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import { printGraph } from '../graph/print.ts';
import { loadGraph, saveGraph } from '../graph/save.ts';
import { interpret } from '../interpret/interpret.ts';
import { QuantError } from '../quant-error.ts';
import { simplify } from '../simplify/simplify.ts';
import { type OpExtension, registerOp } from './extensions.ts';

registerOp(saturating('test.limit'));

function limited(limit: unknown, extension = 'test.limit'): FixedGraph {
  const g = graphBuilder('limited');
  const x = g.input('x', { shape: [3], format: { k: 1, i: 3, f: 2 } });
  return g.build([g.extension('y', extension, [x], { limit: limit as number })]);
}

/** An op that says one thing of itself and does another. */
function liar(name: string, change: Partial<OpExtension>): string {
  registerOp({ ...saturating(name), ...change });
  return name;
}

describe('an op from outside', () => {
  it('is built, saved, loaded, printed, simplified and interpreted', () => {
    const graph = limited(9);
    expect(graph.nodes[1]).toMatchObject({ op: 'extension', extension: 'test.limit', attributes: { limit: 9 } });
    // Codes -9 … 9 take 5 bits, of which 2 are of the fraction.
    expect(graph.nodes[1].format).toEqual({ shape: [1], k: [1], i: [2], f: [2] });
    const loaded = loadGraph(saveGraph(graph));
    expect(loaded).toEqual(graph);
    expect(printGraph(loaded)).toContain('test.limit {"limit":9}');
    expect(simplify(loaded)).toEqual(graph);
    expect(interpret(loaded, [7.75, -8, 1.25]).outputs['y'].codes).toEqual(Float64Array.of(9, -9, 5));
  });

  it('keeps its attributes whatever they are', () => {
    const g = graphBuilder('kept');
    const x = g.input('x', { shape: [3], format: { k: 1, i: 3, f: 2 } });
    const attributes = {
      limit: 9,
      table: Array.from({ length: 40 }, (_, j) => j / 8),
      place: { at: 0, count: 3, bytes: 2 },
      note: null,
    };
    const graph = g.build([g.extension('y', 'test.limit', [x], attributes)]);
    expect(loadGraph(saveGraph(graph))).toEqual(graph);
  });

  it('that nobody has registered is named, with the remedy', () => {
    expect(() => limited(9, 'acme.unknown')).toThrow(GraphError);
    expect(() => limited(9, 'acme.unknown')).toThrow(
      /y: its op "acme.unknown" is an extension that is not registered; import the module that calls registerOp .*registered: test.limit/,
    );
    const { json, weights } = saveGraph(limited(9));
    const other = { json: json.replace('test.limit', 'acme.unknown').replace(/"sha256": "\w+"\n}/, ''), weights };
    expect(() => loadGraph(other)).toThrow(GraphError);
  });

  it('has a name of its own', () => {
    const twice = saturating('test.twice');
    registerOp(twice);
    registerOp(twice);
    expect(() => registerOp(saturating('test.twice'))).toThrow(QuantError);
    expect(() => registerOp(saturating('test.twice'))).toThrow(/there is another op "test.twice" already/);
    expect(() => registerOp(saturating('no name'))).toThrow(/"no name" is no name/);
    expect(() => registerOp(saturating('__proto__'))).toThrow(/is no name/);
  });

  it.each([
    [0, /attributes of "test.limit": limit is 0, no positive integer/],
    ['9', /limit is 9, no positive integer/],
    [Number.NaN, /attributes/],
  ])('refuses attributes: limit %j', (limit, problem) => {
    expect(() => limited(limit)).toThrow(problem);
  });

  it.each<[string, Partial<OpExtension>, RegExp]>([
    ['shape', { infer: (_, [x]) => ({ ...x, shape: [0] }) }, /infers shape \[0\]/],
    ['divisor', { infer: (_, [x]) => ({ ...x, divisor: 4 }) }, /infers divisor 4/],
    ['bound', { infer: (_, [x]) => ({ ...x, bound: 1n }) }, /infers bound 1, and a range/],
    ['ranges', { infer: (_, [x]) => ({ ...x, ranges: { ...x.ranges, lo: [5n], hi: [4n] } }) }, /infers range 5 … 4/],
    ['number of ranges', { infer: (_, [x]) => ({ ...x, ranges: { ...x.ranges, f: [] } }) }, /infers ranges of shape/],
  ])('is refused when what it infers is wrong: %s', (name, change, problem) => {
    const extension = liar(`test.infers.${name.replaceAll(' ', '-')}`, change);
    expect(() => limited(9, extension)).toThrow(problem);
  });

  it.each<[string, (codes: Float64Array) => Float64Array, RegExp]>([
    [
      'beyond its range',
      (codes) => codes.fill(10, 1, 2),
      /computed 10 as element 1 of image 0; it has inferred -9 … 9/,
    ],
    ['no integer', (codes) => codes.fill(0.5, 2), /computed 0.5 as element 2 of image 0/],
    ['too few', (codes) => codes.subarray(1), /computed 2 codes of kind dense for 1 images; give 3 per image/],
  ])('is caught when it computes what it has not inferred: %s', (name, change, problem) => {
    const honest = saturating('any');
    const extension = liar(`test.computes.${name.replaceAll(' ', '-')}`, {
      prepare(...about) {
        const run = honest.prepare(...about);
        return (inputs, context) => {
          const { value, overflow } = run(inputs, context);
          return { value: { ...value, codes: change(value.codes as Float64Array) }, overflow };
        };
      },
    });
    expect(() => interpret(limited(9, extension), [1, 2, 3])).toThrow(problem);
  });

  it('gets the checks of all ops: number of inputs, kind, formats that are claimed', () => {
    const g = graphBuilder('checks');
    const x = g.input('x', { shape: [4, 4, 1], format: { k: 1, i: 3, f: 2 } });
    expect(() => g.extension('y', 'test.limit', [x, x], { limit: 9 })).toThrow(/extension has 2 inputs/);
    const list = g.reduce('list', x, { slots: 2, threshold: 1 });
    expect(() => g.extension('y', 'test.limit', [list], { limit: 9 })).toThrow(/takes a dense tensor/);
    const graph = limited(9);
    const [input, y] = graph.nodes;
    const narrow = { ...graph, nodes: [input, { ...y, format: { shape: [1], k: [1], i: [1], f: [2] } as const }] };
    expect(() => interpret(narrow, [1, 2, 3])).toThrow(/holds codes/);
    const extra = { ...graph, nodes: [input, { ...y, more: 1 }] } as FixedGraph;
    expect(() => interpret(extra, [1, 2, 3])).toThrow(GraphError);
  });

  it('computes on BigInts where numbers are too small', () => {
    const g = graphBuilder('wide');
    const x = g.input('x', { shape: [2], format: { k: 1, i: 60, f: 2 } });
    const graph = g.build([g.extension('y', 'test.limit', [x], { limit: 2 ** 50 })]);
    expect([...interpret(graph, [2 ** 59, -1]).outputs['y'].codes].map(Number)).toEqual([2 ** 50, -4]);
  });
});
