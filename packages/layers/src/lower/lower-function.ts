import { type GraphNode, sizeOf } from '@sp/quant';
import type { QRelu } from '../layers/q-relu.ts';
import { type QSoftmax, softmaxInverse } from '../layers/q-softmax.ts';
import type { QUnaryFunctionLUT } from '../layers/q-unary-function-lut.ts';
import { evaluate, type UnaryFunction } from '../ops/unary-function.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { activationFormats } from './activation-formats.ts';
import { denseImage } from './dense-image.ts';
import { lowerFunction, sameEverywhere } from './functions.ts';
import { constantLike, lowerAffine } from './lower-affine.ts';
import { lowerActivationQuantizer, lowerOutputQuantizer, refuseDivisor } from './lower-quantizer.ts';
import { elementQuantizer, lowerTables } from './lower-table.ts';
import type { ElementFunctions } from './lowered.ts';
import { type Lowered, type LowerScope, requireValue } from './lowered.ts';

/** A function by table as nodes `.iq`, `.lut`. The tables hold `oq(f(x))`, so there is no step for oq. */
export function lowerQUnaryFunctionLUT(
  scope: LowerScope,
  layer: QUnaryFunctionLUT,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name, oq, activation } = layer;
  if (oq == null || oq.config.qType === 'dummy') {
    const x = lowerOutputQuantizer(scope, input, layer.iq, name, 'iq');
    const { node } = x.kind === 'function' ? x : requireValue(x, name);
    return [lowerFunction(scope, layer, x, sameEverywhere(layer.tabled, node.shape.length), activation)];
  }
  const functions = tabled(layer.tabled, oq, name);
  // An input or a function gets its format from the quantizer.
  const given = input.kind === 'value' || layer.iq == null ? requireValue(input, name) : null;
  // A slot of a list has no fixed pixel and must stay empty where it was: else the table works on the whole image.
  const formats = layer.iq == null ? null : activationFormats(layer.iq, name);
  const uniform = [formats, functions].every(
    (table) => table == null || table.shape.slice(0, -1).every((n) => n === 1),
  );
  const stays = given?.node.slots != null && uniform && keepsZero(functions, oq);
  const source: Lowered =
    given == null ? input : stays ? given : { kind: 'value', node: denseImage(scope, given.node, name) };
  const x = lowerActivationQuantizer(scope, source, layer.iq, name, 'iq').node;
  refuseDivisor(x, name);
  const lut = lowerTables(scope, `${name}.lut`, x, functions, { layer: name, expression: `${activation}(x)` });
  const node = lowerAffine(scope, lut, oq, name, 'oq');
  return [stays && given != null ? { ...given, node } : { kind: 'value', node }];
}

/** Softmax by tables; without mask as nodes `.max`, `.below`, `.expIq`, `.exp`, `.sum`, `.invIq`, `.inverse`, `.softmax`. */
export function lowerQSoftmax(
  scope: LowerScope,
  layer: QSoftmax,
  [input, mask]: readonly Lowered[],
): readonly Lowered[] {
  const { name, expIq, expOq, invIq, invOq } = layer;
  const { graph } = scope;
  const source: Lowered =
    input.kind === 'value' || layer.iq == null
      ? { kind: 'value', node: denseImage(scope, requireValue(input, name).node, name) }
      : input;
  let x = lowerActivationQuantizer(scope, source, layer.iq, name, 'iq').node;
  refuseDivisor(x, name);
  const axes = layer.summedAxes.map((axis) => axis - 1);
  const over = { axes, keepDims: true, layer: name };
  if (expIq != null) {
    const below = graph.sub(`${name}.below`, graph.maxOver(`${name}.max`, x, over), x, { layer: name });
    x = lowerActivationQuantizer(scope, { kind: 'value', node: below }, expIq, name, 'expIq').node;
  }
  const table = (step: string, from: GraphNode, f: UnaryFunction, oq: Quantizer, expression: string): GraphNode => {
    const lut = lowerTables(scope, `${name}.${step}`, from, tabled(f, oq, name), { layer: name, expression });
    return lowerAffine(scope, lut, oq, name, step);
  };
  const sign = layer.stable ? '-' : '';
  let e = table('exp', x, layer.exponential, expOq, `exp(${sign}${layer.inputScaler} x)`);
  if (mask != null) {
    const factor = requireValue(mask, name).node;
    refuseDivisor(factor, name);
    e = graph.mul(`${name}.masked`, e, denseImage(scope, factor, name, `${name}.mask`), { layer: name });
  }
  const sum = graph.sumOver(`${name}.sum`, e, over);
  const divisor = lowerActivationQuantizer(scope, { kind: 'value', node: sum }, invIq, name, 'invIq').node;
  const inverse = table('inverse', divisor, softmaxInverse, invOq, '1 / (x + 1e-7)');
  const y = graph.mul(`${name}.softmax`, e, inverse, { layer: name });
  return [lowerActivationQuantizer(scope, { kind: 'value', node: y }, layer.oq, name, 'oq')];
}

/** A rectifier as nodes `.iq`, `.relu`, `.limit`, `.oq`. */
export function lowerQRelu(scope: LowerScope, layer: QRelu, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name, maxValue, negativeSlope } = layer;
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq');
  const node = lowerRectifier(scope, source.node, { maxValue, negativeSlope }, name);
  return [lowerActivationQuantizer(scope, { ...source, node }, layer.oq, name, 'oq')];
}

/** `min(x, maxValue)` where x is positive, `negativeSlope · x` elsewhere. Constants must be dyadic. */
export function lowerRectifier(
  scope: LowerScope,
  x: GraphNode,
  { maxValue, negativeSlope }: { readonly maxValue: number | null; readonly negativeSlope: number },
  layer: string,
): GraphNode {
  const { graph } = scope;
  const options = { layer };
  refuseDivisor(x, layer);
  const relu =
    negativeSlope === 0
      ? graph.relu(`${layer}.relu`, x, options)
      : graph.leakyRelu(`${layer}.relu`, x, { alpha: constantLike(x, negativeSlope), ...options });
  if (maxValue == null) return relu;
  const limit = constantLike(relu, maxValue);
  if (relu.slots == null) {
    const constant = graph.constant(`${layer}.max`, limit, options);
    return graph.min(`${layer}.limit`, relu, constant, options);
  }
  // A list has no constants beside it: x − relu(x − max).
  const one = constantLike(relu, 1);
  const offset = { ...limit, codes: limit.codes.map((code) => -code) };
  const above = graph.scaleOffset(`${layer}.above`, relu, { scale: one, offset, ...options });
  return graph.sub(`${layer}.limit`, relu, graph.relu(`${layer}.excess`, above, options), options);
}

/** `oq(f(x))`, with f rounded to float32 as tensors hold it. */
function tabled(f: UnaryFunction, oq: Quantizer, layer: string): ElementFunctions {
  const { shape, key, at } = elementQuantizer(oq, layer);
  return {
    shape,
    key,
    at: (index) => {
      const quantise = at(index);
      return (value) => quantise(evaluate(f, value));
    },
  };
}

/** Whether functions and the affine map behind them give 0 for 0, and so leave empty pixels empty. */
function keepsZero(functions: ElementFunctions, { config }: Quantizer): boolean {
  const offset = config.qType === 'dummy' ? 0 : (config.affine?.[1] ?? 0);
  return (
    offset === 0 && Array.from({ length: sizeOf(functions.shape) }, (_, j) => functions.at(j)(0)).every((y) => y === 0)
  );
}
