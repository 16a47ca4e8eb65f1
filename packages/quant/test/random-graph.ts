/** Random small graphs over all ops, from a seed. */

import type { FormatTable } from '../src/format/format.ts';
import { OVERFLOW_MODES, ROUND_MODES } from '../src/format/type-string.ts';
import type { GraphBuilder } from '../src/graph/builder.ts';
import {
  type FixedGraph,
  type Format,
  formatTable,
  type GraphNode,
  graphBuilder,
  lutTable,
  samePads,
  sizeOf,
  type Weights,
} from '../src/index.ts';
import { seededRandom } from '../src/numeric/seeded-random.ts';

/** A generator of numbers in [0, 1). */
export type Random = () => number;

export function randomSource(seed: number): Random {
  return seededRandom(seed ^ 0x9e3779b9);
}

const int = (next: Random, lo: number, hi: number): number => lo + Math.floor(next() * (hi - lo + 1));
const pick = <T>(next: Random, list: readonly T[]): T => list[int(next, 0, list.length - 1)];

export function randomFormat(next: Random): Format {
  return { k: next() < 0.6 ? 1 : 0, i: int(next, -2, 4), f: int(next, -2, 4) };
}

function randomTable(next: Random, shape: readonly number[]): FormatTable {
  const chosen = next();
  const tableShape = shape.map((length, d) => (chosen < 0.4 || (chosen < 0.7 && d < shape.length - 1) ? 1 : length));
  const formats = Array.from({ length: sizeOf(tableShape) }, () => randomFormat(next));
  return formatTable(tableShape, {
    k: formats.map(({ k }) => k),
    i: formats.map(({ i }) => i),
    f: formats.map(({ f }) => f),
  });
}

/** Small integers, a part of them 0; sometimes whole output channels are 0. */
function weights(next: Random, shape: readonly number[]): Weights {
  const last = shape.at(-1)!;
  const dead = Array.from({ length: last }, () => next() < 0.25);
  const codes = Array.from({ length: sizeOf(shape) }, (_, j) =>
    dead[j % last] || next() < 0.2 ? 0 : int(next, -7, 7),
  );
  return { shape: [...shape], codes, f: int(next, -1, 3) };
}

function requantized(g: GraphBuilder, name: string, x: GraphNode, next: Random): GraphNode {
  return g.requantize(name, x, {
    to: randomTable(next, x.shape),
    round: pick(next, ROUND_MODES),
    overflow: pick(next, OVERFLOW_MODES),
  });
}

/**
 * Casts to finer scales that lose nothing, one behind the other and sometimes with a node between, in front of a node that takes codes
 * literally: simplifying may remove some of them, but not all.
 */
function castsInRow(g: GraphBuilder, name: string, x: GraphNode, next: Random): GraphNode | undefined {
  if (x.divisor !== undefined) return undefined;
  const isImage = x.slots === undefined && x.shape.length === 3;
  let to: Format = { k: 1, i: Math.max(...x.format.i), f: Math.max(...x.format.f) };
  let node = x;
  for (let j = int(next, 2, 3); j > 0; j--) {
    to = { ...to, f: to.f + int(next, 0, 2) };
    node = g.requantize(`${name}_cast${j}`, node, { to, overflow: 'SAT' });
    if (j > 1 && next() < 0.3) node = g.relu(`${name}_relu${j}`, node);
  }
  if (isImage && next() < 0.6) {
    return g.reduce(name, node, { slots: int(next, 1, x.shape[0] * x.shape[1]), threshold: int(next, 0, 40) });
  }
  if (1 + to.i + to.f > 10) return node;
  return g.lut(name, node, { tables: [lutTable((v) => v * v - v, to, { to: randomFormat(next) })], f: 0 });
}

