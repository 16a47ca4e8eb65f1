import { type GraphNode, sizeOf, type Weights } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import type { FixedQuantizerConfig } from '../config/quantizer-settings.ts';
import { hostValues } from '../ops/host-view.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { activationFormats, refuseUntraced } from './activation-formats.ts';
import { foldsBeforeCarry, mayCarry, refuseOpenFold } from './fold-before-carry.ts';
import { composed, identityOf, lowerQuantisedFunction } from './functions.ts';
import { lowerAffine } from './lower-affine.ts';
import { lowerFloatQuantizer } from './lower-table.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { weightsOf } from './weights.ts';

/** `x` through an activation quantizer (or unchanged if there is none), as node `<layer>.<role>`. */
export function lowerActivationQuantizer(
  scope: LowerScope,
  lowered: Lowered,
  quantizer: Quantizer | null,
  layer: string,
  role: string,
): Extract<Lowered, { kind: 'value' }> {
  const rounds = quantizer != null && quantizer.config.qType !== 'dummy';
  if (rounds && lowered.kind === 'function') return lowerQuantisedFunction(scope, lowered, quantizer, layer, role);
  if (rounds && lowered.kind === 'open' && quantizer.config.qType !== 'float' && scope.mayDecide(lowered)) {
    if (foldsBeforeCarry(quantizer.config)) refuseOpenFold(layer, quantizer.name);
    const formats = activationFormats(quantizer, layer) as FormatTable;
    const { roundMode: round, overflowMode: overflow } = quantizer.config as FixedQuantizerConfig;
    const source = requireValue(scope.input(lowered, formats, { round, overflow }), layer);
    return behind(source, lowerAffine(scope, source.node, quantizer, layer, role));
  }
  const source = requireValue(lowered, layer);
  if (!rounds) return source;
  if (quantizer.config.qType === 'float') {
    const node = lowerFloatQuantizer(scope, source.node, quantizer, layer, role);
    return behind(source, lowerAffine(scope, node, quantizer, layer, role));
  }
  const to = activationFormats(quantizer, layer) as FormatTable;
  const { roundMode: round, overflowMode: overflow } = quantizer.config;
  const { node } = source;
  if (foldsBeforeCarry(quantizer.config) && mayCarry(node.format, to)) {
    const identity = composed(identityOf(node.shape.length), source, 'q', layer);
    return lowerQuantisedFunction(scope, identity, quantizer, layer, role);
  }
  if (node.slots != null && sizeOf(to.shape) > (node.shape.at(-1) ?? 1)) {
    scope.report({
      kind: 'note',
      layer,
      message:
        `quantizer '${quantizer.name}' has one format per pixel position (${sizeOf(to.shape)} formats); a list slot has no fixed ` +
        'pixel, so hardware looks formats up. Cheaper: iqConf: { heterogeneousAxis: [-1] }.',
    });
  }
  const rounded = scope.graph.requantize(`${layer}.${role}`, node, { to, round, overflow, layer });
  return behind(source, lowerAffine(scope, rounded, quantizer, layer, role));
}

/** A value through a quantizer, or as it is without one: a function stays one. */
export function lowerOutputQuantizer(
  scope: LowerScope,
  lowered: Lowered,
  quantizer: Quantizer | null,
  layer: string,
  role = 'oq',
): Lowered {
  if (quantizer == null || quantizer.config.qType === 'dummy') return lowered;
  return lowerActivationQuantizer(scope, lowered, quantizer, layer, role);
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

/** The value of `node`, which lives on the active pixels of `source` unless it became dense. */
function behind(source: Extract<Lowered, { kind: 'value' }>, node: GraphNode): Extract<Lowered, { kind: 'value' }> {
  return node.slots == null ? { kind: 'value', node } : { ...source, node };
}
