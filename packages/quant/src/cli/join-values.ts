/** `--random -5` as `--random=-5`, so that a negative number is taken for the option's value and refused (or not) as such. */
export function joinValues(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of argv) {
    const before = joined.at(-1);
    if (/^-\.?\d/.test(word) && before !== undefined && /^--[a-z]+$/.test(before))
      joined[joined.length - 1] += `=${word}`;
    else joined.push(word);
  }
  return joined;
}
