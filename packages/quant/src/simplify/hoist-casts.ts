import type { FormatTable } from '../format/format.ts';
import { broadcastIndices, sizeOf } from '../format/format-table.ts';
import type { GraphNode, RequantizeNode, SparseFlattenNode } from '../ops/nodes.ts';
import { type Pass, readersOf, rebuild, redirect } from './rewrite.ts';

/**
 * Requantises the slots of a list instead of the pixels of the image that it is flattened to, where there are fewer of them: every format must be the same at all
 * positions of a channel. Zeros between the pixels stay zeros. Both nodes keep their names and change places.
 */
export const hoistCasts: Pass = (graph) => {
  const readers = readersOf(graph);
  for (const flat of graph.nodes) {
    if (flat.op !== 'sparseFlatten' || graph.outputs.includes(flat.name)) continue;
    const list = graph.nodes.find(({ name }) => name === flat.inputs[0])!;
    const [cast, ...others] = readers.get(flat.name)!;
    if (cast?.op !== 'requantize' || others.length > 0 || graph.outputs.includes(cast.name)) continue;
    const [height, width, channels] = list.shape;
    if (list.slots! >= height * width) continue;
    const to = perChannel(cast.to, flat.shape, channels);
    const format = perChannel(cast.format, flat.shape, channels);
    if (to === undefined || format === undefined) continue;
    const early: RequantizeNode = { ...cast, inputs: flat.inputs, to, format };
    const late: SparseFlattenNode = { ...flat, inputs: [cast.name], format: cast.format };
    const rest = graph.nodes.flatMap((node): GraphNode[] =>
      node.name === flat.name ? [early, late] : node.name === cast.name ? [] : [node],
    );
    const moved = redirect(rest, new Map([[cast.name, flat.name]]));
    return rebuild(
      graph,
      moved.map((node) => (node.name === flat.name ? late : node)),
    );
  }
  return undefined;
};

/** The table of a flattened image as one per channel, if positions do not matter. */
function perChannel(table: FormatTable, shape: readonly number[], channels: number): FormatTable | undefined {
  const at = broadcastIndices(table.shape, shape);
  const same = (a: number, b: number): boolean =>
    table.k[a] === table.k[b] && table.i[a] === table.i[b] && table.f[a] === table.f[b];
  for (let j = channels; j < sizeOf(shape); j++) if (!same(at[j], at[j - channels])) return undefined;
  const own = Array.from(at.slice(0, channels));
  return {
    shape: [1, 1, channels],
    k: own.map((j) => table.k[j]),
    i: own.map((j) => table.i[j]),
    f: own.map((j) => table.f[j]),
  };
}
