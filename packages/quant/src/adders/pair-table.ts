import { CountTable } from './count-table.ts';

/** A term of a sum: `sign · value · 2^shift`. */
export interface Term {
  readonly value: number;
  readonly shift: number;
  readonly sign: 1 | -1;
}

/** Two terms of one output in the relation that was asked for. */
export interface Occurrence {
  readonly output: number;
  readonly a: Term;
  readonly b: Term;
}

type Allowed = (output: number, a: Term, b: Term, already: number) => boolean;

/** Keys pack value, value, distance of shifts and relative sign into a double. */
const VALUES = 2 ** 18;
const DISTANCES = 2 ** 8;

/**
 * Sums of terms, with a count of every relation between two terms of one sum, kept up to date while terms are replaced.
 * A relation is: two values, the distance of their shifts, and whether their signs agree.
 */
export class PairTable {
  readonly sums: Term[][];
  readonly #counts: CountTable;
  /** The terms of a value by sum; sums ascend, because a value comes into all of its sums at once. */
  readonly #places = new Map<number, Map<number, Term[]>>();
  /** Relations by the count they once had; those that have changed since are moved when they are met. */
  readonly #buckets: number[][] = [];

  constructor(sums: readonly (readonly Term[])[]) {
    this.sums = sums.map((terms) => [...terms]);
    for (const [output, terms] of this.sums.entries()) for (const term of terms) this.#place(term, output);
    this.#counts = new CountTable(sums.reduce((pairs, { length }) => pairs + (length * length) / 8, 0));
    for (const terms of this.sums) {
      for (let j = 1; j < terms.length; j++) {
        for (let i = 0; i < j; i++) this.#count(relationOf(terms[i], terms[j]));
      }
    }
  }

  /**
   * The occurrences of a relation that occurs most often, at least twice, no term being in two of them.
   *
   * @param allowed whether one more pair of terms of an output may be replaced, when `already` others are; once refused stays refused
   */
  mostFrequent(allowed: Allowed): Occurrence[] | undefined {
    for (let count = this.#buckets.length - 1; count >= 2; count--) {
      const bucket = this.#buckets[count];
      while (bucket !== undefined && bucket.length > 0) {
        const relation = bucket.pop() as number;
        const known = this.#counts.get(relation);
        if (known < count) {
          if (known >= 2) this.#put(relation, known);
          continue;
        }
        const found = this.#occurrences(relation, allowed);
        // Overlapping or refused pairs are counted but cannot all be replaced.
        if (found.length >= count) return found;
        if (found.length >= 2) {
          this.#counts.set(relation, found.length);
          this.#put(relation, found.length);
        }
      }
      this.#buckets.length = count;
    }
    return undefined;
  }

  /** Replaces two terms of an output by one. */
  replace({ output, a, b }: Occurrence, by: Term): void {
    const terms = this.sums[output];
    for (const gone of [a, b]) {
      terms.splice(terms.indexOf(gone), 1);
      const same = this.#places.get(gone.value)?.get(output) as Term[];
      same.splice(same.indexOf(gone), 1);
      for (const other of terms) this.#counts.add(relationOf(gone, other), -1);
    }
    for (const other of terms) this.#count(relationOf(by, other));
    terms.push(by);
    this.#place(by, output);
  }

  #place(term: Term, output: number): void {
    const known = this.#places.get(term.value) ?? new Map<number, Term[]>();
    this.#places.set(term.value, known);
    const terms = known.get(output);
    if (terms === undefined) known.set(output, [term]);
    else terms.push(term);
  }

  #occurrences(relation: number, allowed: Allowed): Occurrence[] {
    const { first, second, distance, agree } = unpack(relation);
    const found: Occurrence[] = [];
    const [firsts, seconds] = [first, second].map((value) => this.#places.get(value) as Map<number, Term[]>);
    const few = firsts.size <= seconds.size ? firsts : seconds;
    for (const output of few.keys()) {
      const terms = firsts.get(output);
      const partners = seconds.get(output);
      if (terms === undefined || partners === undefined || partners.length === 0) continue;
      const used = new Set<Term>();
      for (const a of terms) {
        if (used.has(a)) continue;
        const b = partners.find(
          (term) =>
            term !== a && !used.has(term) && term.shift === a.shift + distance && (term.sign === a.sign) === agree,
        );
        if (b === undefined || !allowed(output, a, b, used.size / 2)) continue;
        used.add(a).add(b);
        found.push({ output, a, b });
      }
    }
    return found;
  }

  #count(relation: number): void {
    const count = this.#counts.add(relation, 1);
    if (count >= 2) this.#put(relation, count);
  }

  #put(relation: number, count: number): void {
    while (this.#buckets.length <= count) this.#buckets.push([]);
    this.#buckets[count].push(relation);
  }
}

/** The relation of two terms, the same whichever comes first. */
function relationOf(p: Term, q: Term): number {
  const agree = p.sign === q.sign ? 1 : 0;
  const swap = p.value > q.value || (p.value === q.value && p.shift > q.shift);
  return swap ? packed(q, p, agree) : packed(p, q, agree);
}

function packed(a: Term, b: Term, agree: number): number {
  return ((a.value * VALUES + b.value) * DISTANCES + (b.shift - a.shift + DISTANCES / 2)) * 2 + agree;
}

function unpack(relation: number): { first: number; second: number; distance: number; agree: boolean } {
  const pair = Math.floor(relation / 2);
  const values = Math.floor(pair / DISTANCES);
  return {
    first: Math.floor(values / VALUES),
    second: values % VALUES,
    distance: (pair % DISTANCES) - DISTANCES / 2,
    agree: relation % 2 === 1,
  };
}
