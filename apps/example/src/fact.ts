/** A number of a run and what it is called: a row of the closing table and of the reports. */
export interface Fact {
  /** For programs; stays when a label is worded better. */
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** A few words on what it means. */
  readonly note?: string;
  /** What a check says of it. */
  readonly tone?: 'good' | 'bad';
}

/** Two aligned columns. */
export function factText(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(({ label }) => label.length));
  return facts.map((fact) => `  ${fact.label.padEnd(width)}  ${valueText(fact)}`).join('\n');
}

/** A value with its note. */
export function valueText({ value, note }: Fact): string {
  return note === undefined ? value : `${value} (${note})`;
}
