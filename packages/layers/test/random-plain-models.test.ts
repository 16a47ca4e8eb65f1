import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../src/index.ts';
import { compareRandomModels } from './support/compare-random-models.ts';
import { randomPlainModel } from './support/random-plain-model.ts';

/** Models per backend; SP_PLAIN_MODELS=300 for a thorough run. */
const models = Number(process.env['SP_PLAIN_MODELS'] ?? 60);

describe.each(['cpu', 'wasm'] as const)('random models of plain layers on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('infer what the interpreter computes, bit for bit, in every layer', () => {
    const first = backend === 'cpu' ? 700_000 : 800_000;
    const seeds = Array.from({ length: models }, (_, j) => first + j);
    const { compared, kinds } = compareRandomModels(seeds, randomPlainModel);
    expect(compared).toBeGreaterThan(models * 0.7);
    if (models >= 60) expect(kinds.size).toBeGreaterThan(20);
  });
});
