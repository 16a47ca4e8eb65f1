import { describe, expect, it } from 'vitest';
import { differences } from '../test/support/differences.ts';
import { randomRtl } from '../test/support/random-cases.ts';

// Few and small ones; `test/random-graphs.test.ts` takes as many as wanted.
describe('the simulated hardware equals the interpreter', () => {
  it.each([2, 3, 11, 24, 29, 48, 180, 186])('on random network %i', (seed) => {
    const { wrong, compared } = differences(randomRtl(seed));
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(100);
  });
});
