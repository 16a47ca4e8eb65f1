import type { Weights } from '@sp/quant';
import { proveAdders, shareAdders } from '@sp/quant/adders';
import type { AdderGraph } from '@sp/quant/internal';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { commonFraction, type ElementRange } from './block.ts';

/** A weighted sum of inputs with constants, one per output: what dense layers and convolutions compute. */
export interface Product {
  /** Row-major `[inputs, outputs]`, on the scale of the weights. */
  readonly matrix: readonly number[];
  /** Bits by which each input is moved up so that all are on one scale. */
  readonly inputShifts: readonly number[];
  /** Bits by which the sums are moved up to the scale of the result. */
  readonly shift: number;
  /** On the scale of the result. */
  readonly bias: readonly bigint[];
}

/**
 * A product on the scale that the graph says: the finest of the inputs that have a weight, and of the bias.
 *
 * @param ranges of each input, over all places where the product is used
 */
export function productOf(
  matrix: readonly number[],
  kernelF: number,
  bias: Weights | undefined,
  ranges: readonly (readonly ElementRange[])[],
): Product {
  const outputs = matrix.length / ranges.length;
  const used = ranges.map((_, j) => matrix.slice(j * outputs, (j + 1) * outputs).some((weight) => weight !== 0));
  const inputF = commonFraction(ranges.filter((_, j) => used[j]).flat());
  const productF = inputF + kernelF;
  const biased = bias?.codes.some((code) => code !== 0) ?? false;
  const f = biased ? Math.max(productF, bias!.f) : productF;
  return {
    matrix,
    inputShifts: ranges.map((range, j) => (used[j] ? inputF - commonFraction(range) : 0)),
    shift: f - productF,
    bias: biased ? bias!.codes.map((code) => BigInt(code) << BigInt(f - bias!.f)) : new Array<bigint>(outputs).fill(0n),
  };
}

/** The adder graph of a product, proven on the unit vectors. Inputs that are always 0 take no part. */
export function adderGraphOf(x: readonly Signal[], { matrix }: Product): AdderGraph {
  const outputs = matrix.length / x.length;
  const live = matrix.map((weight, p) => (isZero(x[Math.floor(p / outputs)]) ? 0 : weight));
  const graph = shareAdders(live, x.length, outputs);
  proveAdders(graph, live);
  return graph;
}

/** The sums without the bias, by an adder graph that shares what outputs have in common. */
export function weightedSums(
  m: ModuleBuilder,
  x: readonly Signal[],
  { matrix, inputShifts, shift }: Product,
): Signal[] {
  const outputs = matrix.length / x.length;
  const live = matrix.map((weight, p) => (isZero(x[Math.floor(p / outputs)]) ? 0 : weight));
  const graph = shareAdders(live, x.length, outputs);
  proveAdders(graph, live);
  const values = x.map((input, j) => m.shift(input, -inputShifts[j]));
  for (const { left, leftShift, right, rightShift, subtract } of graph.adders) {
    const [a, b] = [values[left], values[right]];
    values.push(subtract ? m.sub(a, b, leftShift, rightShift) : m.add(a, b, leftShift, rightShift));
  }
  return graph.outputs.map((output) => {
    if (output === null) return m.constant(0);
    const value = m.shift(values[output.value], -(output.shift + shift));
    return output.negative ? m.sub(m.constant(0), value) : value;
  });
}

function isZero(x: Signal): boolean {
  return isConstant(x) && x.lo === 0n;
}
