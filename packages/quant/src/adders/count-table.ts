import { ceilLog2 } from '../numeric/reals.ts';

/**
 * Counts by integer key (0 … 2^53 − 1), as a flat hash table: many times faster than a `Map` of millions of doubles.
 * Keys are never forgotten; a count may return to 0.
 */
export class CountTable {
  /** Key and count of every place in turn: both are in the same cache line. */
  #entries: Float64Array;
  #mask: number;
  #used = 0;

  /** @param capacity expected number of keys; the table grows beyond it */
  constructor(capacity = 1024) {
    const size = 2 ** ceilLog2(Math.max(16, capacity * 2));
    this.#entries = new Float64Array(2 * size).fill(-1);
    this.#mask = size - 1;
  }

  get(key: number): number {
    const at = this.#find(key);
    return this.#entries[at] === key ? this.#entries[at + 1] : 0;
  }

  set(key: number, count: number): void {
    let at = this.#find(key);
    if (this.#entries[at] !== key) {
      if (2 * (this.#used + 1) > this.#mask + 1) {
        this.#grow();
        at = this.#find(key);
      }
      this.#entries[at] = key;
      this.#used++;
    }
    this.#entries[at + 1] = count;
  }

  /** Adds to a count and returns the new one. */
  add(key: number, step: number): number {
    const at = this.#find(key);
    if (this.#entries[at] !== key) {
      this.set(key, step);
      return step;
    }
    this.#entries[at + 1] += step;
    return this.#entries[at + 1];
  }

  #find(key: number): number {
    const entries = this.#entries;
    const mask = this.#mask;
    // Remainders of doubles are slow.
    const high = Math.floor(key / 2147483648);
    const low = key - high * 2147483648;
    let hash = Math.imul(low ^ high, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    let at = (hash ^ (hash >>> 13)) & mask;
    while (entries[2 * at] !== key && entries[2 * at] !== -1) at = (at + 1) & mask;
    return 2 * at;
  }

  #grow(): void {
    const entries = this.#entries;
    this.#entries = new Float64Array(2 * entries.length).fill(-1);
    this.#mask = entries.length - 1;
    for (let j = 0; j < entries.length; j += 2) {
      if (entries[j] === -1) continue;
      const at = this.#find(entries[j]);
      this.#entries[at] = entries[j];
      this.#entries[at + 1] = entries[j + 1];
    }
  }
}
