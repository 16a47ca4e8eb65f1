import { expect, it } from 'vitest';
import { workerArguments } from './worker-arguments.ts';

it.each([
  [[], []],
  [
    ['--import', 'tsx', '--max-old-space-size=900'],
    ['--import', 'tsx', '--max-old-space-size=900'],
  ],
  [['--input-type=module', '-e', 'await study()'], []],
  [
    ['--expose-gc', '--print', '1', '--conditions=x'],
    ['--expose-gc', '--conditions=x'],
  ],
  [['--eval=1'], []],
])('workers of a node with %j run with %j and collect garbage on one core', (own, inherited) => {
  expect(workerArguments(own)).toEqual([...inherited, '--single-threaded-gc']);
});
