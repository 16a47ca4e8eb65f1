import { expect, it } from 'vitest';
import { helpText } from './help.ts';

it('helpText shows commands that can be typed where the program was started', () => {
  const installed = helpText({});
  expect(installed).toContain('Usage: sp-example [command]');
  expect(installed).toContain('Examples\n  sp-example\n');
  const started = helpText({ npm_lifecycle_event: 'start' });
  expect(started).toContain('Usage: npm start -- [command]');
  expect(started).toContain('Examples\n  npm start\n');
  expect(started).toContain('\n  npm start -- train --epochs 5');
  expect(started).not.toMatch(/^ +sp-example/m);
});
