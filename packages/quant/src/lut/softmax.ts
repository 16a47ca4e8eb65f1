import { codeRange, minimalFormat } from '../format/code-range.ts';
import type { Format, OverflowMode } from '../format/format.ts';
import type { GraphBuilder, NodeOptions } from '../graph/builder.ts';
import { GraphError } from '../graph/errors.ts';
import { ceilLog2 } from '../numeric/reals.ts';
import type { GraphNode } from '../ops/nodes.ts';
import type { RoundName } from '../quantize/modes.ts';
import { lutTable } from './lut-table.ts';

/** A lossy step: format and modes. */
export interface Cast {
  readonly to: Format;
  /** Default `RND`. */
  readonly round?: RoundName;
  /** Default `SAT`. */
  readonly overflow?: OverflowMode;
}

/** How a softmax is computed. */
export interface SoftmaxOptions extends NodeOptions {
  /**
   * `'stable'` (default): `exp` of the distance to the largest input, so the argument is never negative. `'latency'`: `exp` of the inputs themselves, one
   * step less, for inputs of a known small range. `'argmax'`: 1 for the first largest input, 0 elsewhere.
   */
  readonly variant?: 'stable' | 'latency' | 'argmax';
  /** Factor on the argument of `exp`. Default 1. */
  readonly scale?: number;
  /**
   * Argument of the `exp` table. Default: the range that can occur (stable: up to where `exp` is 0), with as many fraction bits as 12 bits leave.
   */
  readonly expIn?: Cast;
  /** Entries of the `exp` table. Default 18 bits, rounded half to even, saturated: `ufixed<18,1>` (stable), `ufixed<18,8>` (latency). */
  readonly expOut?: Cast;
  /** Argument of the reciprocal table. Default: the whole range of the sum, with as many fraction bits as 12 bits leave. */
  readonly invIn?: Cast;
  /** Entries of the reciprocal table. Default as for `expOut`. */
  readonly invOut?: Cast;
}

const TABLE_BITS = 12;
// Stable: exp is at most 1 and the sum at least 1, so is its reciprocal at most 1. Latency: both can be anything.
const ENTRIES: Readonly<Record<'stable' | 'latency', Cast>> = {
  stable: { to: { k: 0, i: 1, f: 17 }, round: 'RND_CONV', overflow: 'SAT' },
  latency: { to: { k: 0, i: 8, f: 10 }, round: 'RND_CONV', overflow: 'SAT' },
};

/**
 * Softmax over the last dimension, composed of exact steps and tables (`hls4ml §2.8`, `hgq2 §5.2`): all names start with `name`, the result is the node
 * `name`. The stable variant covers the whole range of the distances, also for signed inputs, where the usual table type of half the range wraps. With the default
 * casts its largest result stands where the largest input stands, at any width: distances beyond the table saturate where `exp` is 0, and those that its fraction
 * bits cannot hold are rounded away from 0, so that only the largest input itself has distance 0; the entries are those of the middle of what is rounded to them.
 *
 * @throws GraphError when a step refuses its input
 * @example const y = softmax(g, 'probabilities', logits, { layer: 'probabilities' });
 */
export function softmax(g: GraphBuilder, name: string, x: GraphNode, options: SoftmaxOptions = {}): GraphNode {
  const { variant = 'stable', scale = 1, layer } = options;
  const tag: NodeOptions = layer === undefined ? {} : { layer };
  if (variant === 'argmax') return g.argmax(name, x, { result: 'oneHot', ...tag });
  if (variant !== 'stable' && variant !== 'latency') {
    throw new GraphError(name, `softmax variant is ${variant}`, 'use stable, latency or argmax');
  }
  const { expOut = ENTRIES[variant], invOut = ENTRIES[variant] } = options;
  const axes = [x.shape.length - 1];
  const stable = variant === 'stable';
  const exp = stable
    ? expOfDistance(g, name, x, g.maxOver(`${name}/max`, x, { axes, keepDims: true, ...tag }), options, tag)
    : expOf(g, name, x, options.expIn ?? { to: tableFormat(x, false) }, scale, expOut, tag);
  const sum = g.sumOver(`${name}/sum`, exp, { axes, keepDims: true, ...tag });
  const invIn = options.invIn ?? { to: tableFormat(sum, true) };
  const total = cast(g, `${name}/inv_in`, sum, invIn, tag);
  const inverse = table(g, `${name}/inv`, total, invIn.to, invOut, (v) => 1 / v, '1 / x', tag);
  return g.mul(name, exp, inverse, tag);
}

