import type { FixedGraph } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { LowerError, lower } from '../../src/index.ts';
import type { LowerNote } from '../../src/lower/lowered.ts';
import { gridTensor } from './compare.ts';
import { mismatches } from './mismatches.ts';
import { traces } from './traces.ts';

/**
 * Traces and lowers the models of some seeds and expects inference to equal the interpreter bit for bit in every layer,
 * on traced data and on data beyond the traced range. Models whose sums are wider than float32 holds are left out, and
 * those whose values are beyond all formats (weights without bits, rounded down, are −2^32) or too wide for a table.
 *
 * @returns the number of models compared and the kinds of layers they had.
 */
export function compareRandomModels(
  seeds: readonly number[],
  make: (seed: number) => tf.LayersModel,
): { readonly compared: number; readonly kinds: ReadonlySet<string> } {
  const kinds = new Set<string>();
  let compared = 0;
  for (const seed of seeds) {
    tf.tidy(() => {
      const model = make(seed);
      const shape = model.inputs[0].shape.slice(1) as number[];
      const seen = tf.mul(gridTensor([8, ...shape], seed + 1, 4), 2);
      const beyond = tf.mul(gridTensor([8, ...shape], seed + 2, 4), 3);
      if (!traces(model, seen)) return;
      const notes: LowerNote[] = [];
      const graph = lowered(model, notes);
      if (graph == null) return;
      const tooWide = notes.some(({ kind }) => kind === 'warning');
      if (!tooWide) {
        const wrong = Object.entries(mismatches(model, graph, tf.concat([seen, beyond]))).filter(([, n]) => n > 0);
        const chain = model.layers.map((layer) => layer.getClassName());
        expect(wrong, `seed ${seed}: ${chain.join(' → ')}`).toEqual([]);
        for (const kind of chain) kinds.add(kind);
        compared++;
      }
      model.dispose();
    });
  }
  return { compared, kinds };
}

/** The graph of a model, or null where `lower` refuses a table of too many entries. */
function lowered(model: tf.LayersModel, notes: LowerNote[]): FixedGraph | null {
  try {
    return lower(model, { inputType: 'ap_fixed<8,4,RND,SAT>', report: (note) => notes.push(note) });
  } catch (error) {
    if (error instanceof LowerError && error.message.includes('address bits')) return null;
    throw error;
  }
}
