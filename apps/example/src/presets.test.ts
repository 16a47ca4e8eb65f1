import { lower } from '@sp/layers';
import { noisyTracks, readStream } from '@sp/train';
import { expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { presetOf } from './presets.ts';
import { untrainedNetwork } from './train.ts';

it('has a network, a threshold above the faint noise, and a folder of its own for the tracks', async () => {
  const options = readOptions(['--data', 'tracks']);
  if (options.command === 'help') throw new Error('no options');
  expect(options).toMatchObject({ data: { kind: 'tracks' }, n: 48, threshold: 0.2, epochs: 20, out: 'runs/tracks' });
  expect(readOptions(['--data', 'tracks', '--n', '40'])).toMatchObject({ n: 40, threshold: 0.2 });
  expect(() => readOptions(['--data', 'tracks', '--shape', '8x8x1'])).toThrow('has no meaning for --data tracks');
  const model = untrainedNetwork(await readStream(noisyTracks({ count: 20 })), options);
  const graph = lower(model);
  expect(model.name).toBe('tracks');
  expect(graph.nodes.find(({ op }) => op === 'reduce')).toMatchObject({ slots: 48 });
  expect(graph.nodes[0].shape).toEqual([64, 64, 2]);
});

it('leaves users’ images what suits the digits', () => {
  expect(presetOf({ kind: 'csv', path: 'x.csv' })).toBe(presetOf({ kind: 'digits' }));
});
