import { describe, expect, it } from 'vitest';
import { digitsGraph } from '../../test/support/digits-graph.ts';
import { plan } from '../plan/plan.ts';
import { configFromGraph } from './config-from-graph.ts';

const graph = digitsGraph();

describe('configFromGraph', () => {
  it.each(['model', 'type', 'name'] as const)('written out by %s decides what the defaults decide', (granularity) => {
    expect(plan(graph, configFromGraph(graph, granularity))).toEqual(plan(graph));
  });

  it('has an entry for every layer that has options', () => {
    const { layerName } = configFromGraph(graph, 'name');
    expect(Object.keys(layerName ?? {})).toEqual([
      'reduce',
      'conv1',
      'pool1',
      'conv2',
      'pool2',
      'flatten',
      'dense1',
      'dense2',
    ]);
    expect(layerName?.['dense2']).toEqual({ strategy: 'latency', reuseFactor: 1 });
    expect(layerName?.['pool1']).toEqual({ pixelParallelFactor: 24, chanParallelFactor: 4 });
  });

  it('is plain data', () => {
    const config = configFromGraph(graph, 'name');
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });
});
