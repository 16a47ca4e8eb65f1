import { expect, it } from 'vitest';
import { partOfStep } from './part-of-step.ts';

const root = 'file:///packages/train/dist';
const run = { name: 'run', file: `${root}/fit/fit.js` };
const step = { name: 'differentiate', file: `${root}/engine/compile-engine.js` };
const kernel = { name: 'roundAll', file: 'wasm://wasm/00ba11' };

it('names the part of a stack of fit', () => {
  expect(partOfStep([run, step, { name: 'take', file: `${root}/engine/batch/take-images.js` }])).toBe(
    'lists of pixels',
  );
  expect(partOfStep([run, step, { name: 'prepare', file: `${root}/engine/operations/dense.js` }, kernel])).toBe(
    'quantise weights',
  );
  const parts = { name: 'runParts', file: `${root}/engine/batch/run-parts.js` };
  expect(partOfStep([run, step, parts, { name: 'forward', file: `${root}/engine/operations/dense.js` }, kernel])).toBe(
    'forward and backward',
  );
  expect(partOfStep([run, step, parts, { name: 'finish', file: `${root}/engine/memory/start-threads.js` }])).toBe(
    'other threads',
  );
  const finish = { name: 'finish', file: `${root}/engine/operations/dense.js` };
  expect(partOfStep([run, step, finish, kernel])).toBe('gradients of weights and bits');
  expect(partOfStep([run, step, finish, { name: 'evaluate', file: `${root}/engine/operations/bit-cost.js` }])).toBe(
    'EBOPs',
  );
  expect(partOfStep([run, { name: 'step', file: `${root}/fit/kernel-optimizer.js` }, kernel])).toBe('optimizer');
  expect(partOfStep([run, { name: 'measure', file: `${root}/fit/evaluate.js` }])).toBe('evaluation');
  expect(partOfStep([run])).toBe("fit's own");
  expect(partOfStep([{ name: '(garbage collector)', file: '' }])).toBe('start and garbage');
});
