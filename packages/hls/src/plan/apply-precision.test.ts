import { graphBuilder, interpret } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { plan } from './plan.ts';

const g = graphBuilder('two');
const x = g.input('x', { shape: [2], format: { k: 1, i: 2, f: 4 } });
const first = g.dense('fc', x, { kernel: { shape: [2, 2], codes: [3, -5, 7, 2], f: 2 }, layer: 'first' });
const active = g.relu('active', first, { layer: 'first' });
const last = g.dense('last', active, { kernel: { shape: [2, 1], codes: [1, 2], f: 0 } });
const graph = g.build([active, last]);

describe('precision', () => {
  it('requantises a layer behind its last node, under the same name', () => {
    const decided = plan(graph, { layerName: { first: { precision: 'ap_ufixed<4,3,RND,SAT>' } } });
    expect(decided.graph.nodes.map(({ name, op }) => `${name} ${op}`)).toEqual([
      'x input',
      'fc dense',
      'active_exact relu',
      'active requantize',
      'last dense',
    ]);
    expect(decided.graph.outputs).toEqual(['active', 'last']);
    const data = [1.5, -0.25, 0.375, 3];
    const exact = interpret(graph, data).outputs['active'];
    const rounded = interpret(decided.graph, data).outputs['active'];
    expect(Array.from(exact.codes, Number).map((code) => Math.min(15, Math.round((code / 64) * 2)))).toEqual(
      Array.from(rounded.codes, Number),
    );
    // Narrower operands, narrower sum.
    expect(decided.nodes[4].type.width).toBeLessThan(plan(graph).nodes[3].type.width);
  });

  it('goes with other options of the layer', () => {
    const decided = plan(graph, { layerName: { fc: { precision: 'ap_fixed<6,4>', reuseFactor: 2 } } });
    expect(decided.nodes[1]).toMatchObject({ node: 'fc_exact', decisions: { reuseFactor: 2 } });
    expect(plan(graph, { layerName: { fc: { precision: 'auto' } } }).graph).toBe(graph);
  });

  it('refuses what it cannot do', () => {
    const complaint = (name: string, precision: unknown) => () =>
      plan(graph, { layerName: { [name]: { precision: precision as string } } });
    expect(complaint('first', 'ap_fixed<8>')).toThrow(
      /config.layerName.first: precision: type "ap_fixed<8>": 1 parameters/,
    );
    expect(complaint('first', 8)).toThrow(/precision = 8; use a type like/);
    expect(complaint('x', 'ap_fixed<8,2>')).toThrow(/precision of an input is the graph's own/);
    expect(complaint('fc', 'ap_fixed<0,0>')).toThrow(/has no bits/);
    expect(complaint('fc', 'ap_fixed<8,3,RND,WRAP,2>')).toThrow(/saturation bits/);
    expect(() => plan(graph, { model: { precision: 'ap_fixed<8,2>' } as object })).toThrow(ConfigError);
  });
});
