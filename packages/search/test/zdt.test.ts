import { expect, it } from 'vitest';
import { zdt } from './support/functions.ts';
import { searchFunction, volumeOf } from './support/search-function.ts';

// Of the published fronts (Zitzler, Deb, Thiele 2000), 30 variables, reference (1.1, 1.1).
it.each([
  [1, 0.97],
  [2, 0.94],
  [3, 0.97],
] as const)('NSGA-II comes within a few percent of the hypervolume of ZDT%i in 10,000 trials', (which, share) => {
  const known = zdt(which);
  const trials = searchFunction(known, { kind: 'nsga2', population: 40 }, 10_000, 1);
  const volume = volumeOf(trials.slice(-2000), known);
  expect(volume).toBeLessThan(known.best * 1.001);
  expect(volume).toBeGreaterThan(share * known.best);
});
