import { type FixedGraph, type GraphNode, graphBuilder } from '@sp/quant';
import { type GraphBuilder, OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import type { Random } from './random.ts';
import { densePart } from './random-dense.ts';
import { type LayerObserver, randomImages, randomTable, randomWeights, requantized } from './random-parts.ts';

/** A small random network and images for its inputs. */
export interface RandomGraph {
  readonly graph: FixedGraph;
  readonly images: Readonly<Record<string, Float64Array>>;
}

/**
 * A network over all kinds of node, sparse or not, drawn from `random`.
 *
 * @param flattened share of the images that are flattened before the last layers; none by default
 */
export function randomGraph(
  random: Random,
  name: string,
  observe: LayerObserver = () => {},
  flattened: number = 0,
): RandomGraph {
  const g = graphBuilder(name);
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
  let x: GraphNode = sparse ? sparsePart(random, g, input, observe, outputs) : input;
  if (x.slots === undefined && (!sparse || random.chance(0.3))) x = densePart(random, g, x, observe, outputs);
  if (flattened > 0 && x.slots === undefined && x.shape.length > 1 && random.chance(flattened)) {
    x = g.flatten('flat', x);
    if (random.chance(0.5)) x = g.relu('flat_relu', x);
  }
  if (x.slots === undefined) x = lastLayers(random, g, x, observe, outputs);
  outputs.push(random.chance(0.7) ? requantized(random, g, 'last', x) : x);
  const graph = g.build([...new Set(outputs)]);
  const images = Object.fromEntries(
    graph.nodes
      .filter(({ op }) => op === 'input')
      .map((port) => [port.name, randomImages(random, port, BATCH, sparse ? 0.35 : 1)]),
  );
  return { graph, images };
}

const BATCH = 12;

/** Up to two dense layers at the end. */
function lastLayers(
  random: Random,
  g: GraphBuilder,
  from: GraphNode,
  observe: LayerObserver,
  outputs: GraphNode[],
): GraphNode {
  let x = from;
  const depth = random.integer(0, 2);
  for (let d = 0; d < depth; d++) {
    x = requantized(random, g, `dq${d}`, x);
    const inputs = x.shape[x.shape.length - 1];
    const units = random.integer(1, 8);
    const kernel = randomWeights(random, [inputs, units]);
    const y = g.dense(`dense${d}`, x, {
      kernel,
      ...(random.chance(0.6) ? { bias: randomWeights(random, [units]) } : {}),
    });
    observe(y, x);
    x = y;
    if (random.chance(0.5)) x = g.relu(`drelu${d}`, x);
    if (random.chance(0.3)) outputs.push(x);
  }
  return x;
}

function sparsePart(
  random: Random,
  g: GraphBuilder,
  input: GraphNode,
  observe: LayerObserver,
  outputs: GraphNode[],
): GraphNode {
  const [h, w] = input.shape;
  const slots = random.integer(1, Math.min(10, h * w));
  const high = 2 ** Math.min(50, Math.max(0, input.format.i[0] + input.format.f[0]));
  const threshold = random.chance(0.5)
    ? 0
    : random.integer(input.format.k[0] === 1 ? -2 : 0, Math.max(0, Math.floor(high / 3)));
  let x: GraphNode = g.reduce('reduce', input, { slots, threshold });
  observe(x, input);
  const depth = random.integer(1, 4);
  for (let d = 0; d < depth; d++) {
    const [height, width, channels] = x.shape;
    if (random.chance(0.6)) {
      const filters = random.integer(1, 3);
      const kernel = randomWeights(random, [random.pick([1, 3, 5]), random.pick([1, 3, 3, 7]), channels, filters]);
      const y = g.sparseConv2d(`conv${d}`, x, {
        kernel,
        ...(random.chance(0.6) ? { bias: randomWeights(random, [filters]) } : {}),
      });
      observe(y, x);
      x = y;
    } else {
      const pool = [random.integer(1, Math.min(3, height)), random.integer(1, Math.min(3, width))] as const;
      const y = g.sparsePool2d(`pool${d}`, x, { mode: random.pick(['avg', 'max'] as const), pool });
      observe(y, x);
      x = y;
    }
    if (random.chance(0.2)) outputs.push(x);
    if (random.chance(0.6)) x = g.relu(`relu${d}`, x);
    // Behind the last layer a value may stay divided; flatten takes it.
    const divided = x.divisor !== undefined && d < depth - 1;
    if (divided || random.chance(0.9)) x = requantized(random, g, `q${d}`, x);
  }
  if (random.chance(0.15)) return x;
  const flat = g.sparseFlatten('flatten', x);
  observe(flat, x);
  return flat;
}
