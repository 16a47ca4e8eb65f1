import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { partOfStep } from './part-of-step.ts';
import type { Frame } from './profile-run.ts';

/** A function as the profiler would name it; one that is no longer there is found out. */
function frame(name: string, path: string): Frame {
  const source = readFileSync(new URL(`../../../../packages/train/src/${path}.ts`, import.meta.url), 'utf8');
  if (!source.includes(`${name}(`)) throw new Error(`${path}.ts has no ${name}`);
  return { name, file: `file:///packages/train/dist/${path}.js` };
}
const run = frame('run', 'fit/fit');
const step = frame('differentiate', 'engine/compile-engine');
const kernel = { name: 'roundAll', file: 'wasm://wasm/00ba11' };

it('names the part of a stack of fit', () => {
  expect(partOfStep([run, step, frame('take', 'engine/batch/take-images')])).toBe('lists of pixels');
  expect(partOfStep([run, step, frame('prepare', 'engine/operations/dense'), kernel])).toBe('quantise weights');
  const parts = frame('runParts', 'engine/batch/run-parts');
  expect(partOfStep([run, step, parts, frame('forward', 'engine/operations/dense'), kernel])).toBe(
    'forward and backward',
  );
  expect(partOfStep([run, step, parts, frame('finish', 'engine/memory/start-threads')])).toBe('other threads');
  const finish = frame('finish', 'engine/operations/dense');
  expect(partOfStep([run, step, finish, kernel])).toBe('gradients of weights and bits');
  expect(partOfStep([run, step, finish, frame('evaluate', 'engine/operations/bit-cost')])).toBe('EBOPs');
  expect(partOfStep([run, frame('step', 'fit/kernel-optimizer'), kernel])).toBe('optimizer');
  expect(partOfStep([run, frame('measure', 'fit/evaluate')])).toBe('evaluation');
  expect(partOfStep([run, frame('refuseNaN', 'fit/train-step')])).toBe('finite?');
  expect(partOfStep([run, frame('predictOnLists', 'fit/step-runner')])).toBe('evaluation');
  expect(partOfStep([run, frame('update', 'engine/compile-engine')])).toBe('optimizer');
  expect(partOfStep([run])).toBe("fit's own");
  expect(partOfStep([{ name: '(garbage collector)', file: '' }])).toBe('start and garbage');
});
