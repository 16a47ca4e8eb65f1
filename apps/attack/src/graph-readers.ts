import { loadGraph, saveGraph } from '@sp/quant';
import { mutateBytes, mutateText } from './mutate.ts';
import { type Reader, resealed, same } from './reader.ts';
import { smallGraph } from './small-graph.ts';

/** Saved graphs. */
export function graphReaders(): Reader[] {
  const saved = saveGraph(smallGraph());
  const graph = loadGraph(saved);
  return [
    {
      name: 'graph.json',
      share: 15,
      attempt: (dice) => same(loadGraph({ ...saved, json: mutateText(saved.json, dice) }), graph),
    },
    {
      name: 'graph.bin',
      share: 5,
      attempt: (dice) => same(loadGraph({ ...saved, weights: mutateBytes(saved.weights, dice) }), graph),
    },
    {
      name: 'graph.json, other content with a checksum',
      share: 8,
      attempt(dice) {
        loadGraph({ ...saved, json: resealed(saved.json, dice) });
        return true;
      },
    },
  ];
}
