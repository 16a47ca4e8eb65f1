import type { QDense } from '../layers/q-dense.ts';
import type { QuantizerLayer } from '../layers/quantizer-layer.ts';
import { lowerActivation } from './lower-activation.ts';
import {
  activationFormats,
  lowerActivationQuantizer,
  lowerWeights,
  refuseDivisor,
  reportWidth,
} from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope } from './lowered.ts';

export function lowerQDense(scope: LowerScope, layer: QDense, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const { node: x } = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq');
  refuseDivisor(x, name);
  if (x.slots != null) {
    throw new LowerError(name, 'its input is a sparse list.', 'Flatten it first (sparseFlatten).');
  }
  const kernel = lowerWeights(layer.kq, layer.kernel, name);
  const bias = layer.bias == null || layer.bq == null ? undefined : lowerWeights(layer.bq, layer.bias, name);
  const dense = scope.graph.dense(`${name}.dense`, x, { kernel, ...(bias == null ? {} : { bias }), layer: name });
  reportWidth(scope, dense, name);
  const y: Lowered = { kind: 'value', node: lowerActivation(scope, dense, layer.activation, name) };
  return [lowerActivationQuantizer(scope, y, layer.oq, name, 'oq')];
}

/** A quantizer right behind an input without a declared format becomes the input's format. */
export function lowerQuantizerLayer(
  scope: LowerScope,
  layer: QuantizerLayer,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name, iq } = layer;
  const formats = iq == null ? null : activationFormats(iq, name);
  if (iq == null || formats == null || iq.config.qType === 'dummy') {
    throw new LowerError(name, 'it is a dummy quantizer: its output has no format.', 'Give it a kif or kbi config.');
  }
  if (input.kind === 'open') {
    const { roundMode: round, overflowMode: overflow } = iq.config;
    return [scope.input(input, formats, { round, overflow })];
  }
  return [lowerActivationQuantizer(scope, input, iq, name, 'q')];
}
