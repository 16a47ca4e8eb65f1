/** A number of a run and what it is called: a row of the closing table and of the reports. */
export interface Fact {
  /** For programs; stays when a label is worded better. */
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** What a check says of it. */
  readonly tone?: 'good' | 'bad';
}

/** Two aligned columns. */
export function factText(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(({ label }) => label.length));
  return facts.map(({ label, value }) => `  ${label.padEnd(width)}  ${value}`).join('\n');
}

/** Rounded, with commas. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A share of 1, in percent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
