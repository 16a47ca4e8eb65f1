import type { GraphNode } from '@sp/quant';

/** Packets that the shape of a value stands for: slots of a list, positions of a tensor without its last dimension. */
export function packetsOfShape({ slots, shape }: Pick<GraphNode, 'slots' | 'shape'>): number {
  return slots ?? shape.slice(0, -1).reduce((product, size) => product * size, 1);
}
