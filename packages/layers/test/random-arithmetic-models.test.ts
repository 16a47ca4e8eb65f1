import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../src/index.ts';
import { compareRandomModels } from './support/compare-random-models.ts';
import { randomArithmeticModel } from './support/random-arithmetic-model.ts';

describe.each(['cpu', 'wasm'] as const)('random arithmetic models on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('infer what the interpreter computes, bit for bit, in every layer', () => {
    const first = backend === 'cpu' ? 300_000 : 400_000;
    const seeds = Array.from({ length: 150 }, (_, j) => first + j);
    const { compared, kinds } = compareRandomModels(seeds, randomArithmeticModel);
    expect(compared).toBeGreaterThan(130);
    // 14 kinds of layers here, inputs, and two sparse ones in front.
    expect(kinds.size).toBe(18);
  });
});