/** `exp((x − max) · scale)`, which is 1 for the largest inputs and, with the default casts, less for all others. */
function expOfDistance(
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  max: GraphNode,
  { expIn, expOut, scale = 1 }: SoftmaxOptions,
  tag: NodeOptions,
): GraphNode {
  const distance = g.sub(`${name}/distance`, max, x, tag);
  const entries = expOut ?? ENTRIES.stable;
  const whole = tableFormat(distance, true);
  const finest = finestOf(distance);
  const asIs = expIn !== undefined || scale <= 0 || finest === Number.NEGATIVE_INFINITY;
  if (asIs || (whole.f === finest && expOut !== undefined)) {
    return expOf(g, name, distance, expIn ?? { to: whole }, -scale, entries, tag);
  }
  // Up to 2^i, where the entries are a quarter of their last place.
  const i = Math.min(whole.i, ceilLog2(((entries.to.f + 2) * Math.LN2) / scale));
  const to: Format = { k: 0, i, f: Math.min(finest, TABLE_BITS - i) };
  const step = 2 ** -to.f;
  // ⌈distance⌉: the largest number below a step is added, once per row.
  const shape = max.shape.map(() => 1);
  const bits = Math.min(finest - to.f, 52);
  const rest = { shape, codes: [2 ** bits - 1], f: to.f + bits };
  const one = { shape, codes: [1], f: 0 };
  const lifted =
    to.f === finest
      ? distance
      : g.sub(`${name}/lifted`, g.scaleOffset(`${name}/lift`, max, { scale: one, offset: rest, ...tag }), x, tag);
  const middle = to.f === finest ? 0 : step / 2;
  const below = expOut === undefined ? 1 - 2 ** -entries.to.f : 1;
  return table(
    g,
    `${name}/exp`,
    cast(g, `${name}/exp_in`, lifted, { to, round: 'TRN' }, tag),
    to,
    entries,
    (v) => (v === 0 ? 1 : Math.min(below, Math.exp(-(v - middle) * scale))),
    middle === 0 ? `exp(${-scale} * x)` : `exp(${-scale} * (x - ${middle}))`,
    tag,
  );
}

function expOf(
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  expIn: Cast,
  scale: number,
  expOut: Cast,
  tag: NodeOptions,
): GraphNode {
  const index = cast(g, `${name}/exp_in`, x, expIn, tag);
  return table(g, `${name}/exp`, index, expIn.to, expOut, (v) => Math.exp(v * scale), `exp(${scale} * x)`, tag);
}

function cast(
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  { to, round = 'RND', overflow = 'SAT' }: Cast,
  tag: NodeOptions,
): GraphNode {
  return g.requantize(name, x, { to, round, overflow, ...tag });
}

function table(
  g: GraphBuilder,
  name: string,
  x: GraphNode,
  from: Format,
  { to, round = 'RND', overflow = 'SAT' }: Cast,
  fn: (x: number) => number,
  expression: string,
  tag: NodeOptions,
): GraphNode {
  return g.lut(name, x, { tables: [lutTable(fn, from, { to, round, overflow })], f: to.f, expression, ...tag });
}

/** One format for all elements that keeps their whole range, and as much resolution as a table of 12 bits has. */
function tableFormat(x: GraphNode, unsigned: boolean): Format {
  const { k, i, f } = x.format;
  const finest = finestOf(x);
  let [lo, hi] = [0n, 0n];
  if (finest === Number.NEGATIVE_INFINITY) return { k: 0, i: 0, f: 1 };
  for (let j = 0; j < k.length; j++) {
    if (k[j] + i[j] + f[j] <= 0) continue;
    const range = codeRange({ k: k[j], i: i[j], f: f[j] });
    const shift = BigInt(finest - f[j]);
    if (range.lo << shift < lo) lo = range.lo << shift;
    if (range.hi << shift > hi) hi = range.hi << shift;
  }
  const whole = minimalFormat(unsigned ? 0n : lo, hi, finest);
  return { ...whole, f: Math.min(whole.f, TABLE_BITS - whole.k - whole.i) };
}

/** Most fraction bits of the elements that have a width; −∞ if none has. */
function finestOf({ format: { k, i, f } }: GraphNode): number {
  let finest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < k.length; j++) if (k[j] + i[j] + f[j] > 0) finest = Math.max(finest, f[j]);
  return finest;
}
