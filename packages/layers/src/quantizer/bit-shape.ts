import { LayerError } from '../layer-error.ts';
/**
 * Shape of the bit tensors for data of `shape` (`null` = batch axis): size 1 on shared axes, the data's size on the
 * others (hgq2 §2.1). E.g. data `[null, 28, 28, 3]`: `homogeneousAxis: [0]` → `[1, 28, 28, 3]`;
 * `heterogeneousAxis: [-1]` → `[1, 1, 1, 3]`; `heterogeneousAxis: []` → `[1, 1, 1, 1]`.
 *
 * @throws if an axis does not exist, or one with a format per position has no fixed size.
 */
export function bitShapeOf(
  shape: readonly (number | null)[],
  axes: { readonly homogeneousAxis: readonly number[] | null; readonly heterogeneousAxis: readonly number[] | null },
  name: string,
): readonly number[] {
  const rank = shape.length;
  const resolved = (list: readonly number[]): readonly number[] =>
    list.map((axis) => {
      const positive = axis < 0 ? axis + rank : axis;
      if (positive < 0 || positive >= rank) {
        throw new LayerError(
          `Quantizer '${name}': axis ${axis} does not exist in data of shape [${shape.join(', ')}]. Count from 0, or back from -1.`,
          { option: 'axis', value: axis },
        );
      }
      return positive;
    });
  const shared =
    axes.heterogeneousAxis == null
      ? new Set(resolved(axes.homogeneousAxis ?? []))
      : new Set(shape.map((_, axis) => axis).filter(notIn(resolved(axes.heterogeneousAxis))));
  return shape.map((extent, axis) => {
    if (shared.has(axis)) return 1;
    if (extent == null) {
      throw new LayerError(
        `Quantizer '${name}': axis ${axis} of data [${shape.map((n) => n ?? 'batch').join(', ')}] has no fixed size, so it ` +
          'cannot have a format per position. Share it: homogeneousAxis: [0].',
        { option: 'axis', value: axis },
      );
    }
    return extent;
  });
}

function notIn(list: readonly number[]): (axis: number) => boolean {
  return (axis) => !list.includes(axis);
}
