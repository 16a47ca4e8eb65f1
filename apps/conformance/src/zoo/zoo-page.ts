import { BadFileError } from '../bad-file-error.ts';
import type { ZooRow } from './check-file.ts';
import { passed, type Stage } from './stage.ts';

/** Columns of the table on the page, in order; the last one is of the files that were compiled. */
const columns = ['imported', 'outputs', 'ebops', 'interpreter', 'compiled'] as const;

const [begin, end] = ['<!-- zoo: begin -->', '<!-- zoo: end -->'];

/**
 * What the documentation says of a zoo: by class, of how many files each step is exact; which files pass under a
 * condition, and which are refused on purpose.
 */
export function zooPage(rows: readonly ZooRow[]): string {
  const classes = [...new Set(rows.flatMap((row) => row.classes))].sort();
  const lines = classes.map((name) => {
    const own = rows.filter((row) => row.classes.includes(name));
    const cells = columns.map((column) => {
      const reached = own.filter((row) => row[column] != null);
      const good = reached.filter((row) => isEqual(row[column] as Stage)).length;
      return reached.length === 0 ? '–' : good === own.length ? `${good}` : `${good} of ${reached.length}`;
    });
    return `| \`${name}\` | ${own.length} | ${cells.join(' | ')} |`;
  });
  const conditions = rows.flatMap((row) => {
    const notes = [row.imported, row.outputs, row.ebops, row.lowered, row.interpreter].flatMap((stage) =>
      stage?.state === 'close' && stage.note != null ? [stage.note] : [],
    );
    return notes.length === 0 ? [] : [`| \`${row.name}\` | ${escaped(notes.join('; '))} |`];
  });
  const refused = rows.flatMap(({ name, imported }) =>
    imported.state === 'refused' ? [`| \`${name}\` | ${escaped(imported.reason)} |`] : [],
  );
  const wrong = rows.filter((row) => columns.some((column) => !passed(row[column]))).map(({ name }) => name);
  return [
    '| class | files | imported | predictions | EBOPs | graph | C++ |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
    'Files that pass under a condition:',
    '',
    '| file | condition |',
    '|---|---|',
    ...conditions,
    '',
    'Files that are refused:',
    '',
    '| file | what `loadKeras` says |',
    '|---|---|',
    ...refused,
    '',
    `Files with other numbers than the reference's: ${wrong.length === 0 ? 'none' : wrong.join(', ')}.`,
  ].join('\n');
}

/** A page with the part between its marks replaced. @throws when it has no marks. */
export function withZoo(page: string, block: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new BadFileError('--page', `has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${block}\n\n${page.slice(to)}`;
}

/** The part of a page between its marks, without the column of the compiled files. */
export function zooOf(page: string): string {
  const block = page.slice(page.indexOf(begin) + begin.length, page.indexOf(end)).trim();
  return withoutCompiled(block);
}

/** Lines of seven cells without the last one: a test compiles no file. */
export function withoutCompiled(block: string): string {
  return block
    .split('\n')
    .map((line) => {
      const cells = line.split('|');
      return cells.length === 9 ? [...cells.slice(0, 7), ''].join('|') : line;
    })
    .join('\n');
}

function isEqual(stage: Stage): boolean {
  return stage.state === 'equal' || stage.state === 'close';
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
