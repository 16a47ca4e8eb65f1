// Programs of the documentation need no casts: a cast there is a type of ours that does not fit.
// Run by `npm run lint:repo`. Refuses `as T` (not `as const`) and `<T>x` in TypeScript programs of
// READMEs and pages. An `!` behind a look-up that cannot miss is fine.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..', '..');
const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'];
const pages = execFileSync('git', ['-C', root, ...listed], { encoding: 'utf8' })
  .split('\n')
  .filter((page) => page !== '' && !page.startsWith('.changeset/') && existsSync(join(root, page)));

let programs = 0;
const casts = [];
for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  for (const { index, 1: code } of text.matchAll(/^[ \t]*```(?:tsx?|typescript)\b[^\n]*\n([\s\S]*?)^[ \t]*```/gm)) {
    programs++;
    const first = text.slice(0, index).split('\n').length;
    const source = ts.createSourceFile('program.ts', code, ts.ScriptTarget.Latest, true);
    visit(source, (node) => {
      const line = first + 1 + source.getLineAndCharacterOfPosition(node.getStart()).line;
      casts.push(`${page}:${line}: ${node.getText().split('\n')[0]}`);
    });
  }
}
for (const cast of casts) console.error(cast);
console.log(`${programs} programs on ${pages.length} pages, ${casts.length} casts`);
if (casts.length > 0 || programs === 0) process.exitCode = 1;

function visit(node, found) {
  const isConst = ts.isAsExpression(node) && node.type.getText() === 'const';
  if ((ts.isAsExpression(node) && !isConst) || ts.isTypeAssertionExpression(node)) found(node);
  ts.forEachChild(node, (child) => visit(child, found));
}
