import type { Weights } from '@sp/quant';
import type { QBatchNormalization } from '../layers/q-batch-normalization.ts';
import { hostValues } from '../ops/host-view.ts';
import { tidyCodes } from './computed-weights.ts';
import { denseImage } from './dense-image.ts';
import { resulting, weightCodes } from './float-weights.ts';
import { lowerFunction } from './functions.ts';
import { lowerOutputQuantizer, refuseDivisor } from './lower-quantizer.ts';
import type { ElementFunctions } from './lowered.ts';
import { type Lowered, type LowerScope, requireValue } from './lowered.ts';

/**
 * Batch normalisation without quantizers: with a precision as nodes `.norm`, `.result`, else a function per channel,
 * computed in float32 as inference does, for the table of the next quantizer.
 */
export function lowerFloatNormalization(scope: LowerScope, layer: QBatchNormalization, input: Lowered): Lowered {
  const { name } = layer;
  const given = lowerOutputQuantizer(scope, input, layer.iq, name, 'iq');
  const rank = (given.kind === 'function' ? given.node : requireValue(given, name).node).shape.length;
  const along = layer.channelAxis - 1;
  const onAxis = (size: number): number[] => Array.from({ length: rank }, (_, axis) => (axis === along ? size : 1));
  if (scope.precisionOf(layer) == null) {
    const { scale, offset } = layer.deployedWeights();
    const [s, o] = [hostValues(scale).slice(), hostValues(offset).slice()];
    scale.dispose();
    offset.dispose();
    const functions: ElementFunctions = {
      shape: onAxis(s.length),
      key: (index) => `${s[index]},${o[index]}`,
      at: (index) => (x) => Math.fround(Math.fround(x * s[index]) + o[index]),
    };
    const y = lowerFunction(scope, layer, given, functions, 'normalise');
    return lowerOutputQuantizer(scope, y, layer.oq, name);
  }
  const x = denseImage(scope, requireValue(given, name).node, name);
  refuseDivisor(x, name);
  const [scale, offset] = tidyCodes((): readonly Weights[] => {
    const fused = layer.deployedWeights();
    return [
      weightCodes(scope, layer, layer.kq, fused.scale, 'weight'),
      weightCodes(scope, layer, layer.bq, fused.offset, 'bias'),
    ];
  });
  const norm = scope.graph.scaleOffset(`${name}.norm`, x, {
    scale: { ...scale, shape: onAxis(scale.codes.length) },
    offset: { ...offset, shape: onAxis(offset.codes.length) },
    layer: name,
  });
  return lowerOutputQuantizer(scope, resulting(scope, layer, { kind: 'value', node: norm }), layer.oq, name);
}
