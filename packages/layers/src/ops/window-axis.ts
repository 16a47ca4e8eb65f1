import { samePads, type WindowAxis, windowCount } from '@sp/quant/numeric';
import { LayerError } from '../layer-error.ts';
/** How a convolution or pooling treats the border: see `windowAxis`. */
export type Padding = 'valid' | 'same' | 'causal';

/** Where windows lie along one axis, and how far they hang over its end. */
export interface PaddedAxis extends WindowAxis {
  readonly padAfter: number;
}

/** What decides the windows along one axis. */
export interface WindowOptions {
  readonly input: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: Padding;
}

/** An axis of length 1 that a two-dimensional operation adds to one-dimensional data. */
export const singleAxis: PaddedAxis = windowAxis({ input: 1, taps: 1, stride: 1, dilation: 1, padding: 'valid' }, '');

/**
 * Windows along one axis as Keras lays them. 'valid': whole windows only. 'same': `⌈input / stride⌉` windows, the zeros
 * they need split evenly, an odd one behind. 'causal': all zeros before, so that no output sees a later input.
 *
 * @throws naming `where` when not even one window fits.
 */
export function windowAxis({ input, taps, stride, dilation, padding }: WindowOptions, where: string): PaddedAxis {
  const span = (taps - 1) * dilation + 1;
  const common = { input, taps, stride, dilation };
  if (padding === 'same') {
    const [padBefore, padAfter] = samePads(input, taps, stride, dilation);
    return { ...common, output: Math.ceil(input / stride), padBefore, padAfter };
  }
  const padBefore = padding === 'causal' ? span - 1 : 0;
  const output = windowCount(input, taps, stride, [padBefore, 0], dilation);
  if (output < 1) {
    throw new LayerError(
      `${where}: a window of ${span} does not fit into ${input} positions. Use a smaller one or 'same'.`,
      { option: 'taps', value: taps },
    );
  }
  return { ...common, output, padBefore, padAfter: 0 };
}
