import { decode, type FixedGraph, interpret } from '@sp/quant';
import type { InputData } from '@sp/quant/internal';
import { ceilLog2 } from '@sp/quant/numeric';
import { fractionOf, storageType } from '../plan/fixed-type.ts';

/** The values a node takes, beside what its type can hold. */
export interface ProfileRow {
  readonly node: string;
  readonly layer: string;
  readonly op: string;
  /** Smallest and largest number of the C++ type. */
  readonly typeLow: number;
  readonly typeHigh: number;
  /** Smallest step of the C++ type. */
  readonly typeStep: number;
  /** Smallest and largest value that occurred. */
  readonly low: number;
  readonly high: number;
  /** Quartiles of the magnitudes that are not 0; NaN when all are. */
  readonly quartiles: readonly [number, number, number];
  /** Share of values that are 0. */
  readonly zeros: number;
  /** Integer bits (without sign) of the type that no value needed. */
  readonly unusedBits: number;
  /** Elements that were out of range, of input and requantize nodes. */
  readonly overflows: number;
}

/**
 * Ranges of all values on some data against the types that hold them.
 *
 * @param inputs as for `interpret`
 */
export function profile(graph: FixedGraph, inputs: InputData | Readonly<Record<string, InputData>>): ProfileRow[] {
  const { values, overflow } = interpret(graph, inputs, { taps: 'all', countOverflow: true });
  return graph.nodes.map((node) => {
    const value = values.get(node.name)!;
    // Numbers as the C++ type has them: before the divisor.
    const numbers = decode({ format: node.format }, value);
    const type = storageType(node.format);
    const step = 2 ** -fractionOf(type);
    const integer = type.int - (type.signed ? 1 : 0);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    const magnitudes: number[] = [];
    for (const x of numbers) {
      if (x < low) low = x;
      if (x > high) high = x;
      if (x !== 0) magnitudes.push(Math.abs(x));
    }
    magnitudes.sort((a, b) => a - b);
    const quantile = (q: number) => magnitudes[Math.round(q * (magnitudes.length - 1))] ?? Number.NaN;
    // −2^i needs no more integer bits than 2^i − step.
    const needed = Math.max(high >= 0 ? ceilLog2(high + step) : -Infinity, low < 0 ? ceilLog2(-low) : -Infinity);
    return {
      node: node.name,
      layer: node.layer ?? node.name,
      op: node.op,
      typeLow: type.signed ? -(2 ** integer) : 0,
      typeHigh: 2 ** integer - step,
      typeStep: step,
      low: numbers.length === 0 ? 0 : low,
      high: numbers.length === 0 ? 0 : high,
      quartiles: [quantile(0.25), quantile(0.5), quantile(0.75)],
      zeros: numbers.length === 0 ? 0 : 1 - magnitudes.length / numbers.length,
      unusedBits: Math.max(0, Number.isFinite(needed) ? integer - needed : 0),
      overflows: overflow.get(node.name) ?? 0,
    };
  });
}

/** The rows of a profile as aligned text. */
export function profileTable(rows: readonly ProfileRow[]): string {
  const short = (x: number) => (Number.isNaN(x) ? '-' : String(Number(x.toPrecision(4))));
  const cells = [
    ['layer', 'node', 'type range', 'values', 'median |x|', 'zeros', 'unused bits', 'overflows'],
    ...rows.map((row) => [
      row.layer,
      row.node,
      `${short(row.typeLow)} … ${short(row.typeHigh)} / ${short(row.typeStep)}`,
      `${short(row.low)} … ${short(row.high)}`,
      short(row.quartiles[1]),
      `${Math.round(100 * row.zeros)} %`,
      String(row.unusedBits),
      String(row.overflows),
    ]),
  ];
  const widths = cells[0].map((_, c) => Math.max(...cells.map((line) => line[c].length)));
  return cells
    .map((line) =>
      line
        .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
