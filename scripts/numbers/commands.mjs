// Whether the commands beside the numbers exist, without running them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is wrong with a command, or undefined: all its parts must be scripts or files of the checkout. */
export function problemOf(root, command) {
  for (const part of command.split(/\s*&&\s*/)) {
    const words = part.split(/\s+/).filter((word) => !/^[A-Za-z_]+=/.test(word));
    const [program, ...rest] = words;
    if (program === undefined || ['cd', 'rm', 'mkdir'].includes(program)) continue;
    const problem = program === 'npm' ? npmProblem(root, rest) : fileProblem(root, program, rest);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function npmProblem(root, [verb, ...rest]) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (verb === 'install') return undefined;
  const name = verb === 'run' ? rest.shift() : verb;
  if (!(name in scripts)) return `npm has no script '${name}' here`;
  const group = rest[0] === '--' ? rest[1] : undefined;
  if (name !== 'bench' || group === undefined || group.startsWith('-')) return undefined;
  const groups = readFileSync(join(root, 'apps/example/src/bench/cli.ts'), 'utf8');
  const files = [...groups.matchAll(/from '\.\/rows\/([\w-]+)\.ts'/g)].map(([, file]) =>
    readFileSync(join(root, 'apps/example/src/bench/rows', `${file}.ts`), 'utf8'),
  );
  return files.some((text) => text.includes(`name: '${group}'`)) ? undefined : `there is no benchmark '${group}'`;
}

function fileProblem(root, program, [file]) {
  if (program !== 'node' || file === undefined) return `'${program}' is neither npm nor node with a file`;
  return existsSync(join(root, file)) ? undefined : `there is no ${file}`;
}
