import { mapPositions, stridesOf } from './positions.ts';

/** The letters of an einsum: one per axis of each operand and of the result. */
export interface Equation {
  readonly operands: readonly string[];
  readonly output: string;
}

/**
 * An equation like `'ab,bc->ac'` taken apart; null where it has not that form. Dots pass, and so do
 * letters in any number.
 */
export function splitEquation(equation: string): Equation | null {
  const match = /^((?:[A-Za-z.]+,)*[A-Za-z.]+)->([A-Za-z.]*)$/.exec(equation);
  return match === null ? null : { operands: match[1].split(','), output: match[2] };
}

/** Whether a letter stands twice. */
export function repeatsLetter(labels: string): boolean {
  return new Set(labels).size !== labels.length;
}

/** First letter of the result that no operand has. */
export function strayLetter({ operands, output }: Equation): string | undefined {
  return [...output].find((label) => !operands.some((labels) => labels.includes(label)));
}

/**
 * Length of every letter. `differs` is told of a letter that stands for two lengths; without it the
 * last one counts.
 */
export function letterLengths(
  operands: readonly string[],
  shapes: readonly (readonly number[])[],
  differs: (label: string, first: number, second: number) => void = () => {},
): Map<string, number> {
  const lengths = new Map<string, number>();
  operands.forEach((labels, operand) => {
    [...labels].forEach((label, axis) => {
      const length = shapes[operand][axis];
      const known = lengths.get(label) ?? length;
      if (known !== length) differs(label, known, length);
      lengths.set(label, length);
    });
  });
  return lengths;
}

/** What is computed and what is summed. */
export interface EinsumLoops {
  /** Letters of the result, and of the sum. */
  readonly kept: readonly string[];
  readonly summed: readonly string[];
  /** Length of every letter. */
  readonly lengths: ReadonlyMap<string, number>;
  /** Shape of the result. */
  readonly shape: readonly number[];
  /** Results, and products per result. */
  readonly size: number;
  readonly terms: number;
}

/** The loops of an einsum over letters of these lengths. */
export function einsumLoops({ output }: Equation, lengths: ReadonlyMap<string, number>): EinsumLoops {
  const kept = [...output];
  const summed = [...lengths.keys()].filter((label) => !kept.includes(label));
  const shape = kept.map((label) => lengths.get(label) as number);
  const count = (labels: readonly string[]): number =>
    labels.reduce((product, label) => product * (lengths.get(label) as number), 1);
  return { kept, summed, lengths, shape, size: count(kept), terms: count(summed) };
}

/** Where an operand's elements lie: an offset by result plus one by term of the sum. */
export interface EinsumOffsets {
  readonly out: readonly number[];
  readonly sum: readonly number[];
}

/** How far one step along each of `along` goes in an operand of these letters and this shape. */
export function letterSteps(labels: string, shape: readonly number[], along: readonly string[]): number[] {
  const strides = stridesOf(shape);
  return along.map((label) => strides[labels.indexOf(label)] ?? 0);
}

/** Offsets of one operand. */
export function einsumOffsets(labels: string, shape: readonly number[], loops: EinsumLoops): EinsumOffsets {
  const offsets = (along: readonly string[]): number[] => {
    const steps = letterSteps(labels, shape, along);
    return mapPositions(
      along.map((label) => loops.lengths.get(label) as number),
      (position) => position.reduce((sum, at, d) => sum + at * steps[d], 0),
    );
  };
  return { out: offsets(loops.kept), sum: offsets(loops.summed) };
}
