import { LowerError, lower, setBackend } from '@sp/layers';
import type { FixedGraph } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { gridTensor } from '../../../packages/layers/test/support/compare.ts';
import { randomPlainModel } from '../../../packages/layers/test/support/random-plain-model.ts';
import { traces } from '../../../packages/layers/test/support/traces.ts';
import { compiledView } from '../src/trained/compiled-view.ts';

/** Models to compile; SP_PLAIN_MODELS=300 for a thorough run. Inference against the interpreter: `@sp/layers`. */
const models = Number(process.env['SP_PLAIN_MODELS'] ?? 6);

beforeAll(() => setBackend('cpu'));

/** Graphs of random models of plain layers with data for them; those with tables that are too wide are left out. */
function lowered(seed: number): { readonly graph: FixedGraph; readonly x: Float64Array } | null {
  let made: { readonly graph: FixedGraph; readonly x: Float64Array } | null = null;
  tf.tidy(() => {
    const model = randomPlainModel(seed);
    const shape = model.inputs[0].shape.slice(1) as number[];
    const x = tf.mul(gridTensor([8, ...shape], seed + 1, 4), 3);
    if (!traces(model, x)) return;
    try {
      const graph = lower(model, { name: `plain${seed}`, inputType: 'ap_fixed<8,4,RND,SAT>' });
      made = { graph, x: Float64Array.from(x.dataSync()) };
    } catch (error) {
      if (error instanceof LowerError && error.message.includes('address bits')) return;
      throw error;
    } finally {
      model.dispose();
    }
  });
  return made;
}

it(
  'compiled C++ computes what the interpreter computes in random models of plain layers',
  async () => {
    let compared = 0;
    for (let seed = 700_000; compared < models; seed++) {
      const made = lowered(seed);
      if (made == null) continue;
      const { mismatches, error, worstNode } = await compiledView(made.graph, made.x);
      expect({ seed, mismatches, error, worstNode }).toEqual({ seed, mismatches: 0 });
      compared++;
    }
  },
  60_000 + models * 20_000,
);
