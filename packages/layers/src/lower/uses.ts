import type { GraphNode } from '@sp/quant';
import type { GraphBuilder } from '@sp/quant/internal';
import type { Lowered } from './lowered.ts';

/** What the `count`-th use of a layer is called in the graph: `conv`, `conv_use2`, … */
export function useName(layer: string, count: number): string {
  return count === 1 ? layer : `${layer}_use${count}`;
}

/** A builder that gives all nodes of a layer another name: `conv.relu` becomes `conv_use2.relu`. */
export function renamingBuilder(graph: GraphBuilder, layer: string, name: string): GraphBuilder {
  return layer === name ? graph : moved(graph, layer, name, `${name}.`);
}

/** A builder that gives the nodes of a part of a layer to the layer: `query.iq` becomes `attention.<prefix>iq`. */
export function partBuilder(graph: GraphBuilder, part: string, layer: string, prefix: string): GraphBuilder {
  return moved(graph, part, layer, `${layer}.${prefix}`);
}

function moved(graph: GraphBuilder, from: string, to: string, prefix: string): GraphBuilder {
  const renamed = (given: string): string =>
    given.startsWith(`${from}.`) ? prefix + given.slice(from.length + 1) : given;
  const option = (value: unknown): unknown =>
    isOptions(value) && value['layer'] === from ? { ...value, layer: to } : value;
  const methods = Object.entries(graph).map(([key, method]) => [
    key,
    (first: string, ...rest: readonly unknown[]): GraphNode =>
      (method as (...args: readonly unknown[]) => GraphNode)(renamed(first), ...rest.map(option)),
  ]);
  return Object.fromEntries(methods) as unknown as GraphBuilder;
}

/** A second use of a reduction or pooling has an active set of its own. */
export function renamedMask(lowered: Lowered, layer: string, name: string): Lowered {
  return 'mask' in lowered && lowered.mask === layer ? { ...lowered, mask: name } : lowered;
}

function isOptions(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !('op' in value);
}
