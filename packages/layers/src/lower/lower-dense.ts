import type { QDense } from '../layers/q-dense.ts';
import type { QuantizerLayer } from '../layers/quantizer-layer.ts';
import { activationFormats } from './activation-formats.ts';
import { lowerActivation } from './lower-activation.ts';
import { lowerAffine } from './lower-affine.ts';
import { lowerActivationQuantizer, lowerWeights, refuseDivisor } from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';

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
  if (iq == null || iq.config.qType === 'dummy') {
    throw new LowerError(name, 'it is a dummy quantizer: its output has no format.', 'Give it a kif or kbi config.');
  }
  const formats = activationFormats(iq, name);
  if (input.kind === 'open' && formats != null && iq.config.qType !== 'float') {
    const { roundMode: round, overflowMode: overflow } = iq.config;
    const source = requireValue(scope.input(input, formats, { round, overflow }), name);
    return [{ ...source, node: lowerAffine(scope, source.node, iq, name, 'q') }];
  }
  return [lowerActivationQuantizer(scope, input, iq, name, 'q')];
}
