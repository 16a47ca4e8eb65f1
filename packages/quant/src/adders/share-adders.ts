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
import { ceilLog2 } from '../numeric/reals.ts';
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
  const sharing = new Sharing(sums, inputs, extraDepth);
  const longest = Math.max(1, ...sums.map((terms) => terms.length));
  const blocks = Math.ceil(longest / block);
  const shared: Term[][] = sums.map(() => []);
  for (let b = 0; b < blocks; b++) {
    const [from, to] = [Math.floor((b * inputs) / blocks), Math.floor(((b + 1) * inputs) / blocks)];
    const part = sharing.share(sums.map((terms) => terms.filter(({ value }) => value >= from && value < to)));
    for (const [u, terms] of part.entries()) shared[u].push(...terms);
  }
  const results = shared.map((terms) => sharing.sumOf(terms));
  const { adders, depths } = sharing;
  return {
    inputs,
    adders,
    outputs: results,
    depth: Math.max(0, ...results.map((o) => (o === null ? 0 : depths[o.value]))),
  };
}

/** The adders found so far. A class, because V8 forgets the compiled code of functions that are made anew for every matrix. */
class Sharing {
  readonly adders: Adder[] = [];
  /** Adders from the inputs to a value, by value. */
  readonly depths: number[];
  /** Σ 2^depth over the terms of an output, and what it may become. */
  readonly #loads: number[];
  readonly #limits: readonly number[];

  constructor(sums: readonly (readonly Term[])[], inputs: number, extraDepth: number) {
    this.depths = new Array<number>(inputs).fill(0);
    this.#loads = sums.map(({ length }) => length);
    this.#limits = sums.map(({ length }) => 2 ** (ceilLog2(Math.max(length, 1)) + extraDepth));
  }

  /** Replaces what occurs in several places of these sums, until nothing does. */
  share(sums: readonly (readonly Term[])[]): Term[][] {
    const table = new PairTable(sums);
    const isAllowed = (u: number, a: Term, b: Term, already: number): boolean =>
      this.#loads[u] + this.#growth(a, b) * (already + 1) <= this.#limits[u];
    for (;;) {
      const found = table.mostFrequent(isAllowed);
      if (found === undefined) return table.sums;
      const [{ a: first, b: second }] = found;
      const { value, shift, sign } = this.#add(
        { ...first, sign: 1 },
        { ...second, sign: first.sign === second.sign ? 1 : -1 },
      );
      for (const occurrence of found) {
        const { output, a, b } = occurrence;
        this.#loads[output] += this.#growth(a, b);
        table.replace(occurrence, { value, shift: shift + a.shift - first.shift, sign: a.sign === sign ? 1 : -1 });
      }
    }
  }

  /** Adds up terms, shallowest first; null: there are none. */
  sumOf(terms: readonly Term[]): AdderOutput | null {
    const { depths } = this;
    const open = [...terms];
    while (open.length > 1) {
      open.sort((p, q) => depths[p.value] - depths[q.value] || p.shift - q.shift || p.value - q.value);
      open.push(this.#add(...(open.splice(0, 2) as [Term, Term])));
    }
    return open.length === 0 ? null : { value: open[0].value, shift: open[0].shift, negative: open[0].sign < 0 };
  }

  #add(p: Term, q: Term): Term {
    const { adder, shift, sign } = adderOf(p, q);
    this.adders.push(adder);
    this.depths.push(Math.max(this.depths[p.value], this.depths[q.value]) + 1);
    return { value: this.depths.length - 1, shift, sign };
  }

  /** What a sum's load grows by when these two terms of it become one. */
  #growth(a: Term, b: Term): number {
    const [p, q] = [this.depths[a.value], this.depths[b.value]];
    return POWERS[Math.max(p, q) + 1] - POWERS[p] - POWERS[q];
  }
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
