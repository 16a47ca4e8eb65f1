import type { FixedGraph } from '@sp/quant';
import { kernelOf } from '../kernels/registry.ts';
import { plan } from '../plan/plan.ts';
import type { HlsConfig, LayerOptionName, LayerOptions, ModelOptions } from './config.ts';

/** How finely a configuration is written out. */
export type ConfigGranularity = 'model' | 'type' | 'name';

/**
 * A configuration that says what `plan` would decide by itself, to be edited: for the project alone, for every type of node, or for every layer. Factors that depend on
 * a layer's size are left out above granularity `name`: there they mean "all at once".
 *
 * @throws GraphError for an invalid graph
 * @example const config = configFromGraph(graph, 'name'); // { model: {…}, layerName: { conv1: { pixelParallelFactor: 24, … }, … } }
 */
export function configFromGraph(graph: FixedGraph, granularity: ConfigGranularity): HlsConfig {
  const decided = plan(graph);
  const { settings } = decided;
  const project: ModelOptions = {
    ioType: settings.ioType,
    pipelineStyle: 'auto',
    clockPeriod: settings.clockPeriod,
    clockUncertainty: settings.clockUncertainty,
    part: settings.part,
    backend: settings.backend,
  };
  const understood = new Set(graph.nodes.flatMap((node) => kernelOf(node).options));
  if (granularity === 'model') return { model: { ...project, ...pick(DEFAULTS, understood) } };

  if (granularity === 'type') {
    const layerType: Record<string, LayerOptions> = {};
    for (const node of graph.nodes) {
      const options = pick(DEFAULTS, new Set(kernelOf(node).options));
      if (Object.keys(options).length > 0) layerType[node.op] = options;
    }
    return { model: project, layerType };
  }

  const layerName: Record<string, LayerOptions> = {};
  graph.nodes.forEach((node, j) => {
    const options = pick(decided.nodes[j].decisions as LayerOptions, new Set(kernelOf(node).options));
    if (Object.keys(options).length === 0) return;
    const layer = node.layer ?? node.name;
    // Two nodes of a layer may have the same option: then each has an entry of its own.
    const shared = Object.keys(layerName[layer] ?? {}).some((key) => key in options);
    const name = shared ? node.name : layer;
    layerName[name] = { ...layerName[name], ...options };
  });
  return { model: project, layerName };
}

const DEFAULTS: LayerOptions = { strategy: 'auto', reuseFactor: 1, convArchitecture: 'auto', variant: 'tree' };

function pick(options: LayerOptions, keys: ReadonlySet<LayerOptionName>): LayerOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => keys.has(key as LayerOptionName)),
  ) as LayerOptions;
}
