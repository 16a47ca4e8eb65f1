import type { GraphNode, Weights } from '@sp/quant';
import type { InputReduce } from '../layers/input-reduce.ts';
import type { AveragePooling2DSparse, MaxPooling2DSparse } from '../layers/pooling2d-sparse.ts';
import type { QConv2DSparse } from '../layers/q-conv2d-sparse.ts';
import { SparseFlatten } from '../layers/sparse-flatten.ts';
import { unaryFunction } from '../layers/unary-functions.ts';
import { embed } from '../ops/embed-kernel.ts';
import { denseImage } from './dense-image.ts';
import { lowerFunction, sameEverywhere } from './functions.ts';
import { constantLike } from './lower-affine.ts';
import { padsOf } from './lower-conv.ts';
import { lowerActivationQuantizer, lowerWeights, refuseDivisor } from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { moved } from './moved.ts';

type Value = Extract<Lowered, { kind: 'value' }>;
type Function = Extract<Lowered, { kind: 'function' }>;

/** Image → list. A float threshold compares like its code: `x > θ` equals `code > ⌊θ · 2^f⌋`. */
export function lowerInputReduce(
  scope: LowerScope,
  layer: InputReduce,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  const source = requireValue(input, name).node;
  refuseDivisor(source, name);
  if (source.slots != null) {
    throw new LowerError(
      name,
      'its input is a sparse list already, which a graph reduces only once.',
      'Keep one inputReduce, with the smaller budget and the higher threshold.',
    );
  }
  const [height, width] = source.shape;
  const image = commonFraction(scope, source, name);
  const threshold = Math.floor(layer.threshold * 2 ** image.format.f[0]);
  const slots = Math.min(layer.nMaxPixels, height * width);
  const node = scope.graph.reduce(`${name}.reduce`, image, { slots, threshold, layer: name });
  return [
    { kind: 'value', node, mask: name },
    { kind: 'mask', mask: name, list: node },
  ];
}

export function lowerQConv2DSparse(
  scope: LowerScope,
  layer: QConv2DSparse,
  [input, mask]: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  const source = onMask(input, mask, name, layer.iq != null);
  const { node: x } = lowerActivationQuantizer(scope, source, layer.iq, name, 'iq');
  refuseDivisor(x, name);
  if (x.slots == null) {
    throw new LowerError(
      name,
      `the affine map of its input quantizer '${layer.iq?.name}' has an offset, which fills the empty pixels: no sparse list is left.`,
      'Use the offset 0, or qConv2D, which works on whole images.',
    );
  }
  const own = lowerWeights(layer.kq, layer.kernel, name);
  const dense = layer.embedding;
  const kernel: Weights =
    dense == null ? own : { shape: dense.shape, codes: embed(own.codes, dense.shape, dense.index), f: own.f };
  const bias = layer.bias == null || layer.bq == null ? undefined : lowerWeights(layer.bq, layer.bias, name);
  const y = { kind: 'value', node: lowerSums(scope, layer, x, { kernel, bias }), mask: source.mask as string } as const;
  const { activation } = layer;
  if (activation === 'linear') return [y];
  if (activation === 'relu') return [{ ...y, node: scope.graph.relu(`${name}.relu`, y.node, { layer: name }) }];
  const functions = sameEverywhere(unaryFunction(activation, name), y.node.shape.length);
  return [lowerFunction(scope, layer, y, functions, activation, true)];
}

