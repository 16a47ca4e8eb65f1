import { type FixedGraph, formatTable, formatWidth, type GraphNode, parseType, TypeStringError } from '@sp/quant';
import { type RequantizeNode, rebuild } from '@sp/quant/internal';
import { didYouMean } from '@sp/quant/suggest';
import type { HlsConfig } from '../config/config.ts';
import { ConfigError } from '../errors.ts';

type FixedPointType = Extract<ReturnType<typeof parseType>, { kind: 'fixed' }>;

/** What `applyPrecision` makes of a graph. */
export interface PreciseGraph {
  readonly graph: FixedGraph;
  readonly formerNames: ReadonlyMap<string, string>;
}

/**
 * The graph with the result types a user wishes: each is a requantisation behind the layer's last node, under that node's name, so that everything that reads it reads the
 * requantised value. This is the only option that changes values; `plan` returns the changed graph, and `compare` wants that one.
 *
 * @returns the graph, the same object when no precision is given, and the former names of nodes that had to be renamed
 * @throws ConfigError for a type that cannot be read, `auto` excepted, or an unknown layer
 * @throws GraphError when a node cannot take the new type, such as a table made for another
 */
export function applyPrecision(asked: FixedGraph, config: HlsConfig): PreciseGraph {
  let graph = asked;
  const formerNames = new Map<string, string>();
  for (const [name, { precision }] of Object.entries(config.layerName ?? {})) {
    if (precision === undefined || precision === 'auto') continue;
    graph = withResultType(graph, name, precision, formerNames);
  }
  return { graph, formerNames };
}

function withResultType(
  graph: FixedGraph,
  layer: string,
  precision: string,
  formerNames: Map<string, string>,
): FixedGraph {
  const where = `config.layerName.${layer}`;
  const target = graph.nodes.find(({ name }) => name === layer) ?? graph.nodes.findLast((node) => node.layer === layer);
  if (target === undefined) {
    const names = [...new Set(graph.nodes.map((node) => node.layer ?? node.name))];
    throw new ConfigError(`${where}: no such layer${didYouMean(layer, names)} (there are: ${names.join(', ')})`);
  }
  if (target.op === 'input') {
    throw new ConfigError(
      `${where}: precision of an input is the graph's own; lower the model with another input type`,
    );
  }
  const type = typeOf(where, precision);
  if (formatWidth(type.format) <= 0) {
    throw new ConfigError(`${where}: precision = "${precision}" has no bits; use a width of at least 1`);
  }
  const names = new Set(graph.nodes.map(({ name }) => name));
  let exact = `${target.name}_exact`;
  while (names.has(exact)) exact += '_';
  formerNames.set(exact, target.name);
  const rounded: RequantizeNode = {
    op: 'requantize',
    name: target.name,
    inputs: [exact],
    shape: target.shape,
    ...(target.slots === undefined ? {} : { slots: target.slots }),
    format: formatTable(
      target.shape.map(() => 1),
      type.format,
    ),
    to: formatTable(
      target.shape.map(() => 1),
      type.format,
    ),
    round: type.round,
    overflow: type.overflow,
    layer: target.layer ?? target.name,
  };
  const nodes = graph.nodes.flatMap((node): GraphNode[] =>
    node === target ? [{ ...target, name: exact, layer: target.layer ?? target.name }, rounded] : [node],
  );
  return rebuild(graph, nodes);
}

function typeOf(where: string, precision: string): FixedPointType {
  try {
    const type = parseType(precision);
    if (type.kind === 'auto') throw new ConfigError(`${where}: precision "auto" is the default`);
    if (type.saturationBits > 0) {
      throw new ConfigError(
        `${where}: precision = "${precision}"; saturation bits N are not supported, leave them out`,
      );
    }
    return type;
  } catch (cause) {
    if (cause instanceof TypeStringError) throw new ConfigError(`${where}: precision: ${cause.message}`, { cause });
    throw cause;
  }
}
