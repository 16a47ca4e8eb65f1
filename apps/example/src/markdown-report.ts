import { valueText } from './fact.ts';
import type { Picture } from './pictures.ts';
import { markdownTable } from './print-table.ts';
import type { RunRecord } from './run-folder.ts';
import type { Summary } from './summary.ts';

/** The run as Markdown. */
export function markdownReport(summary: Summary, { warnings = [] }: RunRecord, pictures: readonly Picture[]): string {
  const { title, description, facts, bits, agreement, costs, findings, making } = summary;
  const said = warnings.map(({ when, message }) => `- ${when}: ${message}`).join('\n');
  const parts = [
    `# ${title}`,
    description,
    markdownTable({ columns: ['', 'value'], rows: facts.map((fact) => [fact.label, valueText(fact)]) }),
    ...(warnings.length === 0 ? [] : ['## Warnings while training', said]),
    ...(agreement === undefined ? [] : [markdownTable(agreement)]),
    ...(costs === undefined ? [] : [markdownTable(costs)]),
    ...findings.map(markdownTable),
    markdownTable(bits),
    markdownTable(making),
    ...pictures.flatMap(({ file, caption }) => [`![${caption}](pictures/${file}.png)`, `*${caption}*`]),
  ];
  return `${parts.join('\n\n')}\n`;
}
