/** Products with constant matrices as adder graphs: decided, proven, typed and written as C++. */
import { sizeOf, type Weights } from '@sp/quant';
import { adderCount, proveAdders, shareAdders, signedDigits, typedAdders } from '@sp/quant/adders';
import type { AdderGraph, Interval } from '@sp/quant/internal';
import { ConfigError } from '../errors.ts';
import { type FixedType, printCpp } from '../plan/fixed-type.ts';
import type { NodeContext } from './kernel.ts';

/** A product ready to be written: the adder graph and the ranges of its inputs. */
export interface ProductGraph {
  readonly graph: AdderGraph;
  readonly inputs: readonly Interval[];
  /** Fraction bits of the weights. */
  readonly f: number;
}

/** Cost of a product: `adders` and `depth` go into the plan, `lut` into the estimate. */
export interface ProductCost {
  readonly adders: number;
  readonly depth: number;
  /** An adder is about one LUT per bit (`hardware §2`). */
  readonly lut: number;
}

const known = new WeakMap<Weights, { key: string; graph: AdderGraph }[]>();

/** Signed digits that an adder graph may have to add up: the search for shared sums is bounded by it (256 × 256 weights of 8 bits take 5 s). */
const MOST_DIGITS = 200_000;

/** The same where nobody has asked for one: found in a second. */
const FEW_DIGITS = 20_000;

/** Whether an adder graph of weights is found so fast that it may be looked for unasked. */
export function canShareAtOnce({ codes }: Weights): boolean {
  return codes.length <= FEW_DIGITS && digitsOf(codes) <= FEW_DIGITS;
}

/**
 * Fails for a matrix too large for an adder graph.
 *
 * @throws ConfigError with the remedy
 */
export function requireShareable(where: string, origin: string, { codes }: Weights): void {
  const digits = digitsOf(codes);
  if (digits <= MOST_DIGITS) return;
  throw new ConfigError(
    `${where}: ${origin}, but its ${codes.length} weights have ${digits} signed digits, more than the ${MOST_DIGITS} among which shared additions are looked for; use strategy resource with a reuse factor, fewer bits or more zeros, or split the layer`,
  );
}

const counted = new WeakMap<readonly number[], number>();

function digitsOf(codes: readonly number[]): number {
  const before = counted.get(codes);
  if (before !== undefined) return before;
  const digits = codes.reduce((sum, code) => sum + (code === 0 ? 0 : signedDigits(code).length), 0);
  counted.set(codes, digits);
  return digits;
}

/**
 * The adder graph of a matrix, proven on the unit vectors. Inputs that are always 0 take no part.
 *
 * @param weights row-major `[inputs, outputs]` after any dimensions are merged
 */
export function productGraph(
  weights: Weights,
  matrix: readonly number[],
  outputs: number,
  inputs: readonly Interval[],
): ProductGraph {
  const alive = inputs.map(({ lo, hi }) => lo !== 0n || hi !== 0n);
  const key = alive.map(Number).join('');
  const graphs = known.get(weights) ?? [];
  known.set(weights, graphs);
  let entry = graphs.find((candidate) => candidate.key === key);
  if (entry === undefined) {
    const live = matrix.map((weight, p) => (alive[Math.floor(p / outputs)] ? weight : 0));
    const graph = shareAdders(live, inputs.length, outputs);
    proveAdders(graph, live);
    entry = { key, graph };
    graphs.push(entry);
  }
  return { graph: entry.graph, inputs, f: weights.f };
}

const judged = new WeakMap<AdderGraph, Map<string, ProductCost>>();

/** Adders, depth and LUTs of a product. */
export function productCost({ graph, inputs }: ProductGraph): ProductCost {
  const costs = judged.get(graph) ?? new Map<string, ProductCost>();
  judged.set(graph, costs);
  // Many plans of a network have the same product.
  const key = inputs.map(({ lo, hi, f }) => `${lo} ${hi} ${f}`).join();
  const before = costs.get(key);
  if (before !== undefined) return before;
  const types = typedAdders(graph, inputs);
  const lut = types.slice(graph.inputs).reduce((sum, { width }) => sum + width, 0);
  const cost = { adders: adderCount(graph), depth: graph.depth, lut };
  costs.set(key, cost);
  return cost;
}

/**
 * Ranges of the inputs of a product: input `j` is fed by the elements `e` of the tensor (or channels of the list) with `e mod period = j mod period`.
 *
 * @param padded whether an input may also be 0 because it lies outside
 */
