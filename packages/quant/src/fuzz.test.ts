/** Malformed graphs and type strings: each is either accepted, and then computes what the oracle does, or refused with a typed error. */
import { describe, expect, it } from 'vitest';
import { difference } from '../test/compare-values.ts';
import { oracle } from '../test/oracle-interpreter.ts';
import { type Random, randomGraph, randomReals, randomSource } from '../test/random-graph.ts';
import {
  type FixedGraph,
  GraphError,
  interpret,
  loadGraph,
  parseType,
  printType,
  saveGraph,
  simplify,
  sizeOf,
  TypeStringError,
  validate,
} from './index.ts';

const JUNK: readonly unknown[] = [
  0,
  1,
  -1,
  2,
  3,
  7,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1000,
  2 ** 31,
  2 ** 53,
  -(2 ** 60),
  '',
  'x',
  'n0',
  'relu',
  'SAT',
  'avg',
  null,
  undefined,
  true,
  [],
  [1],
  [1, 2, 3],
  {},
];

type Tree = Record<string, unknown> | unknown[];

function keysOf(tree: Tree): string[] {
  return Object.keys(tree).filter((key) => key !== 'length');
}

/** A random place in the data: walk down, stop somewhere. */
function place(root: Tree, next: Random): { parent: Tree; key: string } {
  let parent = root;
  for (;;) {
    const keys = keysOf(parent);
    const key = keys[Math.floor(next() * keys.length)];
    const child = (parent as Record<string, unknown>)[key];
    if (typeof child === 'object' && child !== null && keysOf(child as Tree).length > 0 && next() < 0.9)
      parent = child as Tree;
    else return { parent, key };
  }
}

function mutate(graph: FixedGraph, next: Random): FixedGraph {
  const copy = structuredClone(graph) as unknown as Tree;
  for (let count = next() < 0.8 ? 1 : 2; count > 0; count--) {
    const { parent, key } = place(copy, next);
    const target = parent as Record<string, unknown>;
    const value = target[key];
    const kind = next();
    if (kind < 0.35 && typeof value === 'number') target[key] = value + (next() < 0.5 ? 1 : -1);
    else if (kind < 0.5) delete target[key];
    else if (kind < 0.6 && Array.isArray(parent)) parent.push(structuredClone(value));
    else if (kind < 0.7 && Array.isArray(parent)) parent.splice(Number(key), 1);
    else if (kind < 0.75 && !Array.isArray(parent)) target[`${key}s`] = value;
    else target[key] = structuredClone(JUNK[Math.floor(next() * JUNK.length)]);
  }
  return copy as unknown as FixedGraph;
}

/** True when the graph was accepted. */
function judge(graph: FixedGraph, next: Random): boolean {
  try {
    validate(graph);
  } catch (error) {
    if (!(error instanceof GraphError)) throw new Error(`untyped error for ${JSON.stringify(graph)}`, { cause: error });
    expect(error.where).toBeTruthy();
    expect(error.remedy).toBeTruthy();
    return false;
  }
  const inputs = graph.nodes.filter(({ op }) => op === 'input');
  const feeds = Object.fromEntries(inputs.map((node) => [node.name, randomReals(sizeOf(node.shape), next)]));
  const { values } = interpret(graph, feeds, { taps: 'all' });
  const expected = oracle(graph, feeds);
  for (const node of graph.nodes) {
    expect(difference(node, values.get(node.name)!, 0, expected.get(node.name)!)).toBeUndefined();
  }
  expect(loadGraph(saveGraph(graph))).toEqual(graph);
  simplify(graph);
  return true;
}

describe('fuzz', () => {
  it('3,500 mutated graphs', () => {
    const next = randomSource(99);
    let accepted = 0;
    for (let j = 0; j < 700; j++) {
      const graph = randomGraph(50_000 + j);
      for (let k = 0; k < 5; k++) if (judge(mutate(graph, next), next)) accepted++;
    }
    // Both outcomes must really occur.
    expect(accepted).toBeGreaterThan(100);
    expect(accepted).toBeLessThan(3000);
  });

  it('400 damaged files', () => {
    const next = randomSource(7);
    for (let j = 0; j < 400; j++) {
      const saved = saveGraph(randomGraph(90_000 + (j % 40)));
      const at = Math.floor(next() * saved.json.length);
      const letter = String.fromCharCode(32 + Math.floor(next() * 95));
      const json = next() < 0.5 ? saved.json.slice(0, at) + letter + saved.json.slice(at + 1) : saved.json.slice(0, at);
      try {
        // Blanks may change; nothing else that comes back may.
        expect(loadGraph({ ...saved, json })).toEqual(loadGraph(saved));
      } catch (error) {
        expect(error).toBeInstanceOf(GraphError);
      }
    }
  });

  it('4,000 mutated type strings', () => {
    const next = randomSource(3);
    const seeds = [
      'ap_fixed<8,2,RND,SAT>',
      'ap_ufixed<16,-3,TRN_ZERO,WRAP,2>',
      'ap_int<7>',
      'uint<12>',
      'fixed<4,6>',
      'auto',
    ];
    const letters = 'apfixedu<>,_0123456789-+.RNDTSATWRP ';
    let accepted = 0;
    for (let j = 0; j < 4000; j++) {
      let text = seeds[j % seeds.length];
      for (let k = Math.floor(next() * 3); k >= 0; k--) {
        const at = Math.floor(next() * (text.length + 1));
        const letter = letters[Math.floor(next() * letters.length)];
        text = text.slice(0, at) + (next() < 0.6 ? letter : '') + text.slice(next() < 0.5 ? at : at + 1);
      }
      try {
        const type = parseType(text);
        accepted++;
        if (type.kind === 'auto') continue;
        const again = printType(type.format, type.round, type.overflow, type.saturationBits);
        expect(parseType(again)).toEqual(type);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeStringError);
      }
    }
    expect(accepted).toBeGreaterThan(200);
  });
});
