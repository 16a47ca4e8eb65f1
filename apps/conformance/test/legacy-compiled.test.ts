import { setBackend } from '@sp/layers';
import { hTraceMinMax, toProxyModel } from '@sp/layers/hgq1';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { compiledView } from '../src/trained/compiled-view.ts';
import { randomLegacyModel } from './support/random-legacy.ts';

/** How many models are compiled; issue M asks for 200. */
const count = Number(process.env['SP_LEGACY_COMPILED'] ?? 4);

beforeAll(() => setBackend('cpu'));

it.each(Array.from({ length: count }, (_, k) => k + 1))(
  'random model %i: the compiled proxy equals the interpreter, with overflow',
  { timeout: 300_000 },
  async (seed) => {
    const { model, x, shape, vocabulary } = randomLegacyModel(seed);
    if (vocabulary === 'hgq1') hTraceMinMax(model, tf.tensor(x, [...shape]), { coverFactor: 0.5 });
    for (const aggressive of vocabulary === 'hgq1' ? [true, false] : [false]) {
      const graph = toProxyModel(model, { aggressive });
      const view = await compiledView(
        graph,
        x.map((value) => value * 4),
      );
      expect(view).toMatchObject({ mismatches: 0 });
      expect(view.error).toBeUndefined();
      expect(view.compared).toBeGreaterThan(0);
    }
  },
);