/** One random op on `x`, or `undefined` when the one drawn does not apply. */
function step(
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  others: readonly GraphNode[],
  next: Random,
): GraphNode | undefined {
  const isList = x.slots !== undefined;
  const channels = x.shape.at(-1)!;
  const bias = (length: number): { bias?: Weights } => (next() < 0.6 ? { bias: weights(next, [length]) } : {});
  const constantShape = (): number[] =>
    x.shape.map((length, d) => (d === x.shape.length - 1 && next() < 0.7 ? length : 1));
  const partner = others.find(
    (other) => other.shape.join() === x.shape.join() && other.slots === x.slots && other !== x,
  );
  if (x.divisor !== undefined && next() < 0.6) return requantized(g, name, x, next);
  switch (int(next, 0, 22)) {
    case 0:
    case 1:
      return requantized(g, name, x, next);
    case 2:
      return castsInRow(g, name, x, next);
    case 3:
      return g.relu(name, x);
    case 4:
      return g.leakyRelu(name, x, { alpha: weights(next, constantShape()) });
    case 5:
      return g.scaleOffset(name, x, {
        scale: weights(next, constantShape()),
        ...(next() < 0.3 ? { over: pick(next, [1, 3, 5]) } : {}),
        ...(next() < 0.5 ? { offset: weights(next, constantShape()) } : {}),
      });
    case 6:
    case 7: {
      if (isList) {
        const filters = int(next, 1, 3);
        const size = [pick(next, [1, 3, 5]), pick(next, [1, 3])];
        return g.sparseConv2d(name, x, { kernel: weights(next, [...size, channels, filters]), ...bias(filters) });
      }
      const outputs = int(next, 1, 3);
      return g.dense(name, x, { kernel: weights(next, [channels, outputs]), ...bias(outputs) });
    }
    case 8: {
      if (isList) {
        const pool: [number, number] = [int(next, 1, Math.min(3, x.shape[0])), int(next, 1, Math.min(3, x.shape[1]))];
        return g.sparsePool2d(name, x, { mode: pick(next, ['avg', 'max']), pool });
      }
      if (x.shape.length !== 3) return undefined;
      const groups = pick(next, [1, channels]);
      const filters = groups * int(next, 1, 2);
      const strides = [int(next, 1, 2), int(next, 1, 2)] as const;
      const same =
        next() < 0.5
          ? { pads: [samePads(x.shape[0], 2, strides[0]), samePads(x.shape[1], 1, strides[1])] as const }
          : {};
      const kernel = weights(next, [Math.min(2, x.shape[0]), 1, channels / groups, filters]);
      return g.conv2d(name, x, { kernel, ...bias(filters), strides, groups, ...same });
    }
    case 9: {
      if (isList) return g.sparseFlatten(name, x);
      if (x.shape.length === 2) {
        const filters = int(next, 1, 2);
        return g.conv1d(name, x, { kernel: weights(next, [2, channels, filters]), pads: [1, 1], ...bias(filters) });
      }
      return g.flatten(name, x);
    }
    case 10: {
      if (isList || x.shape.length < 2) return undefined;
      const mode = pick(next, ['avg', 'max'] as const);
      const countPads = next() < 0.5;
      if (x.shape.length === 2) return g.pool1d(name, x, { mode, pool: 2, stride: 1, pads: [1, 0], countPads });
      return g.pool2d(name, x, {
        mode,
        pool: [2, 2],
        strides: [1, 2],
        pads: [
          [1, 1],
          [0, 1],
        ],
        countPads,
      });
    }
    case 11: {
      if (isList) return undefined;
      const shape = x.shape.map((length) => (next() < 0.5 ? length : 1));
      const constant = g.constant(`${name}_constant`, weights(next, shape));
      const op = pick(next, ['add', 'sub', 'mul', 'max', 'min'] as const);
      return next() < 0.5 ? g[op](name, x, constant) : g[op](name, constant, x);
    }
    case 12:
      return partner === undefined
        ? undefined
        : g[pick(next, ['add', 'sub', 'mul', 'max', 'min'] as const)](name, x, partner);
    case 13:
      return partner === undefined ? undefined : g.concat(name, [x, partner], { axis: x.shape.length - 1 });
    case 14:
      return isList
        ? undefined
        : g[pick(next, ['sumOver', 'meanOver', 'maxOver', 'minOver'] as const)](name, x, {
            axes: [int(next, 0, x.shape.length - 1)],
            keepDims: next() < 0.5,
          });
    case 15:
      return isList ? undefined : g.transpose(name, x, { perm: x.shape.map((_, d) => d).reverse() });
    case 21: {
      if (isList) return undefined;
      const axis = int(next, 0, x.shape.length - 1);
      const indices = Array.from({ length: int(next, 1, 4) }, () => int(next, 0, x.shape[axis] - 1));
      return g.take(name, x, { axis, indices });
    }
    case 16:
      return isList ? undefined : g.pad(name, x, { pads: x.shape.map(() => [int(next, 0, 1), int(next, 0, 1)]) });
    case 17: {
      if (isList || x.shape.length !== 2) return undefined;
      return g.einsum(name, x, x, { equation: 'ij,kj->ik' });
    }
    case 18:
      return isList ? undefined : g.argmax(name, x, { result: pick(next, ['index', 'oneHot']) });
    case 19: {
      const from: Format = { k: 1, i: 2, f: 1 };
      const index = g.requantize(`${name}_index`, x, { to: from, overflow: 'SAT' });
      return g.lut(name, index, { tables: [lutTable((v) => v * v - v, from, { to: randomFormat(next) })], f: 0 });
    }
    case 20:
      return isList ? undefined : g.reshape(name, x, { shape: [sizeOf(x.shape), 1] });
    default:
      return isList || x.shape.length !== 3
        ? undefined
        : g.reduce(name, x, { slots: int(next, 1, Math.min(6, x.shape[0] * x.shape[1])), threshold: int(next, -1, 2) });
  }
}

