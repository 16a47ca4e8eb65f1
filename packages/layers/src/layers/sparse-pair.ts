import { LayerError } from '../layer-error.ts';
import type { Shape } from './q-layer.ts';

/** Shape `[batch, H, W, C]` of the features of a pair `[x, mask]`. @throws naming the layer when it is no such pair. */
export function featureShape(inputShape: Shape | Shape[], layer: string): Shape {
  const [features, mask] = Array.isArray(inputShape[0]) ? (inputShape as Shape[]) : [];
  const fixed = features?.length === 4 && features.slice(1).every((extent) => extent != null);
  if (!fixed || mask?.length !== 4) {
    throw new LayerError(
      `Layer '${layer}': expected [x, mask] of shapes [batch, H, W, C] and [batch, H, W, 1], ` +
        `got ${JSON.stringify(inputShape)}. Pass both, as inputReduce returns them: layer.apply([x, mask]).`,
      { layer, option: 'inputShape', value: inputShape },
    );
  }
  if (mask[1] !== features[1] || mask[2] !== features[2] || mask[3] !== 1) {
    throw new LayerError(
      `Layer '${layer}': the mask has shape ${JSON.stringify(mask)}, the features ${JSON.stringify(features)}. ` +
        'Use the mask that came with the features; a pooling layer returns a new one.',
      { layer, option: 'inputShape', value: inputShape },
    );
  }
  return features;
}

/** A size along rows and columns, from one number or two. @throws unless whole and ≥ 1. */
export function pair(value: number | readonly number[], where: string, option: string): readonly [number, number] {
  const [rows, columns] = typeof value === 'number' ? [value, value] : value;
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1) {
    throw new LayerError(`${where}: ${option} = ${JSON.stringify(value)}; expected one or two whole numbers ≥ 1.`, {
      option,
      value,
    });
  }
  return [rows, columns];
}
