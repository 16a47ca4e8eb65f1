import { LowerError, lower, traceMinMax } from '@sp/layers';
import type { LowerNote } from '@sp/layers/internal';
import type { FixedGraph } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';

/** The graph of a model, and what it took. */
export interface LoweredFile {
  readonly graph: FixedGraph;
  readonly notes: readonly LowerNote[];
  /** What the refusals asked for and was done, in words; empty if it lowered as it is. */
  readonly remedies: readonly string[];
  /** Whether the model was traced, so that the record of its inference no longer holds. */
  readonly traced: boolean;
  /** Step of the type that stands for float values, or null where none was needed. */
  readonly step: number | null;
}

/**
 * Types for what no quantizer rounds: wide enough that results lie within the tolerance of float functions; where a
 * function needs a table of its argument, as wide as tables go.
 */
const precisions = [
  { type: 'ap_fixed<44,12,AP_RND,AP_SAT>', step: 2 ** -32 },
  { type: 'ap_fixed<16,5,AP_RND,AP_SAT>', step: 2 ** -11 },
] as const;

/**
 * Lowers a model; where that is refused, does what the refusal says: traces a model that was never traced, gives a
 * precision for floats that no quantizer rounds. Any other refusal is thrown.
 */
export function lowerFile(
  model: tf.LayersModel,
  x: readonly tf.Tensor[],
  calibration: Readonly<Record<string, Float32Array>>,
): LoweredFile {
  const remedies: string[] = [];
  let traced = false;
  let next = 0;
  for (;;) {
    const notes: LowerNote[] = [];
    const chosen = next === 0 ? null : precisions[next - 1];
    try {
      const graph = lower(model, {
        calibration,
        softmax: 'drop',
        precision: chosen?.type ?? null,
        report: (note) => notes.push(note),
      });
      if (chosen != null) remedies.push(`precision ${chosen.type}`);
      return { graph, notes, remedies, traced, step: chosen?.step ?? null };
    } catch (error) {
      if (!(error instanceof LowerError)) throw error;
      if (!traced && error.message.includes('traceMinMax')) {
        traceMinMax(model, x.length === 1 ? x[0] : [...x]);
        remedies.push('traceMinMax');
        traced = true;
        continue;
      }
      const wantsPrecision = chosen == null ? /precision/ : /address bits/;
      if (!wantsPrecision.test(error.message) || next === precisions.length) throw error;
      next++;
    }
  }
}
