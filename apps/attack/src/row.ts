/** What attacks of one kind have come to. */
export interface Row {
  readonly attack: string;
  readonly tries: number;
  /** Refused with an error of ours, or stopped by a kill. */
  readonly refused: number;
  /** Gone through, with the result that it should have. */
  readonly right: number;
  /** Gone through, with another result. */
  readonly damaged: number;
  /** Errors of the language or the system. */
  readonly untyped: number;
  /** Longer than the limit, or for ever. */
  readonly late: number;
  /** States that are neither the old one nor the new one, or leftovers that the next run does not remove. */
  readonly lost: number;
  /** Examples of what went wrong, to look into. */
  readonly examples: readonly string[];
}

/** Counts of a kind while it goes on. */
export class Tally {
  readonly attack: string;
  readonly counts: Record<'refused' | 'right' | 'damaged' | 'untyped' | 'late' | 'lost', number> = {
    refused: 0,
    right: 0,
    damaged: 0,
    untyped: 0,
    late: 0,
    lost: 0,
  };
  readonly examples: string[] = [];

  constructor(attack: string) {
    this.attack = attack;
  }

  /** Counts one try; of what must not be, an example is kept. */
  add(outcome: keyof Tally['counts'], example = ''): void {
    this.counts[outcome]++;
    if (outcome !== 'refused' && outcome !== 'right' && this.examples.length < 5) {
      this.examples.push(`${outcome}: ${example.slice(0, 600)}`);
    }
  }

  /** Counts an error: of ours or not. */
  fail(error: unknown): void {
    this.add(
      isTyped(error) ? 'refused' : 'untyped',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }

  row(): Row {
    const { refused, right, damaged, untyped, late, lost } = this.counts;
    const tries = refused + right + damaged + untyped + late + lost;
    return { attack: this.attack, tries, ...this.counts, examples: this.examples };
  }
}

const BARE: ReadonlySet<unknown> = new Set([
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  EvalError,
  URIError,
  AggregateError,
]);

/** Whether an error is of a class of ours and says something. */
export function isTyped(error: unknown): boolean {
  return error instanceof Error && !BARE.has(error.constructor) && !('syscall' in error) && error.message !== '';
}

/** The rows as aligned text. */
export function table(rows: readonly Row[]): string {
  const head = ['attack', 'tries', 'refused', 'right', 'damaged', 'untyped', 'late', 'lost'];
  const sum = (field: keyof Row) => rows.reduce((total, row) => total + Number(row[field]), 0);
  const cells = rows.map(({ attack, tries, refused, right, damaged, untyped, late, lost }) =>
    [attack, tries, refused, right, damaged, untyped, late, lost].map(String),
  );
  const total = [
    'total',
    ...(['tries', 'refused', 'right', 'damaged', 'untyped', 'late', 'lost'] as const).map((field) =>
      String(sum(field)),
    ),
  ];
  const lines = [head, ...cells, total];
  const widths = head.map((_, c) => Math.max(...lines.map((line) => line[c].length)));
  return lines
    .map((line) => line.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '))
    .join('\n');
}