/** Convolution and bias; an output quantizer acts between them, so the bias gets a step of its own: a 1×1 identity. */
function lowerSums(
  scope: LowerScope,
  layer: QConv2DSparse,
  x: GraphNode,
  { kernel, bias }: { readonly kernel: Weights; readonly bias: Weights | undefined },
): GraphNode {
  const { name, oq } = layer;
  if (oq == null || oq.config.qType === 'dummy') {
    return scope.graph.sparseConv2d(`${name}.conv`, x, { kernel, ...(bias == null ? {} : { bias }), layer: name });
  }
  const conv = scope.graph.sparseConv2d(`${name}.conv`, x, { kernel, layer: name });
  const { node } = lowerActivationQuantizer(scope, { kind: 'value', node: conv }, oq, name, 'oq');
  if (bias == null) return node;
  if (node.slots == null) {
    throw new LowerError(
      name,
      `the affine map of its output quantizer '${oq.name}' has an offset, which fills the empty pixels.`,
      'Use the offset 0.',
    );
  }
  const { filters } = layer;
  const identity: Weights = {
    shape: [1, 1, filters, filters],
    codes: Array.from({ length: filters * filters }, (_, j) => (j % (filters + 1) === 0 ? 1 : 0)),
    f: 0,
  };
  return scope.graph.sparseConv2d(`${name}.bias`, node, { kernel: identity, bias, layer: name });
}

export function lowerPooling2DSparse(
  scope: LowerScope,
  layer: AveragePooling2DSparse | MaxPooling2DSparse,
  mode: 'avg' | 'max',
  [input, mask]: readonly Lowered[],
): readonly Lowered[] {
  const { name, poolSize: pool } = layer;
  const source = onMask(input, mask, name);
  const [height, width] = source.node.shape;
  if (!layer.isCellular(height, width)) return lowerWindows(scope, layer, mode, source.node);
  // Inference hands exact averages from pooling to pooling, but through nothing else.
  if (source.node.op !== 'sparsePool2d') refuseDivisor(source.node, name);
  const node = scope.graph.sparsePool2d(`${name}.pool`, source.node, { mode, pool, layer: name });
  return [
    { kind: 'value', node, mask: name },
    { kind: 'mask', mask: name, list: node },
  ];
}

/** One cell that covers the image; its only slot, or zeros, as a vector. */
export function lowerGlobalPooling2DSparse(
  scope: LowerScope,
  name: string,
  mode: 'avg' | 'max',
  [input, mask]: readonly Lowered[],
): readonly Lowered[] {
  const { node: list } = onMask(input, mask, name);
  if (list.op !== 'sparsePool2d') refuseDivisor(list, name);
  const [height, width] = list.shape;
  const pooled = scope.graph.sparsePool2d(`${name}.pool`, list, { mode, pool: [height, width], layer: name });
  return [{ kind: 'value', node: scope.graph.sparseFlatten(`${name}.flatten`, pooled, { layer: name }) }];
}

/** Windows that overlap, leave gaps or hang over the border: a slot has no single cell, so the image becomes dense. */
function lowerWindows(
  scope: LowerScope,
  layer: AveragePooling2DSparse | MaxPooling2DSparse,
  mode: 'avg' | 'max',
  list: GraphNode,
): readonly Lowered[] {
  const { name, poolSize, strides } = layer;
  if (list.op !== 'sparsePool2d') refuseDivisor(list, name);
  const { rows, columns } = layer.windowsOn(list.shape[0], list.shape[1]);
  const windows = { pool: poolSize, strides, pads: [padsOf(rows), padsOf(columns)], layer: name } as const;
  const node = scope.graph.pool2d(`${name}.pool`, denseImage(scope, list, name), { mode, ...windows });
  scope.report({
    kind: 'note',
    layer: name,
    message: `its windows (strides ${strides.join('×')}, padding '${layer.padding}') leave the list of pixels: dense from here on.`,
  });
  // Flattening reads the features only.
  const [, mask] = layer.inboundNodes[0].outputTensors;
  const reads = ({ inputTensors, outboundLayer }: (typeof layer.outboundNodes)[number]): boolean =>
    inputTensors.includes(mask) && !(outboundLayer instanceof SparseFlatten);
  if (!layer.outboundNodes.some(reads)) {
    return [
      { kind: 'value', node },
      { kind: 'value', node },
    ];
  }
  const image = maskImage(scope, list, `${name}.active`, name);
  const active = scope.graph.pool2d(`${name}.active`, image, { mode: 'max', ...windows });
  return [
    { kind: 'value', node },
    { kind: 'value', node: active },
  ];
}

