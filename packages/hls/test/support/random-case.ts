import type { FixedGraph, GraphNode } from '@sp/quant';
import { generator, type Random, randomGraph } from '@sp/test-graphs';
import {
  ConfigError,
  type HlsConfig,
  type LayerOptions,
  listValidParallelFactors,
  listValidReuseFactors,
  plan,
} from '../../src/index.ts';

/** A small random network, a legal random configuration of it for each I/O type, and images for its inputs. */
export interface RandomCase {
  readonly graph: FixedGraph;
  readonly config: HlsConfig;
  readonly streamConfig: HlsConfig;
  readonly images: Readonly<Record<string, Float64Array>>;
}

/** Case number `seed`. The graph is called `name`. */
export function randomCase(name: string, seed: number): RandomCase {
  const random = generator(seed);
  const layerName: Record<string, LayerOptions> = {};
  const observe = (layer: GraphNode, input: GraphNode) => {
    layerName[layer.name] = optionsOf(random, layer, input);
  };
  const { graph, images } = randomGraph(random, name, observe, 0.4);
  return { graph, config: { layerName, ...styleOf(random, graph) }, streamConfig: streamable(layerName), images };
}

const product = (list: readonly number[]): number => list.reduce((p, n) => p * n, 1);

/** Random legal options of a layer. */
function optionsOf(random: Random, layer: GraphNode, input: GraphNode): LayerOptions {
  const factor = (of: number): number => random.pick(listValidParallelFactors(of));
  switch (layer.op) {
    case 'reduce':
      return { variant: random.pick(['tree', 'stream', 'prefix'] as const) };
    case 'sparseConv2d': {
      const pairs = random.chance(0.5);
      return {
        [random.pick(['pixelParallelFactor', 'parallelizationFactor'])]: factor(layer.slots!),
        convArchitecture: pairs ? random.pick(['pairs', 'auto'] as const) : 'gather',
        ...(pairs ? { filtParallelFactor: factor(layer.shape[2]) } : {}),
      };
    }
    case 'sparsePool2d':
      return { pixelParallelFactor: factor(layer.slots!), chanParallelFactor: factor(layer.shape[2]) };
    case 'sparseFlatten':
      return { parallelFactor: factor(input.shape[0] * input.shape[1]) };
    case 'dense':
      return matrixOptions(random, layer.kernel.shape[0], layer.kernel.shape[1]);
    case 'conv1d':
    case 'conv2d': {
      const filters = layer.kernel.shape[layer.kernel.shape.length - 1];
      return convOptions(random, product(layer.kernel.shape) / filters, filters / layer.groups, layer);
    }
    case 'pool1d':
      return { parallelizationFactor: factor(layer.shape[0]) };
    case 'pool2d':
      return { parallelizationFactor: factor(layer.shape[0] * layer.shape[1]) };
    case 'einsum':
      return { parallelizationFactor: factor(product(layer.shape)) };
    default:
      throw new TypeError(`no options for ${layer.op}`);
  }
}

function convOptions(random: Random, inputs: number, outputs: number, y: GraphNode): LayerOptions {
  const pixels = product(y.shape.slice(0, -1));
  return {
    ...matrixOptions(random, inputs, outputs),
    parallelizationFactor: random.pick(listValidParallelFactors(pixels)),
  };
}

/** Any strategy with a legal reuse factor. */
function matrixOptions(random: Random, inputs: number, outputs: number): LayerOptions {
  const legal = listValidReuseFactors(inputs, outputs);
  const strategy = random.pick([
    'auto',
    'latency',
    'resource',
    'distributed_arithmetic',
    ...(legal.length > 2 ? (['resource_unrolled'] as const) : []),
  ] as const);
  if (strategy === 'distributed_arithmetic') return { strategy };
  if (strategy === 'latency') return { strategy, reuseFactor: random.integer(1, inputs * outputs) };
  return { strategy, reuseFactor: random.pick(strategy === 'resource_unrolled' ? legal.slice(1, -1) : legal) };
}

/** Now and then everything at once in one pipeline, or a dataflow region although nothing asks for it. */
function styleOf(random: Random, graph: FixedGraph): HlsConfig {
  if (random.chance(0.25)) {
    const config = { layerName: {}, model: { pipelineStyle: 'pipeline' } } as const;
    try {
      plan(graph, config);
      return config;
    } catch (error) {
      // Some layer has a loop even so.
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  return random.chance(0.4) ? { model: { pipelineStyle: 'dataflow' } } : {};
}

/** The same with streams between the layers: without options that are for whole tensors only. */
function streamable(layerName: Readonly<Record<string, LayerOptions>>): HlsConfig {
  const entries = Object.entries(layerName).map(([name, options]): [string, LayerOptions] => {
    if (!/_(?:conv|pool)[12]d$/.test(name)) return [name, options];
    const { parallelizationFactor: _, ...rest } = options;
    return [name, rest];
  });
  return { model: { ioType: 'io_stream' }, layerName: Object.fromEntries(entries) };
}
