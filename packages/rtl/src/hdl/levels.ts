/**
 * The model of delay: how many LUT6 levels a word-level cell takes. A level stands for one 6-input LUT with its wiring, about
 * 1 ns on UltraScale+; `levelsPerStage` of them fit between two registers. Carry chains are fast, so that an adder or comparison
 * of up to 24 bits counts as one level, and every further 24 bits as one more.
 */

/** Bits that a carry chain passes in the time of a level. */
const CARRY = 24;

/** An addition, subtraction or comparison of numbers of `width` bits. */
export function carryLevels(width: number): number {
  return Math.max(1, Math.ceil(width / CARRY));
}

/** A function of `count` bits that is a tree of LUTs: and, or, equality of constants. */
export function treeLevels(count: number): number {
  let levels = 0;
  for (let rest = count; rest > 1; rest = Math.ceil(rest / 6)) levels++;
  return levels;
}

/** Equality of two words: three pairs of bits per LUT. */
export function equalLevels(width: number): number {
  return 1 + treeLevels(Math.ceil(width / 3));
}

/** And-or of `count` gated words: three per LUT, then six results. */
export function selectLevels(count: number): number {
  return 1 + treeLevels(Math.ceil(count / 3));
}

/** A table addressed by `width` bits: a LUT has 6, a 4-to-1 multiplexer joins four of them. */
export function tableLevels(width: number): number {
  return 1 + Math.ceil(Math.max(0, width - 6) / 2);
}
