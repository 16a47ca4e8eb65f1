import { analyse, type FixedGraph, simplify, sizeOf } from '@sp/quant';
import { broadcastIndices, type Inferred } from '@sp/quant/internal';

/** The smaller graph that computes the same outputs; the graph itself where that would move the binary point of an output. */
export function rewritten(graph: FixedGraph): FixedGraph {
  const before = analyse(graph);
  const smaller = simplify(graph);
  const after = analyse(smaller);
  return graph.outputs.every((name) => sameScale(before.get(name)!, after.get(name)!)) ? smaller : graph;
}

function sameScale(a: Inferred, b: Inferred): boolean {
  if (a.divisor !== b.divisor) return false;
  const scales = ({ ranges }: Inferred, shape: readonly number[]): (number | undefined)[] =>
    Array.from(broadcastIndices(ranges.shape, shape), (j) =>
      ranges.lo[j] === 0n && ranges.hi[j] === 0n ? undefined : ranges.f[j],
    );
  const shape = a.slots === undefined ? a.shape : [1, 1, a.shape[2]];
  const [p, q] = [scales(a, shape), scales(b, shape)];
  return sizeOf(a.shape) === sizeOf(b.shape) && p.every((f, j) => f === q[j] || f === undefined || q[j] === undefined);
}
