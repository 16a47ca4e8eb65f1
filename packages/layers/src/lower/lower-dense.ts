import type { GraphNode } from '@sp/quant';
import type { QDense } from '../layers/q-dense.ts';
import type { QLayer } from '../layers/q-layer.ts';
import type { QuantizerLayer } from '../layers/quantizer-layer.ts';
import { denseImage } from './dense-image.ts';
import { accumulated, isFloat, resulting, weightCodes } from './float-weights.ts';
import { activated } from './lower-activation.ts';
import { lowerActivationQuantizer, lowerOutputQuantizer, refuseDivisor } from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope } from './lowered.ts';

export function lowerQDense(scope: LowerScope, layer: QDense, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq').node;
  refuseDivisor(source, name);
  // The bias also reaches empty pixels.
  const x = denseImage(scope, source, name);
  const float = isFloat(layer.kq);
  const kernel = weightCodes(scope, layer, layer.kq, layer.kernel.read(), 'weight');
  const bias = layer.bias == null ? undefined : weightCodes(scope, layer, layer.bq, layer.bias.read(), 'bias');
  const dense = scope.graph.dense(`${name}.dense`, x, { kernel, ...(bias == null ? {} : { bias }), layer: name });
  return [lowerProduct(scope, layer, dense, float)];
}

/** What follows the sums of a layer with weights: accumulator and result types of a float layer, activation, quantizer. */
export function lowerProduct(
  scope: LowerScope,
  layer: QLayer & { readonly activation: string },
  node: GraphNode,
  float: boolean,
): Lowered {
  const sums: Lowered = { kind: 'value', node };
  const y = activated(scope, layer, float ? accumulated(scope, layer, sums) : sums, layer.activation);
  return lowerOutputQuantizer(scope, float ? resulting(scope, layer, y) : y, layer.oq, layer.name);
}

/** A quantizer right behind an input without a declared format becomes the input's format. */
export function lowerQuantizerLayer(
  scope: LowerScope,
  layer: QuantizerLayer,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name, iq } = layer;
  if (iq == null || iq.config.qType === 'dummy') {
    throw new LowerError(name, 'it is a dummy quantizer: its output has no format.', 'Give it a kif or kbi config.');
  }
  return [lowerActivationQuantizer(scope, input, iq, name, 'q')];
}
