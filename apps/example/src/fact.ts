/** A name and a value of the closing table. */
export type Fact = readonly [name: string, value: string];

/** Two aligned columns. */
export function factTable(rows: readonly Fact[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}
