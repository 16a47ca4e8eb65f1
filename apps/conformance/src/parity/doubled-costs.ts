import { collectQLayers, type QLayer } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';
import type { ParityFile } from './parity-file.ts';

/** Classes that inherit the call of another layer: HGQ2 adds their EBOPs twice once that one was made (hgq2 §8.1, 3). */
const inheriting: ReadonlySet<string> = new Set(['QAveragePow2', 'QMeanPow2']);

/**
 * Layers whose EBOPs stand twice among the recorded losses: the reference's fault, which ours do not repeat. To compare
 * the rest of such a run they count double here.
 */
export function doubledCosts(model: tf.LayersModel, { step0, before }: ParityFile): readonly QLayer[] {
  /** Terms are `β · EBOPs` before the EBOPs are cut to a whole number. */
  const range = (name: string): readonly [number, number] | null => {
    const beta = before[`${name}/beta`]?.data[0];
    const ebops = step0.ebops[name];
    return beta == null || ebops == null ? null : [beta * ebops, beta * (ebops + 1)];
  };
  const layers = collectQLayers(model);
  return layers.filter((layer) => {
    const own = range(layer.name);
    if (own == null || !inheriting.has(layer.getClassName())) return false;
    const alike = layers.filter(({ name }) => String(range(name)) === String(own));
    const margin = own[1] * 1e-6;
    const terms = step0.losses.filter((term) => term >= own[0] - margin && term < own[1] - margin);
    return terms.length > alike.length;
  });
}
