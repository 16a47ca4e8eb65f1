import { type GraphNode, lutTable, softmax } from '@sp/quant';
import { type GraphBuilder, OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import type { Random } from './random.ts';
import type { LayerObserver } from './random-parts.ts';
import { randomTable, randomWeights, requantized } from './random-parts.ts';

type Step = (
  random: Random,
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  observe: LayerObserver,
) => GraphNode | undefined;

const product = (list: readonly number[]): number => list.reduce((p, n) => p * n, 1);
const pads = (random: Random, below: number): readonly [number, number] => [
  random.integer(0, below),
  random.integer(0, below),
];

const divisors = (n: number): number[] => Array.from({ length: n }, (_, j) => j + 1).filter((d) => n % d === 0);

/** Shape that broadcasts to `shape`. */
function broadcastable(random: Random, shape: readonly number[]): number[] {
  return shape.map((size) => (random.chance(0.5) ? size : 1));
}

const STEPS: Readonly<Record<string, Step>> = {
  conv2d(random, g, name, x, observe) {
    if (x.shape.length !== 3) return undefined;
    const [h, w, c] = x.shape;
    const groups = random.chance(0.3) ? c : 1;
    const filters = groups * random.integer(1, 2);
    const [kh, kw] = [random.integer(1, Math.min(3, h)), random.integer(1, Math.min(3, w))];
    const y = g.conv2d(name, x, {
      kernel: randomWeights(random, [kh, kw, c / groups, filters]),
      ...(random.chance(0.5) ? { bias: randomWeights(random, [filters]) } : {}),
      strides: [random.integer(1, 2), random.integer(1, 2)],
      pads: [pads(random, 2), pads(random, 2)],
      dilation: [h >= 2 * kh - 1 ? random.integer(1, 2) : 1, w >= 2 * kw - 1 ? random.integer(1, 2) : 1],
      groups,
    });
    observe(y, x);
    return y;
  },
  conv1d(random, g, name, x, observe) {
    if (x.shape.length !== 2) return undefined;
    const [l, c] = x.shape;
    const k = random.integer(1, Math.min(3, l));
    const groups = random.chance(0.2) ? c : 1;
    const filters = groups * random.integer(1, 3);
    const y = g.conv1d(name, x, {
      kernel: randomWeights(random, [k, c / groups, filters]),
      ...(random.chance(0.5) ? { bias: randomWeights(random, [filters]) } : {}),
      stride: random.integer(1, 2),
      pads: pads(random, 2),
      dilation: l >= 2 * k - 1 ? random.integer(1, 2) : 1,
      groups,
    });
    observe(y, x);
    return y;
  },
  pool2d(random, g, name, x, observe) {
    if (x.shape.length !== 3) return undefined;
    const pool = [random.integer(1, Math.min(3, x.shape[0])), random.integer(1, Math.min(3, x.shape[1]))] as const;
    const y = g.pool2d(name, x, {
      mode: random.pick(['avg', 'max'] as const),
      pool,
      strides: [random.integer(1, 3), random.integer(1, 3)],
      pads: [pads(random, pool[0] - 1), pads(random, pool[1] - 1)],
      countPads: random.chance(0.4),
    });
    observe(y, x);
    return y;
  },
  pool1d(random, g, name, x, observe) {
    if (x.shape.length !== 2) return undefined;
    const pool = random.integer(1, Math.min(3, x.shape[0]));
    const y = g.pool1d(name, x, {
      mode: random.pick(['avg', 'max'] as const),
      pool,
      stride: random.integer(1, 3),
      pads: pads(random, pool - 1),
      countPads: random.chance(0.4),
    });
    observe(y, x);
    return y;
  },
  scaleOffset(random, g, name, x) {
    return g.scaleOffset(name, x, {
      scale: randomWeights(random, broadcastable(random, x.shape)),
      ...(random.chance(0.2) ? { over: random.pick([3, 7]) } : {}),
      ...(x.divisor === undefined && random.chance(0.6)
        ? { offset: randomWeights(random, broadcastable(random, x.shape)) }
        : {}),
    });
  },
  leakyRelu(random, g, name, x) {
    if (x.divisor !== undefined) return undefined;
    return g.leakyRelu(name, x, { alpha: randomWeights(random, broadcastable(random, x.shape)) });
  },
  relu: (_, g, name, x) => g.relu(name, x),
  lut(random, g, name, x) {
    const tables = random.chance(0.4) ? 2 : 1;
    const f = random.integer(-1, 4);
    const formats = Array.from({ length: tables }, () => {
      const k = random.pick([0, 1] as const);
      const width = random.integer(k, 6);
      const i = random.integer(-1, 3);
      return { k, i, f: width - k - i };
    });
    const shape = [...x.shape.slice(0, -1).map(() => 1), x.shape[x.shape.length - 1]];
    const index = Array.from({ length: product(shape) }, () => random.integer(0, tables - 1));
    const pick = (key: 'k' | 'i' | 'f') => index.map((t) => formats[t][key]);
    const cut = g.requantize(`${name}_in`, x, {
      to: { shape, k: pick('k') as (0 | 1)[], i: pick('i'), f: pick('f') },
      round: 'RND',
      overflow: 'WRAP',
    });
    return g.lut(name, cut, {
      tables: formats.map((format, t) =>
        lutTable((v) => Math.sin(v + t) * 3, format, { to: { k: 1, i: 2, f }, round: 'RND', overflow: 'SAT' }),
      ),
      f,
      ...(tables === 1 ? {} : { choice: { shape, index } }),
    });
  },
  argmax(random, g, name, x) {
    return g.argmax(name, x, { result: random.pick(['index', 'oneHot'] as const) });
  },
  softmax(random, g, name, x) {
    if (x.shape.length !== 1 || x.shape[0] < 2) return undefined;
    const cut = g.requantize(`${name}_in`, x, { to: { k: 1, i: 2, f: 3 }, round: 'RND', overflow: 'SAT' });
    return softmax(g, name, cut, { variant: random.pick(['stable', 'latency'] as const) });
  },
  self(random, g, name, x) {
    if (x.divisor !== undefined) return undefined;
    const other = g.requantize(`${name}_b`, x, {
      to: randomTable(random, x.shape, 'channel', false),
      round: 'RND',
      overflow: 'SAT',
    });
    const [a, b] = random.chance(0.5) ? [x, other] : [other, x];
    return g[random.pick(['add', 'sub', 'mul', 'max', 'min'] as const)](name, a, b);
  },
  withConstant(random, g, name, x) {
    if (x.divisor !== undefined) return undefined;
    const constant = g.constant(`${name}_c`, randomWeights(random, broadcastable(random, x.shape)));
    return g[random.pick(['add', 'sub', 'mul', 'max', 'min'] as const)](name, constant, x);
  },
  anotherInput(random, g, name, x) {
    if (x.divisor !== undefined) return undefined;
    const other = g.input(`${name}_in`, {
      shape: x.shape,
      format: randomTable(random, x.shape, 'channel', true),
      round: random.pick(ROUND_MODES),
      overflow: random.pick(OVERFLOW_MODES),
    });
    return g[random.pick(['add', 'sub', 'mul'] as const)](name, x, other);
  },
  concat(random, g, name, x) {
    if (x.divisor !== undefined || product(x.shape) > 60) return undefined;
    const other = g.requantize(`${name}_b`, x, {
      to: randomTable(random, x.shape, 'channel', false),
      round: 'TRN',
      overflow: 'SAT',
    });
    return g.concat(name, random.chance(0.5) ? [x, other] : [other, x, x], {
      axis: random.integer(0, x.shape.length - 1),
    });
  },
  over(random, g, name, x) {
    if (x.divisor !== undefined || x.shape.length < 2) return undefined;
    const axes = x.shape.map((_, d) => d).filter(() => random.chance(0.5));
    if (axes.length === 0) return undefined;
    return g[random.pick(['sumOver', 'meanOver', 'maxOver', 'minOver'] as const)](name, x, {
      axes,
      keepDims: random.chance(0.5),
    });
  },
  reshape(random, g, name, x) {
    if (random.chance(0.4)) return g.flatten(name, x);
    const size = product(x.shape);
    const first = random.pick(divisors(size));
    return g.reshape(name, x, { shape: [first, size / first] });
  },
  transpose(random, g, name, x) {
    const perm = x.shape.map((_, d) => d).sort(() => random.next() - 0.5);
    return g.transpose(name, x, { perm });
  },
  take(random, g, name, x) {
    const axis = random.integer(0, x.shape.length - 1);
    const last = x.shape[axis] - 1;
    const indices = random.chance(0.5)
      ? Array.from({ length: random.integer(1, last + 2) }, () => random.integer(0, last))
      : Array.from({ length: last + 1 }, (_, j) => (random.chance(0.5) ? j : last - j));
    return g.take(name, x, { axis, indices });
  },
  pad(random, g, name, x) {
    return g.pad(name, x, { pads: x.shape.map(() => pads(random, 1)) });
  },
  einsum(random, g, name, x, observe) {
    if (x.divisor !== undefined || x.shape.length !== 2 || product(x.shape) > 30) return undefined;
    const a = g.requantize(`${name}_a`, x, { to: { k: 1, i: 2, f: 2 }, round: 'RND', overflow: 'SAT' });
    const b = g.requantize(`${name}_b`, x, {
      to: randomTable(random, x.shape, 'element', false),
      round: 'RND',
      overflow: 'SAT',
    });
    const y = g.einsum(name, a, b, {
      equation: random.pick(['ij,kj->ik', 'ij,ik->jk', 'ij,ij->i', 'ij,ij->ji', 'ij,kl->ik']),
    });
    observe(y, x);
    return y;
  },
};

/** Whether a step takes values of this rank; others would be drawn in vain. */
function possible(name: string, x: GraphNode): boolean {
  const rank = x.shape.length;
  if (name.endsWith('2d')) return rank === 3;
  if (name.endsWith('1d') || name === 'einsum') return rank === 2;
  return name === 'softmax' ? rank === 1 : name === 'over' ? rank > 1 : true;
}

/** A few random dense ops, every one preceded by a requantisation now and then so that widths stay small. */
export function densePart(
  random: Random,
  g: GraphBuilder,
  from: GraphNode,
  observe: LayerObserver,
  outputs: GraphNode[],
): GraphNode {
  let x = from;
  const steps = random.integer(2, 5);
  for (let s = 0; s < steps; s++) {
    const bits = Math.max(...x.format.i.map((i, j) => i + x.format.f[j]));
    if (bits > 12 || x.divisor !== undefined || random.chance(0.4)) x = requantized(random, g, `n${s}_q`, x);
    const kinds = Object.keys(STEPS).filter((name) => possible(name, x));
    const windowed = kinds.filter((name) => /[12]d$|^einsum$/.test(name));
    const kind = windowed.length > 0 && random.chance(0.35) ? random.pick(windowed) : random.pick(kinds);
    const y = STEPS[kind](random, g, `n${s}_${kind}`, x, observe);
    if (y === undefined || product(y.shape) > 400) continue;
    if (random.chance(0.2)) outputs.push(y);
    x = y;
  }
  return x;
}
