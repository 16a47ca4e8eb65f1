import { graphBuilder } from '@sp/quant';
import { digitsGraph } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { plan } from '../plan/plan.ts';
import type { HlsConfig } from './config.ts';
import { configFromGraph } from './config-from-graph.ts';

const graph = digitsGraph();

describe('configFromGraph', () => {
  it.each(['model', 'type', 'name'] as const)('written out by %s decides what the defaults decide', (granularity) => {
    expect(plan(graph, configFromGraph(graph, granularity))).toEqual(plan(graph));
  });

  it.each(['model', 'type', 'name'] as const)('written out by %s takes another ioType', (granularity) => {
    const g = graphBuilder('image');
    const x = g.input('x', { shape: [6, 6, 1], format: { k: 1, i: 2, f: 4 } });
    const conv = g.conv2d('c', x, { kernel: { shape: [3, 3, 1, 1], codes: [1, 2, 3, 4, 5, 6, 7, 8, 9], f: 1 } });
    for (const each of [graph, g.build([g.pool2d('p', conv, { mode: 'max', pool: [2, 2] })])]) {
      const config = configFromGraph(each, granularity);
      const streamed: HlsConfig = { ...config, model: { ...config.model, ioType: 'io_stream' } };
      expect(plan(each, streamed)).toEqual(plan(each, { model: { ioType: 'io_stream' } }));
    }
  });

  it('has an entry for every layer that has options beside those that follow ioType', () => {
    const { layerName } = configFromGraph(graph, 'name');
    expect(Object.keys(layerName ?? {})).toEqual(['conv1', 'pool1', 'conv2', 'pool2', 'flatten', 'dense1', 'dense2']);
    expect(layerName?.['dense2']).toEqual({ strategy: 'distributed_arithmetic', reuseFactor: 1 });
    expect(layerName?.['pool1']).toEqual({ pixelParallelFactor: 24, chanParallelFactor: 4 });
  });

  it('is plain data', () => {
    const config = configFromGraph(graph, 'name');
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });
});
