/** Constants as outputs, and what nothing reads: no warning, no stream without a reader, and the values of the interpreter. */
import { type FixedGraph, graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { compare, emit, goldenVectors, type HlsConfig, plan } from '../src/index.ts';
import { compileBatch } from './support/batch.ts';
import { runTestbenches } from './support/testbenches.ts';
import { temporaryFolder } from './support/workspace.ts';

const FORMAT = { k: 1, i: 2, f: 3 } as const;
const MODES = { round: 'RND', overflow: 'SAT' } as const;
const weights = (...shape: number[]) => ({
  shape,
  codes: Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, j) => ((j * 5) % 7) - 3),
  f: 1,
});

/** A constant as output, once more as input of a layer, and through layers that work on packets of a stream. */
function constants(name: string): FixedGraph {
  const g = graphBuilder(name);
  const x = g.input('x', { shape: [3, 2], format: FORMAT, ...MODES });
  const alone = g.constant('alone', weights(2, 3, 2));
  const shared = g.constant('shared', weights(3, 2));
  const cast = g.requantize('cast', shared, { to: { k: 1, i: 1, f: 0 }, ...MODES });
  return g.build([g.add('sum', x, shared), alone, shared, g.relu('positive', shared), g.mul('product', cast, x)]);
}

/** Inputs, tensors and lists that nothing reads. */
function unread(name: string): FixedGraph {
  const g = graphBuilder(name);
  const x = g.input('x', { shape: [4, 4, 1], format: FORMAT, ...MODES });
  g.input('spare', { shape: [3, 2], format: FORMAT, ...MODES });
  g.constant('unused', weights(2));
  const list = g.reduce('list', x, { slots: 3, threshold: 4 });
  g.relu('loose list', list);
  const flat = g.sparseFlatten('flat', list);
  g.dense('loose', flat, { kernel: weights(16, 2) });
  return g.build([g.dense('d', flat, { kernel: weights(16, 3) })]);
}

/** The same without a loop: one pipeline. */
function flat(name: string): FixedGraph {
  const g = graphBuilder(name);
  const x = g.input('x', { shape: [4], format: FORMAT, ...MODES });
  g.input('spare', { shape: [2], format: FORMAT, ...MODES });
  g.relu('loose', x);
  return g.build([g.dense('d', x, { kernel: weights(4, 2) }), x]);
}

const STREAM: HlsConfig = { model: { ioType: 'io_stream' } };
const DATAFLOW: HlsConfig = { model: { pipelineStyle: 'dataflow' } };
const plans = Object.entries({ constants, unread, flat }).flatMap(([name, make]) => [
  plan(make(name)),
  plan(make(`${name}_processes`), DATAFLOW),
  plan(make(`${name}_stream`), STREAM),
]);

function dataOf(graph: FixedGraph): Record<string, number[]> {
  const inputs = graph.nodes.filter(({ op }) => op === 'input');
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const size = 4 * shape.reduce((product, length) => product * length, 1);
      return [name, Array.from({ length: size }, (_, j) => ((j * 11) % 29) / 4 - 3)];
    }),
  );
}

describe('constants as outputs and values that nothing reads', () => {
  it('give what the interpreter gives, in every node', async () => {
    const projects = await compileBatch(await temporaryFolder(), 'ends', plans);
    for (const [j, { graph }] of plans.entries()) {
      const { mismatches, rows, table } = await compare(graph, projects[j], dataOf(graph));
      expect(mismatches, table).toBe(0);
      expect(rows).toHaveLength(graph.nodes.length);
    }
  });

  it('pass their testbenches', async () => {
    const cases = plans.map((decided) => ({
      plan: decided,
      golden: goldenVectors(decided.graph, dataOf(decided.graph)),
    }));
    expect(await runTestbenches(await temporaryFolder(), cases)).toEqual(
      plans.map(({ name }) => `${name}: 4 images, 0 mismatching words`),
    );
  });

  it('leave no stream without a reader', () => {
    const top = emit(plan(unread('u'), STREAM)).get('firmware/u.cpp') as string;
    const body = top.slice(top.lastIndexOf('SP_HLS(DATAFLOW)'));
    expect(body.match(/sp::drain<\d+>\(\w+\)/g)).toEqual([
      'sp::drain<3>(spare)',
      'sp::drain<3>(loose_list)',
      'sp::drain<1>(loose)',
    ]);
  });
});
