import { type FormatTable, type GraphNode, sizeOf, type Weights } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { hostValues } from '../ops/host-op.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { weightsOf } from './weights.ts';

/** What a quantizer of activations does, ready for a requantize node. Null for a dummy quantizer. */
export function activationFormats(quantizer: Quantizer, layer: string): FormatTable | null {
  const formats = quantizer.formats(true);
  const { config } = quantizer;
  if (config.qType === 'dummy' || formats == null) return null;
  refuseUntraced(quantizer, layer);
  if (config.scaler != null || config.affine != null) {
    throw new LowerError(
      layer,
      `quantizer '${quantizer.name}' has a scaler or an affine map, which the fixed graph does not have.`,
      'Use a quantizer without them.',
    );
  }
  return formats;
}

/** `x` through an activation quantizer (or unchanged if there is none), as node `<layer>.<role>`. */
export function lowerActivationQuantizer(
  scope: LowerScope,
  lowered: Lowered,
  quantizer: Quantizer | null,
  layer: string,
  role: string,
): Extract<Lowered, { kind: 'value' }> {
  const to = quantizer == null ? null : activationFormats(quantizer, layer);
  if (quantizer == null || to == null || quantizer.config.qType === 'dummy') return requireValue(lowered, layer);
  const { roundMode: round, overflowMode: overflow } = quantizer.config;
  const source = requireValue(lowered, layer);
  const { node } = source;
  if (node.slots != null && sizeOf(to.shape) > (node.shape.at(-1) ?? 1)) {
    scope.report({
      kind: 'note',
      layer,
      message:
        `quantizer '${quantizer.name}' has one format per pixel position (${sizeOf(to.shape)} formats); a list slot has no fixed ` +
        'pixel, so hardware looks formats up. Cheaper: iqConf: { heterogeneousAxis: [-1] }.',
    });
  }
  return { ...source, node: scope.graph.requantize(`${layer}.${role}`, node, { to, round, overflow, layer }) };
}

/** Quantised weights as integer codes. @throws LowerError without a real quantizer or when it was not traced. */
export function lowerWeights(quantizer: Quantizer, weight: tf.LayerVariable, layer: string): Weights {
  return quantisedWeights(quantizer, weight.read(), layer);
}

/** As `lowerWeights`, of weights that are computed, such as those with a folded batch normalisation. */
export function quantisedWeights(quantizer: Quantizer, weights: tf.Tensor, layer: string): Weights {
  if (quantizer.config.qType === 'dummy') {
    throw new LowerError(
      layer,
      `'${quantizer.name}' is a dummy quantizer: the weights have no format.`,
      'Quantise them.',
    );
  }
  refuseUntraced(quantizer, layer);
  const quantised = quantizer.call(weights, 'inference');
  const codes = weightsOf(hostValues(quantised), weights.shape, `Layer '${layer}'`);
  quantised.dispose();
  return codes;
}

/** @throws LowerError when a sum or product would meet an average that was never rounded. */
export function refuseDivisor(node: GraphNode, layer: string): void {
  if (node.divisor == null) return;
  throw new LowerError(
    layer,
    `its input is an average that was not rounded (divided by ${node.divisor}).`,
    'Give the layer an input quantizer (enableIq: true).',
  );
}

/** Tells when float32 inference may round what the graph computes exactly. */
export function reportWidth(scope: LowerScope, node: GraphNode, layer: string): void {
  const bits = Math.max(...node.format.i.map((i, c) => i + node.format.f[c]));
  if (bits <= 24) return;
  scope.report({
    kind: 'warning',
    layer,
    message: `sums need ${bits} bits besides the sign; float32 inference in tfjs holds 24 and may differ from the graph, which is exact.`,
  });
}

function refuseUntraced(quantizer: Quantizer, layer: string): void {
  if (quantizer.traced) return;
  throw new LowerError(
    layer,
    `WRAP quantizer '${quantizer.name}' was not traced since the last training step; values beyond its range would wrap.`,
    'Run traceMinMax(model, data) first.',
  );
}
