import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sealed } from '../files/seal.ts';
import { formatTable } from '../format/format-table.ts';
import { validate } from './analyse.ts';
import { graphBuilder } from './builder.ts';
import { GraphError } from './errors.ts';
import type { FixedGraph } from './fixed-graph.ts';
import { layerResults } from './layer-results.ts';
import { printGraph } from './print.ts';
import { loadGraph, saveGraph } from './save.ts';

function small(): FixedGraph {
  const g = graphBuilder('small');
  const x = g.input('x', { shape: [6, 6, 1], format: { k: 0, i: 1, f: 7 }, layer: 'input' });
  const list = g.reduce('list', x, { slots: 5, threshold: 51, layer: 'reduce' });
  const kernel = { shape: [3, 3, 1, 2], codes: [1, 0, 2, 0, -3, 0, 4, 0, 5, 0, -6, 0, 7, 0, 8, 0, -9, 0], f: 3 };
  const conv = g.sparseConv2d('conv', list, { kernel, bias: { shape: [2], codes: [-5, 9], f: 4 }, layer: 'conv' });
  const relu = g.relu('relu', conv, { layer: 'conv' });
  const pool = g.sparsePool2d('pool', relu, { mode: 'avg', pool: [3, 3], layer: 'pool' });
  const cast = g.requantize('cast', pool, { to: { k: 0, i: 2, f: 4 }, round: 'RND', layer: 'fc' });
  const flat = g.sparseFlatten('flat', cast, { layer: 'flat' });
  const fc = g.dense('fc', flat, { kernel: { shape: [8, 1], codes: [1, 1, 2, 3, 0, -4, 1, 1], f: 2 }, layer: 'fc' });
  return g.build([fc]);
}

describe('inference', () => {
  it('gives each filter exactly the bits its weights, inputs and bias can need', () => {
    const conv = small().nodes.find(({ name }) => name === 'conv')!;
    // Codes up to 255; filter 0: −18·255 − 40 … 27·255, 10 fraction bits. Filter 1: all weights 0, hence never a bias.
    expect(conv.format).toEqual({ shape: [1, 1, 2], k: [1, 0], i: [13 - 10, -10], f: [10, 10] });
  });

  it('keeps the sum of an average pool and its odd divisor', () => {
    const pool = small().nodes.find(({ name }) => name === 'pool')!;
    expect(pool).toMatchObject({ shape: [2, 2, 2], slots: 5, divisor: 9 });
  });

  it('finds the last node of each layer', () => {
    const results = layerResults(small());
    expect([...results].map(([layer, node]) => [layer, node.name])).toEqual([
      ['input', 'x'],
      ['reduce', 'list'],
      ['conv', 'relu'],
      ['pool', 'pool'],
      ['fc', 'fc'],
      ['flat', 'flat'],
    ]);
  });

  it('prints one line per node', () => {
    expect(printGraph(small())).toMatchInlineSnapshot(`
      "graph small (* output)
      node  op                   shape                 format                        details
      x     input()              [6, 6, 1]             ap_ufixed<8,1>                TRN WRAP
      list  reduce(x)            [6, 6, 1] in 5 slots  ap_ufixed<8,1>                threshold 51
      conv  sparseConv2d(list)   [6, 6, 2] in 5 slots  0–14 bits over [1, 1, 2]      kernel [3, 3, 1, 2] · 2^-3, bias
      relu  relu(conv)           [6, 6, 2] in 5 slots  0–13 bits over [1, 1, 2]
      pool  sparsePool2d(relu)   [2, 2, 2] in 5 slots  0–16 bits over [1, 1, 2] / 9  avg 3 × 3
      cast  requantize(pool)     [2, 2, 2] in 5 slots  ap_ufixed<6,2>                to ap_ufixed<6,2> RND WRAP
      flat  sparseFlatten(cast)  [8]                   ap_ufixed<6,2>
      fc *  dense(flat)          [1]                   ap_ufixed<8,2>                kernel [8, 1] · 2^-2"
    `);
  });
});

