import { type Format, formatWidth, type GraphNode, type OverflowMode, type Weights } from '@sp/quant';
import { formatAt } from '@sp/quant/internal';
import { floorLog2 } from '@sp/quant/numeric';
import { lowerTables } from '../lower/lower-table.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from '../lower/lowered.ts';
import { qkerasQuantize } from './quantize.ts';
import { getInternalSigmoid } from './quantize-tensor.ts';
import type { QKerasActivation } from './quantizer-argument.ts';
import type { QKerasQuantizer, QuantizedBits, QuantizedLinear } from './quantizer-spec.ts';
import { printQuantizer } from './quantizer-string.ts';

/** `x` through a QKeras activation, exactly as inference computes it (hgq1 §5.1). */
export function lowerQKerasActivation(
  scope: LowerScope,
  input: Lowered,
  activation: QKerasActivation,
  layer: string,
): Lowered {
  if (activation.kind === 'function') {
    if (activation.name === 'linear') return input;
    const source = requireValue(input, layer);
    return { ...source, node: scope.graph.relu(`${layer}.relu`, source.node, { layer }) };
  }
  const { quantizer: q } = activation;
  if (input.kind === 'open') return lowerInput(scope, input, q, layer);
  const source = requireValue(input, layer);
  return { ...source, node: lowerQuantizer(scope, source.node, q, layer) };
}

/** The quantizer right behind an input gives it its format. */
function lowerInput(
  scope: LowerScope,
  input: Extract<Lowered, { kind: 'open' }>,
  q: QKerasQuantizer,
  layer: string,
): Lowered {
  if (q.name !== 'quantized_bits' || isOneBit(q)) {
    throw new LowerError(
      layer,
      `it quantises the model input '${input.name}' with ${printQuantizer(q)}, which gives it no format.`,
      "Put qkerasActivation({ activation: 'quantized_bits(8,0,alpha=1)' }) directly behind the input.",
    );
  }
  requireUnitAlpha(q.alpha, q, layer);
  const format = bitsFormat(q);
  return scope.input(input, format, { round: 'RND_CONV', overflow: overflowOf(scope, q, layer) });
}

function lowerQuantizer(scope: LowerScope, x: GraphNode, q: QKerasQuantizer, layer: string): GraphNode {
  switch (q.name) {
    case 'quantized_bits':
    case 'quantized_linear': {
      requireUnitAlpha(q.alpha ?? (q.name === 'quantized_linear' ? 1 : null), q, layer);
      if (isOneBit(q)) return lowerSign(scope, x, q.name === 'quantized_bits' ? 1 : 2 ** (q.integer - 1), layer);
      const overflow = overflowOf(scope, q, layer);
      return scope.graph.requantize(`${layer}.quantizer`, x, { to: bitsFormat(q), round: 'RND_CONV', overflow, layer });
    }
    case 'quantized_relu':
      if (q.negativeSlope === 0 && !q.useSigmoid && (q.isQuantizedClip || q.reluUpperBound === null)) {
        const relu = scope.graph.relu(`${layer}.relu`, x, { layer });
        const to: Format = { k: 0, i: q.integer, f: q.bits - q.integer };
        return scope.graph.requantize(`${layer}.quantizer`, relu, { to, round: 'RND_CONV', overflow: 'SAT', layer });
      }
      return lowerTable(scope, x, q, layer);
    case 'binary':
    case 'stochastic_binary': {
      requireUnitAlpha(q.alpha ?? 1, q, layer);
      if (q.name === 'binary' && q.use01) return lowerStep(scope, x, layer);
      return lowerSign(scope, x, 1, layer);
    }
    case 'bernoulli':
      throw new LowerError(layer, 'bernoulli draws its results in inference too.', 'Use binary(alpha=1).');
    default:
      if ('alpha' in q) requireUnitAlpha(q.alpha ?? 1, q, layer);
      return lowerTable(scope, x, q, layer);
  }
}

function isOneBit(q: QuantizedBits | QuantizedLinear): boolean {
  return q.bits === 1 && q.keepNegative;
}

function bitsFormat(q: QuantizedBits | QuantizedLinear): Format {
  const k = q.keepNegative ? 1 : 0;
  return { k, i: q.integer, f: q.bits - k - q.integer };
}

/** A symmetric range has to be cut symmetrically; otherwise the conversion decides. */
function overflowOf(scope: LowerScope, q: QuantizedBits | QuantizedLinear, layer: string): OverflowMode {
  if (!q.symmetric || !q.keepNegative) return scope.overflow;
  if (scope.overflow === 'WRAP') {
    const message = `${printQuantizer(q)} is symmetric: it saturates although the conversion is aggressive.`;
    scope.report({ kind: 'warning', layer, message });
  }
  return 'SAT_SYM';
}

function requireUnitAlpha(alpha: number | string | null, q: QKerasQuantizer, layer: string): void {
  if (alpha === 1) return;
  throw new LowerError(
    layer,
    `its activation ${printQuantizer(q)} has alpha = ${alpha === null ? 'None' : alpha}; only 1 has a format.`,
    'Set alpha=1 and train on.',
  );
}

/** 0 below 0 and 1 elsewhere: `⌊x⌋` cut to −1…0, plus 1. */
function lowerStep(scope: LowerScope, x: GraphNode, layer: string): GraphNode {
  const floor = belowZero(scope, x, layer);
  return scope.graph.scaleOffset(`${layer}.quantizer`, floor, { ...affine(floor, 1, 1), layer });
}

/** `size` with the sign of x, sign(0) = +1. */
function lowerSign(scope: LowerScope, x: GraphNode, size: number, layer: string): GraphNode {
  const floor = belowZero(scope, x, layer);
  return scope.graph.scaleOffset(`${layer}.quantizer`, floor, { ...affine(floor, 2 * size, size), layer });
}

function belowZero(scope: LowerScope, x: GraphNode, layer: string): GraphNode {
  const to: Format = { k: 1, i: 0, f: 0 };
  return scope.graph.requantize(`${layer}.sign`, x, { to, round: 'TRN', overflow: 'SAT', layer });
}

function affine(x: GraphNode, scale: number, offset: number): { readonly scale: Weights; readonly offset: Weights } {
  const shape = x.shape.map(() => 1);
  const f = Math.max(0, -floorLog2(Math.min(scale, offset)));
  return { scale: { shape, codes: [scale * 2 ** f], f }, offset: { shape, codes: [offset * 2 ** f], f } };
}

/** Any other function of one number, as a table over the codes of its argument. */
function lowerTable(scope: LowerScope, x: GraphNode, q: QKerasQuantizer, layer: string): GraphNode {
  const widest = Math.max(...x.format.f.map((_, j) => formatWidth(formatAt(x.format, j))));
  if (x.divisor != null || 2 ** widest > scope.tableLimit) {
    throw new LowerError(
      layer,
      `its activation ${printQuantizer(q)} needs a table over ${x.divisor == null ? `${widest} bits` : 'an average'}; ` +
        `at most ${scope.tableLimit} entries are allowed.`,
      "Put qkerasActivation({ activation: 'quantized_bits(8,2,alpha=1)' }) in front of it, or raise tableLimit.",
    );
  }
  const context = { training: false, random: () => 0, internalSigmoid: getInternalSigmoid() };
  const f = (value: number): number =>
    Math.fround(qkerasQuantize(q, { x: [Math.fround(value)], shape: [1] }, context).values[0]);
  const functions = { shape: x.shape.map(() => 1), key: () => printQuantizer(q), at: () => f };
  return lowerTables(scope, `${layer}.lut`, x, functions, { layer, expression: printQuantizer(q) });
}
