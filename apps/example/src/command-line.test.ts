import { expect, it } from 'vitest';
import { commandLine } from './command-line.ts';

it('commandLine can be pasted into a shell, by the way the program was started', () => {
  expect(commandLine(['--resume', '--out', 'runs/a-1'], {})).toBe('sp-example --resume --out runs/a-1');
  expect(commandLine(['--out', "it's mine"], { npm_lifecycle_event: 'start' })).toBe(
    "npm start -- --out 'it'\\''s mine'",
  );
});
