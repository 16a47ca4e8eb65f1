import type { FixedGraph } from '@sp/quant';
import { kernelOf } from '../kernels/registry.ts';
import { plan } from '../plan/plan.ts';
import type { HlsConfig, LayerOptionName, LayerOptions, ModelOptions } from './config.ts';

/** How finely a configuration is written out. */
export type ConfigGranularity = 'model' | 'type' | 'name';

/**
 * A configuration that says what `plan` would decide by itself, to be edited: for the project alone, for every type of node, or for every layer. Factors that depend on
 * a layer's size are left out above granularity `name`: there they mean "all at once". Whatever the default makes depend on `ioType` is left out too (`variant` of a reduction,
 * `parallelizationFactor` of a dense pooling), so that `ioType` can be edited like everything else.
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

  const streamed = plan(graph, { model: { ioType: 'io_stream' } });
  const layerName: Record<string, LayerOptions> = {};
  graph.nodes.forEach((node, j) => {
    const here = decided.nodes[j].decisions;
    const there = streamed.nodes[j].decisions;
    const options = pick(
      here as LayerOptions,
      new Set(kernelOf(node).options.filter((key) => here[key] === there[key])),
    );
    if (Object.keys(options).length === 0) return;
    const layer = node.layer ?? node.name;
    // Two nodes of a layer may have the same option: then each has an entry of its own.
    const shared = Object.keys(layerName[layer] ?? {}).some((key) => key in options);
    const name = shared ? node.name : layer;
    layerName[name] = { ...layerName[name], ...options };
  });
  return { model: project, layerName };
}

/** Those that do not depend on `ioType`. */
const DEFAULTS: LayerOptions = { strategy: 'auto', reuseFactor: 1, convArchitecture: 'auto' };

function pick(options: LayerOptions, keys: ReadonlySet<LayerOptionName>): LayerOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => keys.has(key as LayerOptionName)),
  ) as LayerOptions;
}
