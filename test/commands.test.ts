import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/commands.md'), 'utf8');

it.each(['hls', 'rtl', 'search'])('names the commands of sp-%s, all of them and no others', (name) => {
  const program = join(root, 'packages', name, 'dist/cli/main.js');
  const help = execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' });
  const [, list = ''] = help.split('\n\n').filter((part) => /^ {2}[a-z]+ /.test(part) || part.startsWith('Usage'));
  const commands = [...list.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, command]) => command);
  expect(commands.length).toBeGreaterThan(4);
  const named = [...page.matchAll(new RegExp(`\`sp-${name} ([a-z]+)`, 'g'))].map(([, command]) => command);
  expect([...new Set(named)].sort()).toEqual(commands.sort());
});
