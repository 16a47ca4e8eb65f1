import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../src/index.ts';
import { compareRandomModels } from './support/compare-random-models.ts';
import { randomAttentionModel } from './support/random-attention-model.ts';

describe.each(['cpu', 'wasm'] as const)('random attention models on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('infer what the interpreter computes, bit for bit, in every layer', () => {
    const first = backend === 'cpu' ? 700_000 : 800_000;
    const seeds = Array.from({ length: Number(process.env['SP_MODELS'] ?? 100) }, (_, j) => first + j);
    const { compared, kinds } = compareRandomModels(seeds, randomAttentionModel);
    expect(compared).toBeGreaterThan(0.5 * seeds.length);
    expect(kinds).toContain('QLinformerAttention');
    expect(kinds).toContain('QMultiHeadAttention');
  });
});
