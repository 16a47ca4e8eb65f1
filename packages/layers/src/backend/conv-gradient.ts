import * as tf from '@tensorflow/tfjs';
import type { ConvAttributes } from './conv-geometry.ts';

let registered = false;

/**
 * Gives `tf.conv2d` a gradient for dilated kernels, which stock tfjs refuses. Undilated convolutions and other backends
 * than wasm and cpu keep the stock gradient. Idempotent.
 */
export function registerDilatedGradient(): void {
  if (registered) return;
  registered = true;
  const stock = tf.getGradient('Conv2D');
  tf.unregisterGradient('Conv2D');
  tf.registerGradient({
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const attributes = attrs as unknown as ConvAttributes;
      const own = ['wasm', 'cpu'].includes(tf.getBackend()) && attributes.dataFormat !== 'NCHW';
      if (!own || !isDilated(attributes)) return stock.gradFunc(dy, saved, attrs);
      const [x, filter] = saved;
      const run = (kernel: string, inputs: Record<string, tf.Tensor>, extra: Record<string, number[]>) =>
        tf.engine().runKernel(kernel, inputs, { ...attrs, ...extra }) as tf.Tensor;
      const gradient = dy as tf.Tensor;
      return {
        x: () => run('Conv2DBackpropInput', { dy: gradient, filter }, { inputShape: x.shape }),
        filter: () => run('Conv2DBackpropFilter', { x, dy: gradient }, { filterShape: filter.shape }),
      };
    },
  });
}

/** Whether a convolution reads its input with gaps. */
export function isDilated({ dilations }: ConvAttributes): boolean {
  return [dilations ?? 1].flat().some((rate) => rate !== 1);
}