export function inputRanges({ inferred }: NodeContext, count: number, period: number, padded: boolean): Interval[] {
  const { shape, ranges } = inferred;
  const full = inferred.slots === undefined ? shape : [1, 1, shape[2]];
  const total = sizeOf(full);
  const places = broadcastPlaces(ranges.shape, full);
  const hulls = Array.from({ length: period }, (_, j): Interval => {
    let f: number | undefined;
    const members: Interval[] = [];
    for (let e = j; e < total; e += period) {
      const at = places[e];
      const interval = { lo: ranges.lo[at], hi: ranges.hi[at], f: ranges.f[at] };
      if (interval.lo === 0n && interval.hi === 0n) {
        members.push({ lo: 0n, hi: 0n, f: 0 });
        continue;
      }
      f = f === undefined ? interval.f : Math.max(f, interval.f);
      members.push(interval);
    }
    const scale = f ?? 0;
    const codes = members.map(({ lo, hi, f: own }) =>
      lo === 0n && hi === 0n ? [0n, 0n] : [lo << BigInt(scale - own), hi << BigInt(scale - own)],
    );
    if (padded) codes.push([0n, 0n]);
    const lo = codes.reduce((least, [low]) => (low < least ? low : least), codes[0][0]);
    const hi = codes.reduce((most, [, high]) => (high > most ? high : most), codes[0][1]);
    return { lo, hi, f: scale };
  });
  return Array.from({ length: count }, (_, j) => hulls[j % period]);
}

function broadcastPlaces(from: readonly number[], to: readonly number[]): number[] {
  return Array.from({ length: sizeOf(to) }, (_, e) => {
    let rest = e;
    let place = 0;
    let stride = 1;
    for (let d = to.length - 1; d >= 0; d--) {
      if (from[d] > 1) place += (rest % to[d]) * stride;
      rest = Math.floor(rest / to[d]);
      stride *= from[d];
    }
    return place;
  });
}

/**
 * The product as a C++ function `<id>_product(x, y)` of arrays, one line per adder.
 *
 * @param bias C++ expression added to output `u` at the end, if any
 */
export function productFunction(
  id: string,
  product: ProductGraph,
  x: FixedType,
  y: FixedType,
  bias: ((u: number) => string) | undefined,
): string[] {
  const { graph, f } = product;
  const types = typedAdders(graph, product.inputs);
  const used = new Set(graph.adders.flatMap(({ left, right }) => [left, right]));
  for (const output of graph.outputs) if (output !== null) used.add(output.value);
  const name = (value: number) => (value < graph.inputs ? `x${value}` : `t${value - graph.inputs}`);
  const shifted = (value: number, shift: number) => (shift === 0 ? name(value) : `sp::power<${shift}>(${name(value)})`);
  const lines = [
    `SP_SUMS inline void ${id}_product(const ${printCpp(x)} x[${graph.inputs}], ${printCpp(y)} y[${graph.outputs.length}]) {`,
    '  SP_HLS(INLINE)',
  ];
  if (used.size === 0) lines.push('  (void)x;');
  for (let j = 0; j < graph.inputs; j++) {
    if (used.has(j)) lines.push(`  const ${printCpp(types[j])} x${j} = x[${j}];`);
  }
  for (const [a, { left, leftShift, right, rightShift, subtract }] of graph.adders.entries()) {
    const sum = `${shifted(left, leftShift)} ${subtract ? '-' : '+'} ${shifted(right, rightShift)}`;
    lines.push(`  const ${printCpp(types[graph.inputs + a])} t${a} = ${sum};`);
  }
  for (const [u, output] of graph.outputs.entries()) {
    const value = output === null ? undefined : shifted(output.value, output.shift - f);
    const signed = value === undefined ? undefined : output?.negative ? `-${value}` : value;
    const terms = [bias?.(u), signed].filter((term) => term !== undefined);
    const sum = terms.length === 0 ? '0' : terms.join(' + ').replace('+ -', '- ');
    lines.push(`  y[${u}] = ${printCpp(y)}(${sum});`);
  }
  lines.push('}');
  return lines;
}

/** The member of a config struct that calls the written function. */
export function productMember(id: string, x: FixedType, y: FixedType): string[] {
  return [
    `  static void product(const ${printCpp(x)} *x, ${printCpp(y)} *y) {`,
    '    SP_HLS(INLINE)',
    `    ${id}_product(x, y);`,
    '  }',
  ];
}
