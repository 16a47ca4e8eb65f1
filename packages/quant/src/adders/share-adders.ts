/**
 * From a constant matrix to a small adder graph.
 *
 * Every weight is written in canonical signed digits, so every output is a sum of terms `± x_j · 2^s`. Two terms that stand in the same
 * relation (same two values, same distance of shifts, same relative sign) in several places are computed once: again and again the
 * most frequent relation becomes a new value and replaces all its occurrences, until none occurs twice. What is left of each output is
 * added up shallowest first. The idea is known (H_cmvm, da4ml; `hardware §2`); this is our own code.
 *
 * Depth: an output whose terms have depths d_i can be added up in ⌈log2 Σ 2^{d_i}⌉ levels, so a replacement is refused where it would push
 * that sum beyond the limit.
 */
import type { Adder, AdderGraph, AdderOutput } from './adder-graph.ts';
import { PairTable, type Term } from './pair-table.ts';
import { signedDigits } from './signed-digits.ts';

/** How to look for shared sums. */
export interface ShareOptions {
  /** Adders allowed beyond the shortest possible path of each output, default 1. */
  readonly extraDepth?: number;
  /** Terms of one output that are looked at together; products with more are split by inputs. Default 400; 128 and fewer (at least 16) for a matrix of more than 4,000 signed digits, a tenth more adders in a tenth of the time. */
  readonly block?: number;
}

/**
 * An adder graph for the product of a vector with `matrix`.
 *
 * @param matrix safe integers, row-major `[inputs, outputs]`
 */
export function shareAdders(
  matrix: readonly number[],
  inputs: number,
  outputs: number,
  options: ShareOptions = {},
): AdderGraph {
  const sums = termsOf(matrix, inputs, outputs);
  const digits = sums.reduce((sum, { length }) => sum + length, 0);
  // Work grows with digits × block.
  const { extraDepth = 1, block = digits <= 4000 ? 400 : Math.max(16, Math.min(128, Math.floor(3.5e6 / digits))) } =
    options;
  const adders: Adder[] = [];
  const depths = new Array<number>(inputs).fill(0);
  const add = (p: Term, q: Term): Term => {
    const { adder, shift, sign } = adderOf(p, q);
    adders.push(adder);
    depths.push(Math.max(depths[p.value], depths[q.value]) + 1);
    return { value: depths.length - 1, shift, sign };
  };

  const longest = Math.max(1, ...sums.map((terms) => terms.length));
  const limits = sums.map(({ length }) => 2 ** (Math.ceil(Math.log2(Math.max(length, 1))) + extraDepth));
  const loads = sums.map(({ length }) => length);
  const growth = (a: Term, b: Term): number => {
    const [p, q] = [depths[a.value], depths[b.value]];
    return POWERS[Math.max(p, q) + 1] - POWERS[p] - POWERS[q];
  };

  const blocks = Math.ceil(longest / block);
  const share = (from: number, to: number): Term[][] => {
    const table = new PairTable(sums.map((terms) => terms.filter(({ value }) => value >= from && value < to)));
    for (;;) {
      const found = table.mostFrequent((u, a, b, already) => loads[u] + growth(a, b) * (already + 1) <= limits[u]);
      if (found === undefined) return table.sums;
      const [{ a: first, b: second }] = found;
      const { value, shift, sign } = add(
        { ...first, sign: 1 },
        { ...second, sign: first.sign === second.sign ? 1 : -1 },
      );
      for (const occurrence of found) {
        const { output, a, b } = occurrence;
        loads[output] += growth(a, b);
        table.replace(occurrence, { value, shift: shift + a.shift - first.shift, sign: a.sign === sign ? 1 : -1 });
      }
    }
  };
  const shared: Term[][] = sums.map(() => []);
  for (let b = 0; b < blocks; b++) {
    const part = share(Math.floor((b * inputs) / blocks), Math.floor(((b + 1) * inputs) / blocks));
    for (const [u, terms] of part.entries()) shared[u].push(...terms);
  }

  const results = shared.map((terms): AdderOutput | null => {
    const open = [...terms];
    while (open.length > 1) {
      open.sort((p, q) => depths[p.value] - depths[q.value] || p.shift - q.shift || p.value - q.value);
      open.push(add(...(open.splice(0, 2) as [Term, Term])));
    }
    return open.length === 0 ? null : { value: open[0].value, shift: open[0].shift, negative: open[0].sign < 0 };
  });
  return {
    inputs,
    adders,
    outputs: results,
    depth: Math.max(0, ...results.map((o) => (o === null ? 0 : depths[o.value]))),
  };
}

/** Powers of two up to any depth that a sum can have. */
const POWERS = Array.from({ length: 1024 }, (_, exponent) => 2 ** exponent);

function termsOf(matrix: readonly number[], inputs: number, outputs: number): Term[][] {
  return Array.from({ length: outputs }, (_, u) =>
    Array.from({ length: inputs }, (__, j) =>
      signedDigits(matrix[j * outputs + u]).map(({ shift, sign }): Term => ({ value: j, shift, sign })),
    ).flat(),
  );
}

/** The adder for the sum of two terms, and the shift and sign that stay outside. */
function adderOf(p: Term, q: Term): { adder: Adder; shift: number; sign: 1 | -1 } {
  const shift = Math.min(p.shift, q.shift);
  // The first operand is a positive one, if there is any: then nothing has to be negated.
  const [left, right] = p.sign < 0 && q.sign > 0 ? [q, p] : [p, q];
  return {
    adder: {
      left: left.value,
      leftShift: left.shift - shift,
      right: right.value,
      rightShift: right.shift - shift,
      subtract: left.sign !== right.sign,
    },
    shift,
    sign: left.sign,
  };
}
