import { describe, expect, it } from 'vitest';
import { OptionError } from '../../option-error.ts';
import { binarySparsity, constantSparsity, polynomialSparsity, type SparsityScheduler } from './sparsity-scheduler.ts';

/** Sparsities and answers to results: u = good, r = bad. */
function run(scheduler: SparsityScheduler, results: string): (readonly [boolean, number])[] {
  let state = scheduler.initial;
  return [...results].map((result) => {
    const step = result === 'u' ? scheduler.update(state) : scheduler.repair(state);
    state = step.state;
    return [step.goes, step.state.sparsity] as const;
  });
}

function expectClose(
  actual: readonly (readonly [boolean, number])[],
  expected: readonly (readonly [boolean, number])[],
): void {
  expect(actual.map(([goes]) => goes)).toEqual(expected.map(([goes]) => goes));
  for (const [k, [, sparsity]] of actual.entries()) expect(sparsity).toBeCloseTo(expected[k][1], 12);
}

describe('sparsity schedulers', () => {
  it('constant: one step after every result, up to the final sparsity', () => {
    const scheduler = constantSparsity({ initialSparsity: 0.25, finalSparsity: 0.5, updateStep: 0.1 });
    expect(scheduler.initial.sparsity).toBe(0.25);
    expectClose(run(scheduler, 'uru'), [
      [true, 0.35],
      [true, 0.45],
      [false, 0.45],
    ]);
  });

  it('constant: doubles are added as they are', () => {
    const steps = run(constantSparsity(), 'u'.repeat(20));
    expect(steps[18]).toEqual([true, 0.9500000000000003]);
    expect(steps[19]).toEqual([false, 0.9500000000000003]);
  });

  it('binary: halves the interval between good and bad', () => {
    const scheduler = binarySparsity({ initialSparsity: 0.25, finalSparsity: 0.5, threshold: 0.05 });
    expectClose(run(scheduler, 'urur'), [
      [true, 0.375],
      [true, 0.3125],
      [true, 0.34375],
      [false, 0.34375],
    ]);
  });

  it('polynomial: so many steps, whatever the results', () => {
    const scheduler = polynomialSparsity({ maximumSteps: 2, initialSparsity: 0.25, finalSparsity: 0.5, decayPower: 2 });
    expectClose(run(scheduler, 'uru'), [
      [true, 0.4375],
      [true, 0.5],
      [false, 0.5],
    ]);
  });

  it('refuses what makes no sense', () => {
    for (const make of [
      () => constantSparsity({ initialSparsity: -0.1 }),
      () => binarySparsity({ finalSparsity: 1.1 }),
      () => polynomialSparsity({ maximumSteps: 2, initialSparsity: Number.NaN }),
      () => constantSparsity({ updateStep: 0 }),
      () => binarySparsity({ threshold: 0 }),
      () => polynomialSparsity({ maximumSteps: 0 }),
      () => polynomialSparsity({ maximumSteps: 2, decayPower: 0 }),
    ]) {
      expect(make).toThrow(OptionError);
    }
  });
});
