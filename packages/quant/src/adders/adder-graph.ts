import { QuantError } from '../quant-error.ts';

/**
 * A constant matrix–vector product as additions, subtractions and shifts ("distributed arithmetic", `hardware §2`): plain data.
 *
 * Values are numbered: first the inputs, then the adders in order. Shifts are wires.
 */
export interface AdderGraph {
  readonly inputs: number;
  readonly adders: readonly Adder[];
  /** Per output: the value it is, shifted and possibly negated; null for constant 0. */
  readonly outputs: readonly (AdderOutput | null)[];
  /** Adders on the longest path. */
  readonly depth: number;
}

/** `left · 2^leftShift ± right · 2^rightShift`; one of the shifts is 0. */
export interface Adder {
  readonly left: number;
  readonly leftShift: number;
  readonly right: number;
  readonly rightShift: number;
  readonly subtract: boolean;
}

/** `± value · 2^shift`. */
export interface AdderOutput {
  readonly value: number;
  readonly shift: number;
  readonly negative: boolean;
}

/** Number of adders a graph costs: its own and one for every negated output. */
export function adderCount({ adders, outputs }: AdderGraph): number {
  return adders.length + outputs.filter((output) => output?.negative).length;
}

/** What the graph computes for an input vector, exactly. */
export function evaluateAdders(graph: AdderGraph, x: readonly bigint[]): bigint[] {
  const values = [...x];
  for (const { left, leftShift, right, rightShift, subtract } of graph.adders) {
    const a = values[left] << BigInt(leftShift);
    const b = values[right] << BigInt(rightShift);
    values.push(subtract ? a - b : a + b);
  }
  return graph.outputs.map((output) => {
    if (output === null) return 0n;
    const value = values[output.value] << BigInt(output.shift);
    return output.negative ? -value : value;
  });
}

/**
 * Proves that a graph is the product with a matrix: both are linear, so agreeing on the unit vectors is agreeing everywhere.
 *
 * @param matrix row-major `[inputs, outputs]`
 * @throws QuantError naming the first entry that differs
 */
export function proveAdders(graph: AdderGraph, matrix: readonly number[]): void {
  const { inputs, outputs } = graph;
  const unit = new Array<bigint>(inputs).fill(0n);
  for (let j = 0; j < inputs; j++) {
    unit[j] = 1n;
    evaluateAdders(graph, unit).forEach((value, u) => {
      if (value !== BigInt(matrix[j * outputs.length + u])) {
        throw new QuantError(
          `adder graph: entry [${j}, ${u}] is ${value} instead of ${matrix[j * outputs.length + u]}: the optimiser is wrong; please report it`,
        );
      }
    });
    unit[j] = 0n;
  }
}
