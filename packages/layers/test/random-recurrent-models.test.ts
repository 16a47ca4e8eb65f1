import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../src/index.ts';
import { compareRandomModels } from './support/compare-random-models.ts';
import { randomRecurrentModel } from './support/random-recurrent-model.ts';

describe.each(['cpu', 'wasm'] as const)('random recurrent models on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('infer what the interpreter computes, bit for bit, in every layer', () => {
    const first = backend === 'cpu' ? 500_000 : 600_000;
    const seeds = Array.from({ length: Number(process.env['SP_MODELS'] ?? 120) }, (_, j) => first + j);
    const { compared, kinds } = compareRandomModels(seeds, randomRecurrentModel);
    expect(compared).toBeGreaterThan(0.5 * seeds.length);
    expect([...kinds].sort()).toEqual(['InputLayer', 'QDense', 'QGRU', 'QSimpleRNN']);
  });
});