/** A graph of up to a dozen nodes with one or two outputs. */
export function randomGraph(seed: number): FixedGraph {
  const next = randomSource(seed);
  const g = graphBuilder(`random ${seed}`);
  const shape = pick(next, [[4, 5, 1], [3, 4, 2], [4, 2], [5]]);
  const input = g.input('x', {
    shape,
    format: randomTable(next, shape),
    round: pick(next, ROUND_MODES),
    overflow: pick(next, OVERFLOW_MODES),
  });
  const nodes: GraphNode[] = [input];
  let x: GraphNode =
    shape.length === 3 && next() < 0.7
      ? g.reduce('list', input, { slots: int(next, 1, 8), threshold: int(next, -1, 2) })
      : input;
  nodes.push(x);
  const count = int(next, 2, 9);
  for (let j = 0; j < count; j++) {
    if (next() < 0.2) x = pick(next, nodes);
    const made = tryStep(g, `n${j}`, x, nodes, next);
    if (made === undefined) continue;
    x = made;
    nodes.push(x);
  }
  const outputs = new Set([x, pick(next, nodes)]);
  return g.build([...outputs]);
}

/** Ops refuse what they cannot do (a value waiting for its division, tensors that grow too large): then nothing is added. */
function tryStep(
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  nodes: readonly GraphNode[],
  next: Random,
): GraphNode | undefined {
  try {
    const made = step(g, name, x, nodes, next);
    // Keep test cases small.
    return made !== undefined && sizeOf(made.shape) <= 200 ? made : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'GraphError') return undefined;
    throw error;
  }
}

/** Values around the input formats' ranges, many of them on the grid, some zero. */
export function randomReals(count: number, next: Random): number[] {
  return Array.from({ length: count }, () =>
    next() < 0.3 ? 0 : next() < 0.5 ? (next() - 0.5) * 12 : int(next, -24, 24) / 8,
  );
}
