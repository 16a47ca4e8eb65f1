import {
  type FixedGraph,
  type GraphBuilder,
  type GraphNode,
  graphBuilder,
  OVERFLOW_MODES,
  ROUND_MODES,
} from '@sp/quant';
import { ConfigError, type HlsConfig, type LayerOptions, listValidParallelFactors, plan } from '../../src/index.ts';
import { generator, type Random } from './random.ts';
import { densePart, matrixOptions } from './random-dense.ts';
import { randomImages, randomTable, randomWeights, requantized } from './random-parts.ts';

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
  const g = graphBuilder(name);
  const layerName: Record<string, LayerOptions> = {};
  const sparse = random.chance(0.45);
  const shape = sparse
    ? [random.integer(1, 9), random.integer(1, 9), random.integer(1, 3)]
    : [
        [random.integer(2, 8), random.integer(1, 4)],
        [random.integer(1, 7)],
        [random.integer(2, 6), random.integer(2, 5), random.integer(1, 4)],
      ][Math.min(2, random.integer(0, 4))];
  const input = g.input('input', {
    shape,
    format: randomTable(random, shape, random.chance(0.2) ? 'element' : 'channel', true),
    round: random.pick(ROUND_MODES),
    overflow: random.pick(OVERFLOW_MODES),
  });
  const outputs: GraphNode[] = [];
  let x: GraphNode = sparse ? sparsePart(random, g, input, layerName, outputs) : input;
  if (x.slots === undefined && (!sparse || random.chance(0.3))) x = densePart(random, g, x, layerName, outputs);
  if (x.slots === undefined) x = lastLayers(random, g, x, layerName, outputs);
  outputs.push(random.chance(0.7) ? requantized(random, g, 'last', x) : x);
  const graph = g.build([...new Set(outputs)]);
  const images = Object.fromEntries(
    graph.nodes
      .filter(({ op }) => op === 'input')
      .map((port) => [port.name, randomImages(random, port, BATCH, sparse ? 0.35 : 1)]),
  );
  return { graph, config: { layerName, ...styleOf(random, graph) }, streamConfig: streamable(layerName), images };
}

const BATCH = 12;

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

/** Up to two dense layers at the end. */
function lastLayers(
  random: Random,
  g: GraphBuilder,
  from: GraphNode,
  layerName: Record<string, LayerOptions>,
  outputs: GraphNode[],
): GraphNode {
  let x = from;
  const depth = random.integer(0, 2);
  for (let d = 0; d < depth; d++) {
    x = requantized(random, g, `dq${d}`, x);
    const inputs = x.shape[x.shape.length - 1];
    const units = random.integer(1, 8);
    const kernel = randomWeights(random, [inputs, units]);
    x = g.dense(`dense${d}`, x, { kernel, ...(random.chance(0.6) ? { bias: randomWeights(random, [units]) } : {}) });
    layerName[`dense${d}`] = matrixOptions(random, inputs, units);
    if (random.chance(0.5)) x = g.relu(`drelu${d}`, x);
    if (random.chance(0.3)) outputs.push(x);
  }
  return x;
}

function sparsePart(
  random: Random,
  g: GraphBuilder,
  input: GraphNode,
  layerName: Record<string, LayerOptions>,
  outputs: GraphNode[],
): GraphNode {
  const [h, w] = input.shape;
  const slots = random.integer(1, Math.min(10, h * w));
  const high = 2 ** Math.min(50, Math.max(0, input.format.i[0] + input.format.f[0]));
  const threshold = random.chance(0.5)
    ? 0
    : random.integer(input.format.k[0] === 1 ? -2 : 0, Math.max(0, Math.floor(high / 3)));
  let x: GraphNode = g.reduce('reduce', input, { slots, threshold });
  layerName['reduce'] = { variant: random.pick(['tree', 'stream', 'prefix'] as const) };
  const divisors = listValidParallelFactors(slots);
  const depth = random.integer(1, 4);
  for (let d = 0; d < depth; d++) {
    const [height, width, channels] = x.shape;
    if (random.chance(0.6)) {
      const filters = random.integer(1, 3);
      const kernel = randomWeights(random, [random.pick([1, 3, 5]), random.pick([1, 3, 3, 7]), channels, filters]);
      x = g.sparseConv2d(`conv${d}`, x, {
        kernel,
        ...(random.chance(0.6) ? { bias: randomWeights(random, [filters]) } : {}),
      });
      const pairs = random.chance(0.5);
      layerName[`conv${d}`] = {
        [random.pick(['pixelParallelFactor', 'parallelizationFactor'])]: random.pick(divisors),
        convArchitecture: pairs ? random.pick(['pairs', 'auto'] as const) : 'gather',
        ...(pairs ? { filtParallelFactor: random.pick(listValidParallelFactors(filters)) } : {}),
      };
    } else {
      const pool = [random.integer(1, Math.min(3, height)), random.integer(1, Math.min(3, width))] as const;
      x = g.sparsePool2d(`pool${d}`, x, { mode: random.pick(['avg', 'max'] as const), pool });
      layerName[`pool${d}`] = {
        pixelParallelFactor: random.pick(divisors),
        chanParallelFactor: random.pick(listValidParallelFactors(channels)),
      };
    }
    if (random.chance(0.2)) outputs.push(x);
    if (random.chance(0.6)) x = g.relu(`relu${d}`, x);
    // Behind the last layer a value may stay divided; flatten takes it.
    const divided = x.divisor !== undefined && d < depth - 1;
    if (divided || random.chance(0.9)) x = requantized(random, g, `q${d}`, x);
  }
  if (random.chance(0.15)) return x;
  const flat = g.sparseFlatten('flatten', x);
  layerName['flatten'] = { parallelFactor: random.pick(listValidParallelFactors(x.shape[0] * x.shape[1])) };
  return flat;
}
