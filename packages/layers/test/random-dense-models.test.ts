import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../src/index.ts';
import { compareRandomModels } from './support/compare-random-models.ts';
import { randomDenseModel } from './support/random-dense-model.ts';

describe.each(['cpu', 'wasm'] as const)('random dense models on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('infer what the interpreter computes, bit for bit, in every layer', () => {
    const first = backend === 'cpu' ? 100_000 : 200_000;
    const seeds = Array.from({ length: 300 }, (_, j) => first + j);
    const { compared, kinds } = compareRandomModels(seeds, randomDenseModel);
    expect(compared).toBeGreaterThan(280);
    // 15 kinds of quantised layers, inputs and flattenings.
    expect(kinds.size).toBe(17);
  });
});
