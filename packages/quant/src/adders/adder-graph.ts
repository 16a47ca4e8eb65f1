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
    (columnOf(graph, j) ?? evaluateAdders(graph, unit)).forEach((value, u) => {
      if (BigInt(value) !== BigInt(matrix[j * outputs.length + u])) {
        throw new QuantError(
          `adder graph: entry [${j}, ${u}] is ${value} instead of ${matrix[j * outputs.length + u]}: the optimiser is wrong; please report it`,
        );
      }
    });
    unit[j] = 0n;
  }
}

/** What the graph computes for unit vector `j`, many times faster than with big integers; undefined where a number would not be exact. */
function columnOf({ inputs, adders, outputs }: AdderGraph, j: number): number[] | undefined {
  const values = new Float64Array(inputs + adders.length);
  values[j] = 1;
  for (let a = 0; a < adders.length; a++) {
    const { left, leftShift, right, rightShift, subtract } = adders[a];
    if (values[left] === 0 && values[right] === 0) continue;
    const p = values[left] * 2 ** leftShift;
    const q = values[right] * 2 ** rightShift;
    const sum = subtract ? p - q : p + q;
    if (!(Math.abs(p) < 2 ** 52 && Math.abs(q) < 2 ** 52)) return undefined;
    values[inputs + a] = sum;
  }
  const column = outputs.map((output) =>
    output === null ? 0 : values[output.value] * 2 ** output.shift * (output.negative ? -1 : 1),
  );
  return column.every(Number.isSafeInteger) ? column.map((value) => value + 0) : undefined;
}
