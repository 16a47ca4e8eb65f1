import { type ConstantTensor, scaleShift } from '../../layers/scale-shift.ts';
import { constantOf } from '../constant-of.ts';
import type { Options } from '../options.ts';
import type { KerasLayer } from '../read-keras.ts';
import type { Converter } from '../recipe.ts';

/** Keras' least deviation. */
const epsilon = 1e-7;

/** `Normalization`: constants that were given or adapted, so nothing is left to train. */
export const stockNormalizationConverters: Readonly<Record<string, Converter>> = {
  Normalization(options, _, [shape], file) {
    const axes = axesOf(options, shape.length);
    const [mean, variance] = (['mean', 'variance'] as const).map((key, index) => {
      const given = constantOf(options.raw(key)) ?? adapted(file, index);
      if (given == null) return options.fail(key, 'numbers: call adapt, or give mean and variance');
      return broadcastTo(given, axes, shape) ?? options.fail(key, `as many numbers as axes ${axes.join(', ')} have`);
    });
    const deviation = mapped(variance, (value) => Math.max(Math.fround(Math.sqrt(value)), epsilon));
    const name = options.string('name');
    if (options.boolean('invert', false)) {
      return { layer: scaleShift({ name, scale: deviation, offset: mean }), stored: [] };
    }
    const centred = scaleShift({ name: `${name}_centred`, offset: mapped(mean, (value) => -value) });
    return { layer: scaleShift({ name, divisor: deviation }), before: [centred], stored: [] };
  },
};

/** Axes with statistics of their own, from the front; `null` in the file: none. */
function axesOf(options: Options, rank: number): readonly number[] {
  const given = options.raw('axis');
  if (given == null) return [];
  const counted = options.numbers('axis').map((axis) => (axis < 0 ? axis + rank : axis));
  if (counted.every((axis) => axis > 0 && axis < rank)) return counted;
  return options.fail('axis', `axes behind the batch of data of rank ${rank}`);
}

function adapted({ arrays }: KerasLayer, index: number): ConstantTensor | null {
  const array = arrays.get(`vars/${index}`);
  return array == null ? null : { shape: array.shape, values: Array.from(array.values as ArrayLike<number>, Number) };
}

/** Statistics laid out along their axes, batch included; null where they are too many or too few. */
function broadcastTo(
  { values }: ConstantTensor,
  axes: readonly number[],
  shape: readonly (number | null)[],
): ConstantTensor | null {
  const target = shape.map((extent, axis) => (axes.includes(axis) ? (extent ?? 1) : 1));
  const size = target.reduce((product, extent) => product * extent, 1);
  if (values.length === 1) return { shape: shape.map(() => 1), values };
  return values.length === size ? { shape: target, values } : null;
}

function mapped({ shape, values }: ConstantTensor, change: (value: number) => number): ConstantTensor {
  return { shape, values: values.map(change) };
}
