import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { transpose } from '../ops/tf.ts';
import type { Shape } from './q-layer.ts';

/** Where images have their channels: `[batch, …spatial, channels]`, or `[batch, channels, …spatial]`. */
export type DataFormat = 'channelsLast' | 'channelsFirst';

/** The format of an option. Default channels last. @throws LayerError for another word. */
export function dataFormatOf(given: string | null | undefined, where: string): DataFormat {
  if (given == null || /^channels_?last$/i.test(given)) return 'channelsLast';
  if (/^channels_?first$/i.test(given)) return 'channelsFirst';
  throw new LayerError(`${where}: dataFormat = '${given}'; expected 'channelsLast' or 'channelsFirst'.`, {
    option: 'dataFormat',
    value: given,
  });
}

/** A shape of some format, batch first, with its channels last. */
export function lastShape<Extent>(shape: readonly Extent[], format: DataFormat): readonly Extent[] {
  if (format === 'channelsLast') return shape;
  const [batch, channels, ...spatial] = shape;
  return [batch, ...spatial, channels];
}

/** A shape with channels last, batch first, in some format. */
export function formatShape(shape: Shape, format: DataFormat): Shape {
  if (format === 'channelsLast') return shape;
  const [batch, ...rest] = shape;
  return [batch, rest[rest.length - 1], ...rest.slice(0, -1)];
}

/** Axes of channels-first data, batch included, in the order of channels last. */
export function lastOrder(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, j) => j + 2), 1];
}

/** Axes of channels-last data, batch included, in the order of channels first. */
export function firstOrder(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, j) => j + 1)];
}

/** Data of some format with their channels last. */
export function channelsLast(x: tf.Tensor, format: DataFormat): tf.Tensor {
  return format === 'channelsLast' ? x : transpose(x, lastOrder(x.rank));
}

/** Channels-last data in some format. */
export function inFormat(x: tf.Tensor, format: DataFormat): tf.Tensor {
  return format === 'channelsLast' ? x : transpose(x, firstOrder(x.rank));
}
