import { QLayer } from '@sp/layers';
import { setVariable } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { layersByName } from '../objectives/deployed-kernel.ts';
import type { ModelMasks } from './get-model-masks.ts';

/**
 * Takes the bits from the formats of weights that are 0 for good, so that EBOPs no longer count them: a format's width is trained on its own and does not
 * follow the weight. Formats that several weights share keep their bits. `pruningOptimizer` then leaves these formats as they are.
 *
 * @returns how many formats lost their bits
 */
export function releaseBits(model: tf.LayersModel, { masks, offsets }: Pick<ModelMasks, 'masks' | 'offsets'>): number {
  const layers = layersByName(model);
  let released = 0;
  for (const [name, mask] of masks) {
    const layer = layers.get(name);
    if (!(layer instanceof QLayer)) continue;
    const offset = offsets.get(name);
    const formats = kernelFormats(layer, mask.length);
    const width = formats.get('b') ?? formats.get('f');
    if (width === undefined) continue;
    const values = width.dataSync<'float32'>().slice();
    const integers = formats.get('i')?.dataSync<'float32'>();
    mask.forEach((bit, j) => {
      if (bit !== 0 || (offset?.[j] ?? 0) !== 0) return;
      const none = formats.has('b') ? 0 : -(integers?.[j] ?? 0);
      if (values[j] !== none) released++;
      values[j] = none;
    });
    setVariable(width, values);
  }
  return released;
}

/** Variables of the kernel's quantizer with one number per weight, by their names: `b` and `i`, or `i` and `f`. */
export function kernelFormats(layer: tf.layers.Layer, weights: number): ReadonlyMap<string, tf.Variable> {
  return new Map(
    layer.weights.flatMap((weight) => {
      const name = /(?:^|\/)kq\/([a-z]+)$/.exec(weight.originalName)?.[1];
      const variable = weight.read() as tf.Variable;
      return name !== undefined && variable.size === weights ? [[name, variable] as const] : [];
    }),
  );
}
