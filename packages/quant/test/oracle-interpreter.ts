/**
 * The fixed graph's meaning once more, as plainly as possible: real numbers as fractions, one image at a time, sparse lists as dense images with a
 * set of active pixels. It shares no arithmetic with the interpreter.
 */

import type { FormatTable } from '../src/format/format.ts';
import type { FixedGraph, GraphNode, Weights } from '../src/index.ts';
import {
  add,
  compare,
  divide,
  type Fraction,
  fraction,
  multiply,
  ofDouble,
  scaled,
  subtract,
  ZERO,
} from './fraction.ts';
import { quantizeOracle, total } from './oracle-quantize.ts';

/** A tensor of exact reals; `active` marks the pixels of a list, true for each pixel that has a slot. */
export interface OracleValue {
  readonly shape: readonly number[];
  readonly data: Fraction[];
  readonly active?: boolean[];
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function positions(shape: readonly number[]): number[][] {
  return Array.from({ length: product(shape) }, (_, index) => {
    let rest = index;
    return shape
      .toReversed()
      .map((length) => {
        const at = rest % length;
        rest = Math.floor(rest / length);
        return at;
      })
      .reverse();
  });
}

function indexOf(position: readonly number[], shape: readonly number[]): number {
  return position.reduce((index, at, d) => index * shape[d] + (shape[d] === 1 ? 0 : at), 0);
}

function formatFor(table: FormatTable, position: readonly number[]) {
  const index = indexOf(position, table.shape);
  return { k: table.k[index], i: table.i[index], f: table.f[index] };
}

function real(weights: Weights, index: number): Fraction {
  return scaled(weights.codes[index], weights.f);
}

function at(weights: Weights, position: readonly number[]): Fraction {
  return real(weights, indexOf(position, weights.shape));
}

function convolve(
  x: OracleValue,
  kernel: Weights,
  options: {
    strides: readonly number[];
    pads: readonly (readonly number[])[];
    dilation: readonly number[];
    groups: number;
  },
): OracleValue {
  const [height, width, channels] = x.shape;
  const [kh, kw, perGroup, filters] = kernel.shape;
  const out = [0, 1].map((d) => {
    const span = ([kh, kw][d] - 1) * options.dilation[d] + 1;
    return Math.floor((x.shape[d] + options.pads[d][0] + options.pads[d][1] - span) / options.strides[d]) + 1;
  });
  const shape = [out[0], out[1], filters];
  const data = positions(shape).map(([oy, ox, u]) => {
    const first = Math.floor(u / (filters / options.groups)) * perGroup;
    const terms: Fraction[] = [];
    for (let a = 0; a < kh; a++) {
      for (let e = 0; e < kw; e++) {
        const y = oy * options.strides[0] + a * options.dilation[0] - options.pads[0][0];
        const c = ox * options.strides[1] + e * options.dilation[1] - options.pads[1][0];
        if (y < 0 || y >= height || c < 0 || c >= width) continue;
        for (let j = 0; j < perGroup; j++) {
          const w = kernel.codes[((a * kw + e) * perGroup + j) * filters + u];
          if (w !== 0) terms.push(multiply(scaled(w, kernel.f), x.data[(y * width + c) * channels + first + j]));
        }
      }
    }
    return total(terms);
  });
  return { shape, data };
}

function biased(value: OracleValue, bias: Weights | undefined): OracleValue {
  if (bias === undefined) return value;
  return { ...value, data: value.data.map((v, j) => add(v, real(bias, j % bias.codes.length))) };
}

function pool(
  x: OracleValue,
  mode: 'avg' | 'max',
  size: readonly number[],
  strides: readonly number[],
  pads: readonly (readonly number[])[],
  countPads: boolean,
): OracleValue {
  const [height, width, channels] = x.shape;
  const out = [0, 1].map((d) => Math.floor((x.shape[d] + pads[d][0] + pads[d][1] - size[d]) / strides[d]) + 1);
  const shape = [out[0], out[1], channels];
  const data = positions(shape).map(([oy, ox, c]) => {
    const all: Fraction[] = [];
    for (let y = oy * strides[0] - pads[0][0]; y < oy * strides[0] - pads[0][0] + size[0]; y++) {
      for (let e = ox * strides[1] - pads[1][0]; e < ox * strides[1] - pads[1][0] + size[1]; e++) {
        if (y >= 0 && y < height && e >= 0 && e < width) all.push(x.data[(y * width + e) * channels + c]);
      }
    }
    if (mode === 'max') return all.reduce((a, b) => (compare(a, b) >= 0 ? a : b));
    return divide(total(all), countPads ? size[0] * size[1] : all.length);
  });
  return { shape, data };
}

/** Puts zeros at the pixels that are not active. */
function masked(value: OracleValue): OracleValue {
  const { shape, active, data } = value;
  if (active === undefined) return value;
  return { ...value, data: data.map((v, j) => (active[Math.floor(j / shape[2])] ? v : ZERO)) };
}

function image(value: OracleValue): OracleValue {
  return { ...value, shape: [1, ...value.shape] };
}

function evaluate(
  node: GraphNode,
  inputs: readonly OracleValue[],
  feed: readonly number[],
  graph: FixedGraph,
): OracleValue {
  const [x, second] = inputs;
  const map = (fn: (v: Fraction, position: readonly number[]) => Fraction): OracleValue => {
    const where = positions(x.shape);
    return masked({ ...x, data: x.data.map((v, j) => fn(v, where[j])) });
  };
  switch (node.op) {
    case 'input': {
      const where = positions(node.shape);
      const data = where.map((position, j) => {
        const format = formatFor(node.format, position);
        return scaled(quantizeOracle(ofDouble(feed[j]), format, node.round, node.overflow), format.f);
      });
      return { shape: node.shape, data };
    }
    case 'constant':
      return { shape: node.shape, data: node.value.codes.map((code) => scaled(code, node.value.f)) };
    case 'requantize':
      return map((v, position) => {
        const format = formatFor(node.to, position);
        return scaled(quantizeOracle(v, format, node.round, node.overflow), format.f);
      });
    case 'reduce': {
      const [height, width, channels] = x.shape;
      const threshold = scaled(node.threshold, node.format.f[0]);
      let left = node.slots;
      const active = Array.from({ length: height * width }, (_, pixel) => {
        const over = left > 0 && compare(x.data[pixel * channels], threshold) > 0;
        if (over) left--;
        return over;
      });
      return masked({ ...x, active });
    }
    case 'sparseConv2d': {
      const [kh, kw] = node.kernel.shape;
      const sums = convolve(x, node.kernel, {
        strides: [1, 1],
        pads: [
          [(kh - 1) / 2, (kh - 1) / 2],
          [(kw - 1) / 2, (kw - 1) / 2],
        ],
        dilation: [1, 1],
        groups: 1,
      });
      const data = sums.data.map((v, j) =>
        v.n === 0n || node.bias === undefined ? v : add(v, real(node.bias, j % node.bias.codes.length)),
      );
      return masked({ shape: sums.shape, data, active: x.active! });
    }
    case 'sparsePool2d': {
      const [ph, pw] = node.pool;
      const pooled = pool(
        x,
        node.mode,
        node.pool,
        node.pool,
        [
          [0, 0],
          [0, 0],
        ],
        true,
      );
      const [height, width] = pooled.shape;
      const active = Array.from({ length: height * width }, (_, cell) => {
        const [row, col] = [Math.floor(cell / width), cell % width];
        return positions([ph, pw]).some(([a, b]) => x.active![(row * ph + a) * x.shape[1] + col * pw + b]);
      });
      return masked({ ...pooled, active });
    }
    case 'sparseFlatten':
      return { shape: node.shape, data: x.data };
    case 'reshape':
      return { shape: node.shape, data: x.data };
    case 'dense': {
      const [ins, outs] = node.kernel.shape;
      const shape = [...x.shape.slice(0, -1), outs];
      const data = Array.from({ length: product(shape) }, (_, index) => {
        const [row, u] = [Math.floor(index / outs), index % outs];
        return total(
          Array.from({ length: ins }, (_unused, j) => multiply(x.data[row * ins + j], real(node.kernel, j * outs + u))),
        );
      });
      return biased({ shape, data }, node.bias);
    }
    case 'conv2d':
      return biased(convolve(x, node.kernel, node), node.bias);
    case 'conv1d': {
      const kernel = { ...node.kernel, shape: [1, ...node.kernel.shape] };
      const result = convolve(image(x), kernel, {
        strides: [1, node.stride],
        pads: [[0, 0], node.pads],
        dilation: [1, node.dilation],
        groups: node.groups,
      });
      return biased({ ...result, shape: result.shape.slice(1) }, node.bias);
    }
    case 'pool2d':
      return pool(x, node.mode, node.pool, node.strides, node.pads, node.countPads);
    case 'pool1d': {
      const result = pool(image(x), node.mode, [1, node.pool], [1, node.stride], [[0, 0], node.pads], node.countPads);
      return { ...result, shape: result.shape.slice(1) };
    }
    case 'relu':
      return map((v) => (v.n > 0n ? v : ZERO));
    case 'leakyRelu':
      return map((v, position) => (v.n > 0n ? v : multiply(v, at(node.alpha, position))));
    case 'scaleOffset':
      return map((v, position) => {
        const scaledValue = multiply(v, at(node.scale, position));
        return divide(
          node.offset === undefined ? scaledValue : add(scaledValue, at(node.offset, position)),
          node.over ?? 1,
        );
      });
    case 'lut':
      return map((v, position) => {
        const table =
          node.tables[node.choice === undefined ? 0 : node.choice.index[indexOf(position, node.choice.shape)]];
        const code = multiply(v, scaled(1n, -table.from.f)).n;
        const width = table.from.k + table.from.i + table.from.f;
        return scaled(table.codes[width <= 0 ? 0 : Number(BigInt.asUintN(width, code))], node.f);
      });
    case 'argmax': {
      const length = x.shape.at(-1)!;
      const best = Array.from({ length: x.data.length / length }, (_, row) => {
        let found = 0;
        for (let j = 1; j < length; j++) {
          if (compare(x.data[row * length + j], x.data[row * length + found]) > 0) found = j;
        }
        return found;
      });
      if (node.result === 'index') return { shape: node.shape, data: best.map((j) => fraction(BigInt(j))) };
      return {
        shape: node.shape,
        data: x.data.map((_, j) => fraction(j % length === best[Math.floor(j / length)] ? 1n : 0n)),
      };
    }
    case 'add':
    case 'sub':
    case 'mul':
    case 'max':
    case 'min': {
      const fn = {
        add,
        sub: subtract,
        mul: multiply,
        max: (a: Fraction, b: Fraction) => (compare(a, b) >= 0 ? a : b),
        min: (a: Fraction, b: Fraction) => (compare(a, b) <= 0 ? a : b),
      }[node.op];
      const data = positions(node.shape).map((position) =>
        fn(x.data[indexOf(position, x.shape)], second.data[indexOf(position, second.shape)]),
      );
      return x.active === undefined
        ? { shape: node.shape, data }
        : masked({ shape: node.shape, data, active: x.active });
    }
    case 'concat': {
      const data = positions(node.shape).map((position) => {
        let along = position[node.axis];
        const part = inputs.find((input) => {
          if (along < input.shape[node.axis]) return true;
          along -= input.shape[node.axis];
          return false;
        })!;
        return part.data[indexOf(position.with(node.axis, along), part.shape)];
      });
      return x.active === undefined ? { shape: node.shape, data } : { shape: node.shape, data, active: x.active };
    }
    case 'sumOver':
    case 'meanOver':
    case 'maxOver':
    case 'minOver': {
      const kept = x.shape.map((length, d) => (node.axes.includes(d) ? 1 : length));
      const groups: Fraction[][] = Array.from({ length: product(kept) }, () => []);
      positions(x.shape).forEach((position, j) => {
        groups[indexOf(position, kept)].push(x.data[j]);
      });
      const sign = node.op === 'maxOver' ? 1 : -1;
      const data = groups.map((all) => {
        if (node.op === 'sumOver') return total(all);
        if (node.op === 'meanOver') return divide(total(all), all.length);
        return all.reduce((a, b) => (compare(a, b) * sign >= 0 ? a : b));
      });
      return { shape: node.shape, data };
    }
    case 'transpose': {
      const data = positions(node.shape).map((position) => {
        const source = x.shape.map((_, d) => position[node.perm.indexOf(d)]);
        return x.data[indexOf(source, x.shape)];
      });
      return { shape: node.shape, data };
    }
    case 'take': {
      const data = positions(node.shape).map(
        (position) => x.data[indexOf(position.with(node.axis, node.indices[position[node.axis]]), x.shape)],
      );
      return { shape: node.shape, data };
    }
    case 'pad': {
      const data = positions(node.shape).map((position) => {
        const source = position.map((p, d) => p - node.pads[d][0]);
        return source.every((p, d) => p >= 0 && p < x.shape[d]) ? x.data[indexOf(source, x.shape)] : ZERO;
      });
      return { shape: node.shape, data };
    }
    case 'einsum': {
      const [left, right, result] = node.equation.split(/,|->/);
      const lengths = new Map([
        ...[...left].map((l, d) => [l, x.shape[d]] as const),
        ...[...right].map((l, d) => [l, second.shape[d]] as const),
      ]);
      const summed = [...lengths.keys()].filter((label) => !result.includes(label));
      const data = positions(node.shape).map((position) => {
        const terms = positions(summed.map((label) => lengths.get(label)!)).map((inner) => {
          const where = (labels: string): number[] =>
            [...labels].map((label) =>
              result.includes(label) ? position[result.indexOf(label)] : inner[summed.indexOf(label)],
            );
          return multiply(x.data[indexOf(where(left), x.shape)], second.data[indexOf(where(right), second.shape)]);
        });
        return total(terms);
      });
      return { shape: node.shape, data };
    }
    case 'extension':
      throw new TypeError(`the oracle does not know the extension "${node.extension}" of ${graph.name}`);
    default:
      throw new TypeError(`the oracle does not know ${(node satisfies never as GraphNode).op} of ${graph.name}`);
  }
}

/** Every node's value for one image; `feeds` by input name. */
export function oracle(
  graph: FixedGraph,
  feeds: Readonly<Record<string, readonly number[]>>,
): Map<string, OracleValue> {
  const values = new Map<string, OracleValue>();
  for (const node of graph.nodes) {
    values.set(
      node.name,
      evaluate(
        node,
        node.inputs.map((name) => values.get(name)!),
        feeds[node.name] ?? [],
        graph,
      ),
    );
  }
  return values;
}