/** A list has nothing outside its mask to remove. What a dense layer made is multiplied by the mask's image. */
export function lowerRemoveDilatedPixels(
  scope: LowerScope,
  name: string,
  [input, mask]: readonly Lowered[],
): readonly Lowered[] {
  const source = requireValue(input, name);
  if (source.node.slots != null) return [onMask(input, mask, name)];
  if (mask?.kind === 'value') {
    return [{ kind: 'value', node: scope.graph.mul(`${name}.masked`, source.node, mask.node, { layer: name }) }];
  }
  if (mask?.kind !== 'mask') {
    throw new LowerError(name, 'its second input is no mask.', 'Pass [x, mask] as a reduction or pooling gave it.');
  }
  const image = maskImage(scope, mask.list, name);
  return [{ kind: 'value', node: scope.graph.mul(`${name}.masked`, source.node, image, { layer: name }) }];
}

/** A mask as a dense value, for layers that take it for data; anything else as it is. */
export function maskAsValue(scope: LowerScope, lowered: Lowered, layer: string): Lowered {
  return lowered.kind === 'mask' ? { kind: 'value', node: maskImage(scope, lowered.list, layer) } : lowered;
}

/** 1 where a list has a valid slot, 0 elsewhere, as nodes `<layer>.bit`, `.ones`, `.flat`, `.image`, `.mask`: `[H, W, 1]`. */
function maskImage(scope: LowerScope, list: GraphNode, prefix: string, layer: string = prefix): GraphNode {
  const { graph } = scope;
  // Nothing but the slots matters: one bit of each number is enough, and an average loses its divisor.
  const bit = graph.requantize(`${prefix}.bit`, list, { to: { k: 0, i: 1, f: 0 }, overflow: 'SAT', layer });
  const ones = graph.scaleOffset(`${prefix}.ones`, bit, {
    scale: constantLike(bit, 0),
    offset: constantLike(bit, 1),
    layer,
  });
  const image = denseImage(scope, ones, layer, prefix);
  return image.shape[2] === 1 ? image : graph.take(`${prefix}.mask`, image, { axis: 2, indices: [0], layer });
}

/** `[x, mask]` or x alone → dense vector. */
export function lowerFlatten(scope: LowerScope, name: string, [input]: readonly Lowered[]): readonly Lowered[] {
  return [
    moved(scope, input, name, (scope, node) => {
      if (node.slots != null) return scope.graph.sparseFlatten(`${name}.flatten`, node, { layer: name });
      return node.shape.length === 1 ? node : scope.graph.flatten(`${name}.flatten`, node, { layer: name });
    }),
  ];
}

/** The list `input`, which must live on the active set that `mask` stands for. */
function onMask(input: Lowered, mask: Lowered | undefined, layer: string): Value;
/** @param rounds whether a quantizer follows, so that a function will do */
function onMask(input: Lowered, mask: Lowered | undefined, layer: string, rounds: boolean): Value | Function;
function onMask(input: Lowered, mask: Lowered | undefined, layer: string, rounds: boolean = false): Value | Function {
  const source = rounds && input.kind === 'function' ? input : requireValue(input, layer);
  if (source.mask == null || source.node.slots == null) {
    throw new LowerError(
      layer,
      'its features are not a sparse list.',
      'Put inputReduce before the sparse layers, and nothing between them that fills empty pixels (offsets, batch normalisation).',
    );
  }
  if (mask?.kind !== 'mask' || mask.mask !== source.mask) {
    throw new LowerError(
      layer,
      `its features live on the active pixels of '${source.mask}', its mask is ${mask?.kind === 'mask' ? `that of '${mask.mask}'` : 'no mask'}.`,
      'Pass the mask that came with the features.',
    );
  }
  return source;
}

/** The threshold is one code, so channel 0 needs one fraction width for all pixels: widen without loss if it has several. */
function commonFraction(scope: LowerScope, node: GraphNode, layer: string): GraphNode {
  const { k, i, f } = node.format;
  if (f.length === 1) return node;
  const common = { k: Math.max(...k) as 0 | 1, i: Math.max(...i), f: Math.max(...f) };
  return scope.graph.requantize(`${layer}.align`, node, { to: common, round: 'TRN', overflow: 'SAT', layer });
}
