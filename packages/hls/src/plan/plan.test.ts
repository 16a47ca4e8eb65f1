import { type FixedGraph, graphBuilder } from '@sp/quant';
import { digitsGraph } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../checks/check-plan.ts';
import type { HlsConfig } from '../config/config.ts';
import { ConfigError } from '../errors.ts';
import { plan } from './plan.ts';

const graph = digitsGraph(24);

function decisions(config: HlsConfig, node: string) {
  return plan(graph, config).nodes.find((candidate) => candidate.node === node)?.decisions;
}

function complaint(config: unknown): string {
  try {
    plan(graph, config as HlsConfig);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return 'accepted';
}

describe('plan', () => {
  it('builds everything in parallel by default, as one pipeline because nothing loops', () => {
    const decided = plan(graph);
    expect(decided.settings).toEqual({
      ioType: 'io_parallel',
      pipelineStyle: 'pipeline',
      clockPeriod: 5,
      clockUncertainty: 27,
      part: 'xcu250-figd2104-2L-e',
      backend: 'Vitis',
    });
    expect(decisions({}, 'dense1')).toMatchObject({ strategy: 'distributed_arithmetic', reuseFactor: 1 });
    expect(decisions({}, 'conv1')).toMatchObject({
      convArchitecture: 'gather',
      pixelParallelFactor: 24,
      filtParallelFactor: 4,
      adderDepth: expect.any(Number),
    });
    expect(decisions({}, 'reduce')).toEqual({ variant: 'prefix' });
  });

  it('is a plan that Vivado HLS takes too, also where a matrix is too large for it and for adder graphs', () => {
    const g = graphBuilder('large');
    const x = g.input('x', { shape: [256], format: { k: 0, i: 0, f: 4 } });
    const codes = Array.from({ length: 256 * 200 }, (_, j) => ((j * 7919) % 15) - 7);
    const large = g.build([g.dense('y', x, { kernel: { shape: [256, 200], codes, f: 2 } })]);
    const vivado = plan(large, { model: { backend: 'Vivado' } });
    expect(vivado.nodes[1].decisions).toEqual({ strategy: 'resource', reuseFactor: 16 });
    expect(checkPlan(vivado)).toEqual([]);
    expect(checkPlan(plan(graph, { model: { backend: 'Vivado' } }))).toEqual([]);
    const asked: HlsConfig = { model: { backend: 'Vivado', strategy: 'latency' } };
    expect(checkPlan(plan(large, asked))).toMatchObject([
      { node: 'y', severity: 'error', what: expect.stringMatching(/51200 elements .* 4096 that Vivado HLS/) },
      { node: 'y', severity: 'warning' },
    ]);
  });

  it('refuses an adder graph that would be looked for without end', () => {
    const g = graphBuilder('endless');
    const x = g.input('x', { shape: [784], format: { k: 0, i: 0, f: 8 } });
    const codes = Array.from({ length: 784 * 512 }, (_, j) => ((j * 7919) % 255) - 127);
    const endless = g.build([g.dense('y', x, { kernel: { shape: [784, 512], codes, f: 5 } })]);
    expect(() => plan(endless, { model: { strategy: 'distributed_arithmetic' } })).toThrow(
      /node "y": model.strategy = .*401408 weights have \d+ signed digits, more than the 200000.*use strategy resource/,
    );
  });

  it('is plain data', () => {
    const decided = plan(graph, { model: { reuseFactor: 2 } });
    expect(JSON.parse(JSON.stringify(decided))).toEqual(decided);
  });

  it('takes the most specific level that has an option', () => {
    const config: HlsConfig = {
      model: { reuseFactor: 2, filtParallelFactor: 2 },
      layerType: { dense: { reuseFactor: 4 }, sparseConv2d: { pixelParallelFactor: 6 } },
      layerName: { dense2: { reuseFactor: 8 }, conv2: { pixelParallelFactor: 3 } },
    };
    expect(decisions(config, 'dense1')).toEqual({ strategy: 'resource', reuseFactor: 4 });
    expect(decisions(config, 'dense2')).toEqual({ strategy: 'resource', reuseFactor: 8 });
    expect(decisions(config, 'conv1')).toEqual({
      convArchitecture: 'pairs',
      pixelParallelFactor: 6,
      filtParallelFactor: 2,
    });
    expect(decisions(config, 'conv2')).toEqual({
      convArchitecture: 'pairs',
      pixelParallelFactor: 3,
      filtParallelFactor: 2,
    });
  });

  it('knows parallelizationFactor as the number of slots at once', () => {
    expect(decisions({ model: { parallelizationFactor: 4 } }, 'pool1')).toEqual({
      pixelParallelFactor: 4,
      chanParallelFactor: 4,
    });
    const config: HlsConfig = {
      model: { parallelizationFactor: 4 },
      layerName: { conv1: { pixelParallelFactor: 12 } },
    };
    expect(decisions(config, 'conv1')?.['pixelParallelFactor']).toBe(12);
  });

  it('names a misspelt option, level, layer, type or value and its neighbour', () => {
    expect(complaint({ model: { reuseFaktor: 2 } })).toMatch(
      /config.model: unknown option "reuseFaktor", did you mean "reuseFactor"\?/,
    );
    expect(complaint({ modle: {} })).toMatch(/unknown level "modle", did you mean "model"\?/);
    expect(complaint({ layerName: { conv11: {} } })).toMatch(
      /no such layer, did you mean "conv1"\? \(there are: image, reduce, conv1/,
    );
    expect(complaint({ layerType: { dens: {} } })).toMatch(/unknown type, did you mean "dense"\?/);
    expect(complaint({ model: { strategy: 'Resource' } })).toMatch(
      /strategy = "Resource"; use .*did you mean "resource"\?/,
    );
    expect(complaint({ model: { reuseFactor: 0 } })).toMatch(/reuseFactor = 0; use an integer of at least 1/);
  });

  it('refuses options without effect', () => {
    expect(complaint({ layerName: { conv1: { reuseFactor: 2 } } })).toMatch(
      /config.layerName.conv1: reuseFactor has no effect.*filtParallelFactor/,
    );
    expect(complaint({ layerType: { dense: { variant: 'tree' } } })).toMatch(
      /a dense has no option "variant" \(it has: strategy, reuseFactor\)/,
    );
  });

  it('lists the legal factors', () => {
    expect(complaint({ layerName: { dense2: { reuseFactor: 7 } } })).toBe(
      'node "dense2": layerName.dense2.reuseFactor = 7 is illegal for a 24 x 10 matrix; legal: 1, 2, 3, 4, 6, 8, 12, 24, 48, 120, 240',
    );
    expect(complaint({ model: { reuseFactor: 7 } })).toMatch(
      /model.reuseFactor = 7 is illegal.*legal: 1, .*or set it per layer with layerName \(dense1, dense2\)/,
    );
    expect(complaint({ layerName: { conv1: { pixelParallelFactor: 5 } } })).toMatch(
      /does not divide its 24 slots; legal: 1, 2, 3, 4, 6, 8, 12, 24/,
    );
  });

  it('leaves out multipliers without work when unrolled', () => {
    const g = graphBuilder('holes');
    const x = g.input('x', { shape: [4], format: { k: 1, i: 2, f: 2 } });
    const codes = [0, 1, 0, 2, 0, 3, 0, 4];
    const holes = g.build([g.dense('y', x, { kernel: { shape: [4, 2], codes, f: 0 } })]);
    const unrolled = (reuseFactor: number) => plan(holes, { model: { strategy: 'resource_unrolled', reuseFactor } });
    expect(unrolled(4).nodes[1].decisions).toEqual({ strategy: 'resource_unrolled', reuseFactor: 4, multipliers: 1 });
    expect(() => unrolled(8)).toThrow(/with strategy resource_unrolled; legal: 2, 4$/);
  });

  it('refuses what contradicts itself', () => {
    expect(complaint({ layerName: { conv1: { convArchitecture: 'gather', filtParallelFactor: 2 } } })).toMatch(
      /layerName.conv1.filtParallelFactor = 2, but convArchitecture gather computes all 4 filters.*use 4 or pairs/,
    );
    expect(complaint({ layerName: { dense1: { strategy: 'distributed_arithmetic', reuseFactor: 2 } } })).toMatch(
      /dense1.reuseFactor = 2, but strategy distributed_arithmetic has no multipliers to reuse/,
    );
  });

  it('refuses for streams what is for whole tensors', () => {
    const g = graphBuilder('image');
    const x = g.input('x', { shape: [4, 4, 1], format: { k: 1, i: 2, f: 2 } });
    const conv = g.conv2d('conv', x, { kernel: { shape: [3, 3, 1, 1], codes: [1, 2, 3, 4, 5, 6, 7, 8, 9], f: 0 } });
    const image = g.build([conv]);
    const stream = (options: HlsConfig['model'], layerName: HlsConfig['layerName'] = {}) =>
      plan(image, { model: { ioType: 'io_stream', ...options }, layerName });
    expect(stream({}).settings.pipelineStyle).toBe('dataflow');
    expect(stream({}).nodes[1].decisions['parallelizationFactor']).toBe(1);
    expect(() => stream({}, { conv: { parallelizationFactor: 2 } })).toThrow(/has no effect with io_stream/);
    expect(() => stream({ pipelineStyle: 'pipeline' })).toThrow(/does not go with io_stream/);
    expect(plan(graph, { model: { ioType: 'io_stream' } }).nodes[1].decisions).toEqual({ variant: 'stream' });
  });

  it('refuses one pipeline for what has loops', () => {
    expect(complaint({ model: { pipelineStyle: 'pipeline' } })).toMatch(/would unroll the loops of node "reduce"/);
    const g = graphBuilder('flat');
    const x = g.input('x', { shape: [4], format: { k: 1, i: 2, f: 2 } });
    const flat = g.build([g.dense('y', x, { kernel: { shape: [4, 2], codes: [1, 2, 3, 4, 5, 6, 7, 8], f: 0 } })]);
    expect(plan(flat).settings.pipelineStyle).toBe('pipeline');
    expect(plan(flat, { model: { reuseFactor: 2 } }).settings.pipelineStyle).toBe('dataflow');
  });

  it('refuses a node without kernel, listing the others', () => {
    const unknown = {
      ...graph,
      nodes: graph.nodes.map((node) => (node.op === 'relu' ? { ...node, op: 'gelu' } : node)),
    };
    expect(() => plan(unknown as unknown as FixedGraph)).toThrow(/gelu/);
  });

  it('refuses a graph without an input', () => {
    const g = graphBuilder('still');
    const still = g.build([g.relu('y', g.constant('c', { shape: [2], codes: [1, 2], f: 0 }))]);
    expect(() => plan(still)).toThrow(/graph "still" has no input, .*; add an input node/);
  });

  it('refuses a graph that is not valid', () => {
    const broken = { ...graph, outputs: ['nobody'] };
    expect(() => plan(broken)).toThrow(/nobody/);
  });
});
