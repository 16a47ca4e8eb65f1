import {
  type FixedGraph,
  type Format,
  type FormatTable,
  formatTable,
  type GraphBuilder,
  type GraphNode,
  graphBuilder,
  OVERFLOW_MODES,
  ROUND_MODES,
  type Weights,
} from '@sp/quant';
import type { HlsConfig, LayerOptions } from '../../src/index.ts';
import { listValidParallelFactors, listValidReuseFactors } from '../../src/index.ts';
import { generator, type Random } from './random.ts';

/** A small random network, a legal random configuration for it, and images for its input. */
export interface RandomCase {
  readonly graph: FixedGraph;
  readonly config: HlsConfig;
  readonly images: Float64Array;
  readonly batch: number;
}

/** Case number `seed`. The graph is called `name`. */
export function randomCase(name: string, seed: number): RandomCase {
  const random = generator(seed);
  const g = graphBuilder(name);
  const layerName: Record<string, LayerOptions> = {};
  const sparse = random.chance(0.75);
  const [h, w, c] = sparse
    ? [random.integer(1, 9), random.integer(1, 9), random.integer(1, 3)]
    : [1, random.integer(1, 3), random.integer(1, 7)];
  const shape = sparse ? [h, w, c] : random.chance(0.5) ? [w, c] : [c];
  const input = g.input('input', {
    shape,
    format: randomTable(random, shape, random.chance(0.2) ? 'element' : 'channel', true),
    round: random.pick(ROUND_MODES),
    overflow: random.pick(OVERFLOW_MODES),
  });
  const outputs: GraphNode[] = [];
  let x: GraphNode = sparse ? sparsePart(random, g, input, layerName, outputs) : input;
  const depth = x.slots === undefined ? random.integer(sparse ? 0 : 1, 3) : 0;
  for (let d = 0; d < depth; d++) {
    x = requantized(random, g, `dq${d}`, x);
    const inputs = x.shape[x.shape.length - 1];
    const units = random.integer(1, 8);
    const kernel = randomWeights(random, [inputs, units]);
    x = g.dense(`dense${d}`, x, { kernel, ...(random.chance(0.6) ? { bias: randomWeights(random, [units]) } : {}) });
    const reuseFactor = random.pick(listValidReuseFactors(inputs, units));
    layerName[`dense${d}`] = random.chance(0.3)
      ? { strategy: 'latency', reuseFactor: random.integer(1, inputs * units) }
      : { strategy: random.pick(['resource', 'resource', 'auto']), reuseFactor };
    if (random.chance(0.5)) x = g.relu(`drelu${d}`, x);
    if (random.chance(0.3)) outputs.push(x);
  }
  outputs.push(random.chance(0.7) ? requantized(random, g, 'last', x) : x);
  const graph = g.build([...new Set(outputs)]);
  const batch = 12;
  return {
    graph,
    config: { layerName, ...(random.chance(0.3) ? { model: { pipelineStyle: 'dataflow' as const } } : {}) },
    images: randomImages(random, input, batch, sparse ? 0.35 : 1),
    batch,
  };
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
  const high = 2 ** Math.max(0, input.format.i[0] + input.format.f[0]);
  const threshold = random.chance(0.5)
    ? 0
    : random.integer(input.format.k[0] === 1 ? -2 : 0, Math.max(0, Math.floor(high / 3)));
  let x: GraphNode = g.reduce('reduce', input, { slots, threshold });
  layerName['reduce'] = { variant: random.pick(['tree', 'stream'] as const) };
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
      layerName[`conv${d}`] = {
        [random.pick(['pixelParallelFactor', 'parallelizationFactor'])]: random.pick(divisors),
        filtParallelFactor: random.pick(listValidParallelFactors(filters)),
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
    if (random.chance(0.9)) x = requantized(random, g, `q${d}`, x);
  }
  if (random.chance(0.15)) return x;
  const flat = g.sparseFlatten('flatten', x);
  layerName['flatten'] = { parallelFactor: random.pick(listValidParallelFactors(x.shape[0] * x.shape[1])) };
  return flat;
}

function requantized(random: Random, g: GraphBuilder, name: string, x: GraphNode): GraphNode {
  const kind = random.pick(['one', 'channel', 'channel', 'element'] as const);
  return g.requantize(name, x, {
    to: randomTable(random, x.shape, kind, false),
    round: random.pick(ROUND_MODES),
    overflow: random.pick(OVERFLOW_MODES),
  });
}

/** Formats of a few bits; some channels or elements have no width at all. */
function randomTable(
  random: Random,
  shape: readonly number[],
  kind: 'one' | 'channel' | 'element',
  input: boolean,
): FormatTable {
  const own = shape.map((size, d) => (kind === 'element' || (kind === 'channel' && d === shape.length - 1) ? size : 1));
  const count = own.reduce((product, size) => product * size, 1);
  const base = random.integer(-2, 3);
  const formats: Format[] = Array.from({ length: count }, (_, j) => {
    if (random.chance(0.1) && !(input && j === 0))
      return { k: random.pick([0, 1] as const), i: -3, f: random.integer(0, 2) };
    const width = random.chance(0.03) ? random.integer(30, 45) : random.integer(1, 7);
    const k = random.chance(0.4) ? 1 : 0;
    const i = base + random.integer(0, 1);
    return { k, i, f: width - k - i };
  });
  return formatTable(own, { k: formats.map(({ k }) => k), i: formats.map(({ i }) => i), f: formats.map(({ f }) => f) });
}

function randomWeights(random: Random, shape: number[]): Weights {
  const bits = random.pick([1, 3, 4, 7]);
  const zeros = random.pick([0, 0.2, 0.9]);
  const codes = Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () =>
    random.chance(zeros) ? 0 : random.integer(-(2 ** bits), 2 ** bits),
  );
  return { shape, codes, f: random.integer(-1, 5) };
}

/** Images among which are: all empty, all active, extreme values. */
function randomImages(random: Random, input: GraphNode, batch: number, density: number): Float64Array {
  const size = input.shape.reduce((product, length) => product * length, 1);
  const channels = input.shape[input.shape.length - 1];
  const scale = 2 ** (Math.max(...input.format.i) + 1);
  const images = new Float64Array(batch * size);
  for (let b = 0; b < batch; b++) {
    const share = b === 0 ? 0 : b === 1 ? 1 : density * random.next() * 2;
    const extreme = b === 2 || b === 3;
    for (let p = 0; p < size; p += channels) {
      if (!random.chance(share)) continue;
      for (let c = 0; c < channels; c++) {
        images[b * size + p + c] = extreme ? (random.chance(0.5) ? -4 : 4) * scale : (random.next() * 2 - 0.7) * scale;
      }
    }
  }
  return images;
}
