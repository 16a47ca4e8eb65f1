import { LowerError, lower, setBackend } from '@sp/layers';
import type { LowerNote } from '@sp/layers/internal';
import type { FixedGraph } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { gridTensor } from '../../../packages/layers/test/support/compare.ts';
import { mismatches } from '../../../packages/layers/test/support/mismatches.ts';
import { randomArithmeticModel } from '../../../packages/layers/test/support/random-arithmetic-model.ts';
import { randomAttentionModel } from '../../../packages/layers/test/support/random-attention-model.ts';
import { randomDenseModel } from '../../../packages/layers/test/support/random-dense-model.ts';
import { randomPlainModel } from '../../../packages/layers/test/support/random-plain-model.ts';
import { randomRecurrentModel } from '../../../packages/layers/test/support/random-recurrent-model.ts';
import { randomImages, randomSparseModel } from '../../../packages/layers/test/support/random-sparse-model.ts';
import { traces } from '../../../packages/layers/test/support/traces.ts';
import { compiledView } from '../src/trained/compiled-view.ts';

/** Models of all kinds together; SP_MODELS=300 for a thorough run. */
const models = Number(process.env['SP_MODELS'] ?? 6);
const firstSeed = Number(process.env['SP_MODELS_FROM'] ?? 900_000);

/** Every kind of layer that can be lowered is in the models of one of these. */
const makers: Readonly<Record<string, (seed: number) => tf.LayersModel>> = {
  arithmetic: randomArithmeticModel,
  attention: randomAttentionModel,
  dense: randomDenseModel,
  plain: randomPlainModel,
  recurrent: randomRecurrentModel,
  sparse: randomSparseModel,
};

interface Made {
  readonly graph: FixedGraph;
  readonly x: Float64Array;
  /** Layers in which inference and interpreter differ. */
  readonly wrong: readonly string[];
}

beforeAll(() => setBackend('cpu'));

/**
 * A model's graph with data, and where its inference is another. Null for models that cannot be compared: with sums wider
 * than float32 holds, values beyond all formats, or tables that are too wide.
 */
function made(kind: string, seed: number): Made | null {
  let result: Made | null = null;
  tf.tidy(() => {
    const model = makers[kind](seed);
    const shape = model.inputs[0].shape.slice(1) as number[];
    const draw = (from: number, scale: number): tf.Tensor =>
      kind === 'sparse' ? randomImages(model, 6, from) : tf.mul(gridTensor([6, ...shape], from, 4), scale);
    const seen = draw(seed + 1, 2);
    try {
      if (!traces(model, seen)) return;
      const notes: LowerNote[] = [];
      const name = `model${seed}`;
      const graph = lower(model, {
        name,
        inputType: 'ap_fixed<8,4,RND,SAT>',
        report: (note) => notes.push(note),
      });
      if (notes.some((note) => note.kind === 'warning')) return;
      const x = tf.concat([seen, draw(seed + 2, 3)]);
      const wrong = Object.entries(mismatches(model, graph, x)).filter(([, count]) => count > 0);
      result = { graph, x: Float64Array.from(x.dataSync()), wrong: wrong.map(([layer]) => layer) };
    } catch (error) {
      if (!(error instanceof LowerError && error.message.includes('address bits'))) throw error;
    } finally {
      model.dispose();
    }
  });
  return result;
}

it('random models of every kind give the same codes in inference, interpreter and compiled C++', async () => {
  const kinds = Object.keys(makers);
  let compared = 0;
  for (let seed = firstSeed; compared < models; seed++) {
    const kind = kinds[seed % kinds.length];
    const found = made(kind, seed);
    if (found == null) continue;
    expect({ kind, seed, wrong: found.wrong }).toEqual({ kind, seed, wrong: [] });
    const { mismatches, error, worstNode } = await compiledView(found.graph, found.x, ['-O0']);
    expect({ kind, seed, mismatches, error, worstNode }).toEqual({ kind, seed, mismatches: 0 });
    compared++;
  }
});
