import type { FixedGraph, GraphNode } from '@sp/quant';
import { didYouMean } from '@sp/quant/suggest';
import { ConfigError } from '../errors.ts';
import type { HlsConfig, LayerOptionName, LayerOptions } from './config.ts';
import { checkLayerOptions, checkModelOptions, checkNamedOptions, layerOptionNames } from './options.ts';
import { shown } from './shown.ts';

/** The options of one node after precedence: each value with the place it comes from. */
export interface ResolvedOptions {
  /** The value that wins, or undefined: use the built-in default. */
  get<K extends LayerOptionName>(key: K): LayerOptions[K] | undefined;
  /** Where that value was set, for messages: `layerName.conv1.reuseFactor = 7`. */
  origin(key: LayerOptionName): string;
}

/** Which options each op understands. */
export type OptionsOfOp = ReadonlyMap<string, readonly LayerOptionName[]>;

/**
 * Checks a configuration against a graph: keys and values, names of layers and types, and that no option is one that nothing here understands.
 *
 * @throws ConfigError naming the place and the nearest legal spelling
 */
export function checkConfig(config: HlsConfig, graph: FixedGraph, understood: OptionsOfOp): void {
  const levels = ['model', 'layerType', 'layerName'];
  requireObject(config, 'config');
  for (const key of Object.keys(config)) {
    if (!levels.includes(key)) {
      throw new ConfigError(`config: unknown level "${key}"${didYouMean(key, levels)} (known: ${levels.join(', ')})`);
    }
  }
  const { model = {}, layerType = {}, layerName = {} } = config;
  requireObject(model, 'config.model');
  requireObject(layerType, 'config.layerType');
  requireObject(layerName, 'config.layerName');
  checkModelOptions(model, 'config.model');
  requireUse(model, graph.nodes, understood, 'config.model', 'no layer of this graph has it');

  for (const [op, options] of Object.entries(layerType)) {
    const where = `config.layerType.${op}`;
    if (!understood.has(op)) {
      const ops = [...understood.keys()];
      throw new ConfigError(`${where}: unknown type${didYouMean(op, ops)} (known: ${ops.join(', ')})`);
    }
    checkLayerOptions(options, where);
    const legal = understood.get(op) ?? [];
    for (const key of Object.keys(options)) {
      if (!legal.includes(key as LayerOptionName)) {
        throw new ConfigError(`${where}: a ${op} has no option "${key}" (it has: ${legal.join(', ') || 'none'})`);
      }
    }
  }

  for (const [name, options] of Object.entries(layerName)) {
    const where = `config.layerName.${name}`;
    const nodes = graph.nodes.filter((node) => node.name === name || node.layer === name);
    if (nodes.length === 0) {
      const names = [...new Set(graph.nodes.flatMap((node) => [node.layer ?? node.name, node.name]))];
      throw new ConfigError(`${where}: no such layer${didYouMean(name, names)} (there are: ${names.join(', ')})`);
    }
    checkNamedOptions(options, where);
    requireUse(options, nodes, understood, where, 'no part of this layer has it');
  }
}

/** A configuration may come from a JSON file. */
function requireObject(part: unknown, where: string): void {
  if (typeof part === 'object' && part !== null && !Array.isArray(part)) return;
  throw new ConfigError(`${where} = ${shown(part)}; expected an object`);
}

function requireUse(
  options: LayerOptions,
  nodes: readonly GraphNode[],
  understood: OptionsOfOp,
  where: string,
  complaint: string,
): void {
  const used = new Set(nodes.flatMap((node) => understood.get(node.op) ?? []));
  for (const key of layerOptionNames) {
    if (options[key] === undefined || used.has(key)) continue;
    const legal = [...used].sort();
    throw new ConfigError(
      `${where}: ${key} has no effect, ${complaint} (options with an effect: ${legal.join(', ') || 'none'})`,
    );
  }
}

/** The options of one node. Precedence: node name, layer name, type, model. */
export function resolveOptions(config: HlsConfig, node: GraphNode): ResolvedOptions {
  const levels: [string, LayerOptions | undefined][] = [
    [`layerName.${node.name}`, config.layerName?.[node.name]],
    [`layerName.${node.layer}`, node.layer === undefined ? undefined : config.layerName?.[node.layer]],
    [`layerType.${node.op}`, config.layerType?.[node.op]],
    ['model', config.model],
  ];
  const find = (key: LayerOptionName) => levels.find(([, options]) => options?.[key] !== undefined);
  return {
    get: <K extends LayerOptionName>(key: K) => find(key)?.[1]?.[key],
    origin: (key) => {
      const level = find(key);
      return level === undefined ? `default ${key}` : `${level[0]}.${key} = ${level[1]?.[key]}`;
    },
  };
}
