import type { GraphNode, Weights } from '@sp/quant';
import { isDyadic, nearestDyadic } from '../layers/dyadic.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { denseImage } from './dense-image.ts';
import { LowerError, type LowerScope } from './lowered.ts';
import { weightsOf } from './weights.ts';

/**
 * A quantizer's affine map `[a, c]`, if it has one, as node `<layer>.<role>.affine`: exact, because both numbers must be
 * short binary fractions. An offset also reaches the empty pixels of a sparse list, which becomes a dense image.
 *
 * @throws LowerError when a number is no short binary fraction.
 */
export function lowerAffine(
  scope: LowerScope,
  x: GraphNode,
  quantizer: Quantizer,
  layer: string,
  role: string,
): GraphNode {
  const { config } = quantizer;
  if (config.qType === 'dummy' || config.affine == null) return x;
  const [scale, offset] = config.affine;
  const odd = [scale, offset].find((value) => !isDyadic(value));
  if (odd != null) {
    throw new LowerError(
      layer,
      `the affine map [${scale}, ${offset}] of quantizer '${quantizer.name}' has no short binary form.`,
      `Use ${nearestDyadic(odd)} for ${odd}.`,
    );
  }
  const source = offset === 0 ? x : denseImage(scope, x, layer, `${layer}.${role}`);
  return scope.graph.scaleOffset(`${layer}.${role}.affine`, source, {
    scale: constantLike(x, scale),
    ...(offset === 0 ? {} : { offset: constantLike(x, offset) }),
    layer,
  });
}

/** One number that broadcasts to a node's shape. */
export function constantLike(x: GraphNode, value: number): Weights {
  const shape = x.shape.map(() => 1);
  return weightsOf(new Float32Array([value]), shape, `'${x.name}'`);
}
