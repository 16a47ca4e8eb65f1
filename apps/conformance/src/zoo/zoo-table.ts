import type { ZooReport } from '../zoo.ts';
import type { ZooRow } from './check-file.ts';
import { passed, type Stage } from './stage.ts';

const stages = ['imported', 'outputs', 'ebops', 'lowered', 'interpreter', 'compiled'] as const;
const titles = {
  imported: 'import',
  outputs: 'outputs',
  ebops: 'EBOPs',
  lowered: 'lowered',
  interpreter: 'graph',
  compiled: 'C++',
} as const;

/** One line per file, then counts by class and by reason. */
export function zooTable({ folder, rows, ok, compiler }: ZooReport): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const good = rows.filter(({ imported }) => imported.state === 'equal' || imported.state === 'close').length;
  return [
    `zoo ${folder}`,
    ...rows.map((row) => `  ${row.name.padEnd(width)}  ${rowText(row)}`),
    '',
    ...classTable(rows).map((line) => `  ${line}`),
    '',
    ...reasons(rows).map((line) => `  ${line}`),
    ...(compiler ? [] : ['  no C++ compiler was found: nothing was compiled']),
    `  ${rows.length} files, ${good} imported${count(rows, 'lowered')}${count(rows, 'interpreter')}${count(rows, 'compiled')}`,
    ok ? '  all within tolerance' : `  out of tolerance: ${worstOffender(rows)}`,
  ].join('\n');
}

/** Files, and those that pass each stage, by layer class. */
export function classTable(rows: readonly ZooRow[]): string[] {
  const classes = [...new Set(rows.flatMap((row) => row.classes))].sort();
  const width = Math.max(5, ...classes.map((name) => name.length));
  const cells = (values: readonly (string | number)[]): string =>
    values.map((value) => String(value).padStart(9)).join('');
  return [
    `${'class'.padEnd(width)}${cells(['files', ...stages.map((stage) => titles[stage])])}`,
    ...classes.map((name) => {
      const own = rows.filter((row) => row.classes.includes(name));
      const reached = (stage: (typeof stages)[number]): number =>
        own.filter((row) => row[stage]?.state === 'equal' || row[stage]?.state === 'close').length;
      return `${name.padEnd(width)}${cells([own.length, ...stages.map(reached)])}`;
    }),
  ];
}

/** Refusals and failures alike in all but names and numbers, most frequent first. */
function reasons(rows: readonly ZooRow[]): string[] {
  const found = new Map<string, string[]>();
  for (const row of rows) {
    for (const stage of stages) {
      const { reason } = (row[stage] ?? {}) as { readonly reason?: string };
      if (reason == null) continue;
      const kind = `${titles[stage]}: ${alike(reason)}`;
      found.set(kind, [...(found.get(kind) ?? []), row.name]);
    }
  }
  return [...found]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(
      ([kind, names]) => `${names.length} × ${kind} (${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''})`,
    );
}

/** A reason without the layer's name, on one line, not too long. */
function alike(reason: string): string {
  return reason
    .replace(/^Layer '[^']*'/, 'Layer …')
    .replace(/\s+/g, ' ')
    .slice(0, 160);
}

function rowText(row: ZooRow): string {
  return stages
    .filter((stage) => row[stage] != null)
    .map((stage) => `${titles[stage]} ${stageText(row[stage] as Stage)}`)
    .join(' · ');
}

function stageText(stage: Stage): string {
  switch (stage.state) {
    case 'equal':
      return 'ok';
    case 'close':
      return `ok (${stage.note ?? `within ${stage.deviation.toExponential(1)}`})`;
    case 'differs':
      return `DIFFERS by ${stage.deviation.toPrecision(2)} at ${stage.what}`;
    case 'refused':
      return `${stage.tolerated ? 'refused' : 'REFUSED'}: ${stage.reason}`;
    case 'failed':
      return `FAILED: ${stage.reason.split('\n')[0]}`;
  }
}

function count(rows: readonly ZooRow[], stage: 'lowered' | 'interpreter' | 'compiled'): string {
  const reached = rows.filter((row) => row[stage] != null);
  const good = reached.filter((row) => row[stage]?.state === 'equal' || row[stage]?.state === 'close');
  return `, ${titles[stage]} ${good.length} of ${reached.length}`;
}

function worstOffender(rows: readonly ZooRow[]): string {
  const bad = rows.filter((row) => stages.some((stage) => !passed(row[stage])));
  const differs = bad.find((row) => stages.some((stage) => row[stage]?.state === 'differs'));
  const row = differs ?? bad[0];
  return `${bad.length} files, first ${row.name}: ${rowText(row)}`;
}
