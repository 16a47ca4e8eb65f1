/**
 * The candidate nearest to a misspelt word, for "did you mean" hints: fewest single-letter edits, at most a third of the word.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `, did you mean "x"?` or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const best = suggest(word, candidates);
  return best === undefined ? '' : `, did you mean "${best}"?`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** An option of a name that nobody knows. */
export interface UnknownOption {
  readonly option: string;
  readonly value: unknown;
  /** `unknown option 'epoch', did you mean 'epochs'? (known: epochs, seed)` */
  readonly complaint: string;
}

/**
 * The first option given, and not undefined, whose name is not known: it would be ignored without a
 * word, as TypeScript sees it neither in JavaScript nor among spread objects.
 */
export function unknownOption(options: object, known: readonly string[]): UnknownOption | undefined {
  const strange = Object.entries(options).find(([name, value]) => value !== undefined && !known.includes(name));
  if (strange === undefined) return undefined;
  const [option, value] = strange;
  const near = suggest(option, known);
  const hint = near === undefined ? '' : `, did you mean '${near}'?`;
  return { option, value, complaint: `unknown option '${option}'${hint} (known: ${known.join(', ')})` };
}
