import type { QBatchNormalization } from '../layers/q-batch-normalization.ts';
import { computedWeights } from './computed-weights.ts';
import { denseImage } from './dense-image.ts';
import { isFloat } from './float-weights.ts';
import { lowerFloatNormalization } from './lower-float-norm.ts';
import { lowerActivationQuantizer, refuseDivisor } from './lower-quantizer.ts';
import type { Lowered, LowerScope } from './lowered.ts';

/**
 * Batch normalisation as nodes `.iq`, `.norm`, `.oq`. A sparse list becomes a dense image first: the offset also reaches
 * empty pixels.
 */
export function lowerQBatchNormalization(
  scope: LowerScope,
  layer: QBatchNormalization,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  if (isFloat(layer.kq)) return [lowerFloatNormalization(scope, layer, input)];
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq');
  const x = denseImage(scope, source.node, name);
  refuseDivisor(x, name);
  const perChannel = x.shape.map((extent, axis) => (axis + 1 === layer.channelAxis ? extent : 1));
  const [scale, offset] = computedWeights(name, () => {
    const fused = layer.deployedWeights();
    return [
      [layer.kq, fused.scale],
      [layer.bq, fused.offset],
    ];
  });
  const norm = scope.graph.scaleOffset(`${name}.norm`, x, {
    scale: { ...scale, shape: perChannel },
    offset: { ...offset, shape: perChannel },
    layer: name,
  });
  return [lowerActivationQuantizer(scope, { kind: 'value', node: norm }, layer.oq, name, 'oq')];
}
