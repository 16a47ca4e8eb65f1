import { allLayers } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { OptionError } from '../../option-error.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import type { KernelKind } from '../attributes/structure.ts';
import { kernelFormats } from '../masks/release-bits.ts';

/** A kernel that is trained, and where the optimizer finds it. */
export interface TrainedKernel {
  readonly layer: string;
  readonly kind: KernelKind;
  readonly shape: readonly number[];
  /** Place among `model.trainableWeights`: parameters have this order in every kind of training. */
  readonly index: number;
  /** The same of trained formats, one per weight, of the kernel's quantizer. */
  readonly formats: readonly number[];
}

/** The trained kernels of these layers. @throws OptionError for layers without a kernel, or with a frozen one */
export function trainedKernels(model: tf.LayersModel, layers: Iterable<string>, where: string): TrainedKernel[] {
  const byName = new Map(allLayers(model).map((layer) => [layer.name, layer]));
  const trained = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  return [...layers].map((name) => {
    const layer = byName.get(name);
    const kernel = layer === undefined ? null : prunableKernel(layer);
    if (kernel === null) throw new OptionError(`${where}: the model has no layer '${name}' with a kernel`);
    const index = trained.indexOf(kernel.variable);
    if (index < 0) throw new OptionError(`${where}: the kernel of layer '${name}' is frozen; set trainable to true`);
    const formats = [...kernelFormats(layer as tf.layers.Layer, kernel.variable.size).values()]
      .map((variable) => trained.indexOf(variable))
      .filter((place) => place >= 0);
    return { layer: name, kind: kernel.kind, shape: kernel.variable.shape, index, formats };
  });
}
