import { estimate, plan } from '@sp/hls';
import { type FixedGraph, graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { type FirmwareSettings, firmwareDefaults } from '../project/firmware-settings.ts';
import { hlsConfig } from './firmware.ts';
import { legalFactors } from './legal-factors.ts';

/** One node of every kind that the studio's networks have. */
function everyKind(): FixedGraph {
  const g = graphBuilder('everyKind');
  const codes = (count: number) => Array.from({ length: count }, (_, j) => ((j * 5) % 15) - 7);
  const image = g.input('image', { shape: [8, 8, 1], format: { k: 0, i: 0, f: 6 }, round: 'RND', overflow: 'SAT' });
  const list = g.reduce('reduce', image, { slots: 6, threshold: 16 });
  const conv = g.sparseConv2d('conv', list, { kernel: { shape: [3, 3, 1, 4], codes: codes(36), f: 3 } });
  const act = g.requantize('act', g.relu('relu', conv), { to: { k: 0, i: 2, f: 4 }, round: 'RND', overflow: 'SAT' });
  const flat = g.sparseFlatten('flat', g.sparsePool2d('pool', act, { mode: 'max', pool: [2, 2] }));
  return g.build([g.dense('dense', flat, { kernel: { shape: [64, 3], codes: codes(192), f: 3 } })]);
}

describe('legalFactors', () => {
  const graph = everyKind();

  it.each([
    ['io_parallel', ['reduce', 'conv', 'pool', 'flat', 'dense']],
    ['io_stream', ['conv', 'pool', 'flat', 'dense']],
  ] as const)('offers for every node what can be planned, and nothing else: %s', (ioType, nodes) => {
    const settings: FirmwareSettings = { ...firmwareDefaults, ioType };
    const legal = legalFactors(graph, settings);
    expect(legal.map(({ node }) => node)).toEqual(nodes);
    for (const { node, choices } of legal) {
      for (const { name, values } of choices) {
        for (const value of values) {
          const chosen: FirmwareSettings = { ...settings, factors: { [node]: { [name]: value } } };
          const notes: string[] = [];
          const config = hlsConfig(chosen, legalFactors(graph, chosen), notes);
          expect(estimate(plan(graph, config)).lut, `${node}: ${name} ${value}`).toBeGreaterThan(0);
          expect(notes).toEqual([]);
        }
      }
    }
  });

  it('offers only what goes with what is chosen, and leaves the rest out with a word', () => {
    const factors = {
      conv: { convArchitecture: 'gather', filtParallelFactor: 2 },
      dense: { strategy: 'distributed_arithmetic', reuseFactor: 4 },
    } as const;
    const settings: FirmwareSettings = { ...firmwareDefaults, factors };
    const legal = legalFactors(graph, settings);
    const namesOf = (wanted: string) => legal.find(({ node }) => node === wanted)?.choices.map(({ name }) => name);
    expect(namesOf('conv')).toEqual(['convArchitecture', 'pixelParallelFactor']);
    expect(namesOf('dense')).toEqual(['strategy']);
    const notes: string[] = [];
    const config = hlsConfig(settings, legal, notes);
    expect(config.layerName).toEqual({
      conv: { convArchitecture: 'gather' },
      dense: { strategy: 'distributed_arithmetic' },
    });
    expect(notes).toEqual([
      'conv: filtParallelFactor 2 does not fit any more and is left out.',
      'dense: reuseFactor 4 does not fit any more and is left out.',
    ]);
    expect(() => plan(graph, config)).not.toThrow();
  });
});