describe('save and load', () => {
  it('round-trips', () => {
    const graph = small();
    const saved = saveGraph(graph);
    expect(loadGraph(saved)).toEqual(graph);
    expect(saved.weights.length).toBeGreaterThan(0);
  });

  it('refuses a damaged file by name', () => {
    const saved = saveGraph(small());
    const flipped = saved.weights.slice();
    flipped[0] ^= 1;
    expect(() => loadGraph({ ...saved, weights: flipped })).toThrow(/do not belong/);
    expect(() => loadGraph({ ...saved, json: '{' })).toThrow(GraphError);
    expect(() => loadGraph({ ...saved, json: saved.json.replace('"RND"', '"NEAR"') })).toThrow(/checksum/);
    expect(() => loadGraph({ ...saved, json: saved.json.replace('"version": 2', '"version": 3') })).toThrow(/checksum/);
    expect(() => loadGraph({ ...saved, json: '['.repeat(1e6) })).toThrow(/nested deeper/);
  });

  it('notices a change of any entry of the short arrays, which stand in the JSON', () => {
    const { json, weights } = saveGraph(small());
    const file = JSON.parse(json) as { graph: { nodes: { kernel: { codes: number[] } }[] } };
    file.graph.nodes.at(-1)!.kernel.codes[3]++;
    expect(() => loadGraph({ json: JSON.stringify(file), weights })).toThrow(/damaged: its checksum does not fit/);
    // Another layout of the same content is no damage.
    expect(loadGraph({ json: JSON.stringify(JSON.parse(json)), weights })).toEqual(small());
  });

  it('reads version 1, and no later ones', () => {
    const json = readFileSync(new URL('fixtures/version-1.json', import.meta.url), 'utf8');
    const weights = new Uint8Array(readFileSync(new URL('fixtures/version-1.bin', import.meta.url)));
    expect(loadGraph({ json, weights })).toEqual(small());
    expect(() => loadGraph({ json: json.replace('"format"', '"version": 3, "format"'), weights })).toThrow(/checksum/);
    const later = JSON.stringify(sealed({ ...(JSON.parse(json) as object), version: 3 }));
    expect(() => loadGraph({ json: later, weights })).toThrow(/version is 3; versions up to 2 can be read/);
  });
});

describe('validate', () => {
  const change = (name: string, fields: object): FixedGraph => {
    const graph = small();
    return {
      ...graph,
      nodes: graph.nodes.map((node) => (node.name === name ? { ...node, ...fields } : node)),
    } as FixedGraph;
  };

  it.each<[string, FixedGraph, RegExp]>([
    ['a shape', change('conv', { shape: [6, 6, 3] }), /^conv: shape is \[6,6,3\]; .*\[6,6,2\]/],
    ['a narrow format', change('conv', { format: formatTable([1, 1, 1], { k: 1, i: 2, f: 10 }) }), /widen the format/],
    ['another scale', change('conv', { format: formatTable([1, 1, 1], { k: 1, i: 5, f: 9 }) }), /requantize/],
    ['a lost divisor', change('pool', { divisor: 3 }), /divisor is 3; from its inputs it is 9/],
    ['an unknown input', change('relu', { inputs: ['nobody'] }), /no earlier node/],
    [
      'an even kernel',
      change('conv', { kernel: { shape: [2, 2, 1, 2], codes: [1, 2, 3, 4, 5, 6, 7, 8], f: 0 } }),
      /odd/,
    ],
    ['dense on a list', change('flat', { op: 'relu', name: 'flat' }), /flat|fc/],
    ['a field that means nothing', change('relu', { alpha: 1 }), /alpha/],
    ['an output nobody computes', { ...small(), outputs: ['none'] }, /output "none"/],
  ])('refuses %s', (_, graph, message) => {
    expect(() => validate(graph)).toThrow(GraphError);
    expect(() => validate(graph)).toThrow(message);
  });

  it('refuses sums that still wait for their division', () => {
    const g = graphBuilder('wait');
    const x = g.input('x', { shape: [3, 3, 1], format: { k: 0, i: 1, f: 0 } });
    const list = g.reduce('list', x, { slots: 2, threshold: 0 });
    const pool = g.sparsePool2d('pool', list, { mode: 'avg', pool: [3, 3] });
    expect(() => g.sparseConv2d('conv', pool, { kernel: { shape: [1, 1, 1, 1], codes: [1], f: 0 } })).toThrow(
      /conv: input "pool" is still to be divided by 9; put a requantize/,
    );
  });
});
