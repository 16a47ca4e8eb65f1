import { type CastModes, type FixedGraph, type FormatChoice, type GraphNode, graphBuilder, printType } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { FusedDense } from '../layers/fused-dense.ts';
import { InputReduce } from '../layers/input-reduce.ts';
import { QElementwise } from '../layers/merge-layers.ts';
import { AveragePooling2DSparse, MaxPooling2DSparse } from '../layers/pooling2d-sparse.ts';
import { QBatchNormalization } from '../layers/q-batch-normalization.ts';
import { QConv } from '../layers/q-conv.ts';
import { QConv2DSparse } from '../layers/q-conv2d-sparse.ts';
import { QDense } from '../layers/q-dense.ts';
import { QDot, QEinsum } from '../layers/q-einsum.ts';
import { QEinsumDense } from '../layers/q-einsum-dense.ts';
import { QGlobalPooling } from '../layers/q-global-pooling.ts';
import { QPooling } from '../layers/q-pooling.ts';
import { QRelu } from '../layers/q-relu.ts';
import { QSoftmax } from '../layers/q-softmax.ts';
import { QMeanPow2, QSum } from '../layers/q-sum.ts';
import { QUnaryFunctionLUT } from '../layers/q-unary-function-lut.ts';
import { QuantizerLayer } from '../layers/quantizer-layer.ts';
import { RemoveDilatedPixels } from '../layers/remove-dilated-pixels.ts';
import { SparseFlatten } from '../layers/sparse-flatten.ts';
import { type CalibrationData, declaredInput, derivedInput, type InputType } from './input-format.ts';
import { lowerActivation, lowerSoftmax } from './lower-activation.ts';
import { lowerQBatchNormalization } from './lower-batch-norm.ts';
import { lowerFusedDense, lowerQConv } from './lower-conv.ts';
import { lowerQDense, lowerQuantizerLayer } from './lower-dense.ts';
import { lowerContraction, lowerQEinsumDense } from './lower-einsum.ts';
import { lowerQRelu, lowerQSoftmax, lowerQUnaryFunctionLUT } from './lower-function.ts';
import { lowerElementwise, lowerQSum } from './lower-merge.ts';
import { lowerQGlobalPooling, lowerQPooling } from './lower-pool.ts';
import {
  lowerFlatten,
  lowerInputReduce,
  lowerPooling2DSparse,
  lowerQConv2DSparse,
  lowerRemoveDilatedPixels,
} from './lower-sparse.ts';
import { lowerStockGlobalMaxPooling, lowerStockMaxPooling, lowerStockReshape } from './lower-stock.ts';
import { stockArithmetic } from './lower-stock-merge.ts';
import { LowerError, type Lowered, type LowerNote, type LowerScope, requireValue } from './lowered.ts';
import { isSelfLowering } from './self-lowering.ts';
import { widthWarnings } from './width-warnings.ts';

/** Options of `lower`. */
export interface LowerOptions {
  /** Name of the graph. Default: the model's. */
  readonly name?: string;
  /** Format of the input(s), for all or by input layer: `'ap_ufixed<8,1>'` (detector data are integers) or a format. */
  readonly inputType?: InputType | Readonly<Record<string, InputType>>;
  /** Data from which the smallest format that changes none of them is derived, where `inputType` gives none. */
  readonly calibration?: CalibrationData | Readonly<Record<string, CalibrationData>>;
  /** What to do with a softmax that ends the model. Default `'refuse'`. */
  readonly softmax?: 'refuse' | 'drop';
  /** What layers of HGQ v1 and QKeras do with values out of range, which is a choice of the conversion. Default `'SAT'`. */
  readonly overflow?: 'WRAP' | 'SAT';
  /** Most entries of a table that stands for a function of such layers; above it they are refused. Default 65536. */
  readonly tableLimit?: number;
  /** Called for everything worth knowing: derived input formats, wide accumulators, costly formats. */
  readonly report?: (note: LowerNote) => void;
}

/**
 * Turns a trained model into a fixed graph that computes exactly what the model's inference computes.
 *
 * Nodes are named `<layer>.<step>` (`conv1.iq`, `conv1.conv`, `conv1.relu`) and carry `layer`. Values keep full
 * precision until the next quantizer. A quantizer layer right behind a model input becomes the
 * input's format, and the input node stands for that layer.
 *
 * @param model functional or sequential, every layer used once, traced with `traceMinMax` if it has WRAP quantizers
 * @throws LowerError naming the layer and the remedy: unknown layers, unquantised values, untraced quantizers, softmax
 * @example
 * traceMinMax(model, images);
 * const graph = lower(model, { inputType: 'ap_ufixed<8,1>' });
 */
export function lower(model: tf.LayersModel, options: LowerOptions = {}): FixedGraph {
  const { softmax = 'refuse', overflow = 'SAT', tableLimit = 2 ** 16, report = () => {} } = options;
  const graph = graphBuilder(options.name ?? model.name);
  const done = new Map<number, Lowered>();
  const isOutput = (layer: tf.layers.Layer): boolean => model.outputs.some((output) => output.sourceLayer === layer);

  const scopeOf = (layer: tf.layers.Layer): LowerScope => ({
    graph,
    softmax,
    overflow,
    tableLimit,
    isOutput: isOutput(layer),
    report,
    input: (open, format, modes) => addInput(open, format, modes, layer.name),
  });

  /** @param layer whose output the node is: the input itself, or the quantizer that gave it its format */
  const addInput = (
    open: Extract<Lowered, { kind: 'open' }>,
    format: FormatChoice,
    modes: CastModes,
    layer = open.name,
  ): Lowered => {
    const node = graph.input(open.name, { shape: open.shape, format, ...modes, layer });
    return { kind: 'value', node };
  };

  const openInput = (layer: tf.layers.Layer, symbolic: tf.SymbolicTensor): Lowered => {
    const shape = symbolic.shape.slice(1);
    if (shape.some((extent) => extent == null)) {
      throw new LowerError(
        layer.name,
        `its shape [${symbolic.shape.join(', ')}] is not fixed.`,
        'Give all sizes but the batch.',
      );
    }
    const open = { kind: 'open', name: layer.name, shape: shape as number[] } as const;
    const type = byInput(options.inputType, layer.name, (value) => typeof value === 'string' || 'k' in value);
    if (type != null) {
      const { format, modes } = declaredInput(type, layer.name);
      return addInput(open, format, modes);
    }
    const data = byInput(options.calibration, layer.name, (value) => 'dataSync' in value || 'length' in value);
    if (data == null) return open;
    const { format, modes } = derivedInput(data, layer.name);
    const message = `input format ${printType(format)} derived from the calibration data, which it changes nowhere.`;
    report({ kind: 'note', layer: layer.name, message });
    return addInput(open, format, modes);
  };

  /** The layers of a nested model as if they stood in the outer one. Its first node is its own, the others are uses. */
  const lowerNested = (inner: tf.LayersModel, symbolic: tf.SymbolicTensor): Lowered => {
    const uses = inner.inboundNodes.slice(1);
    if (uses.length > 1)
      throw new LowerError(inner.name, `it is used ${uses.length} times.`, 'Make one model per use.');
    for (const [index, input] of inner.inputs.entries()) done.set(input.id, lowerTensor(uses[0].inputTensors[index]));
    const outputs = inner.outputs.map(lowerTensor);
    for (const [index, output] of uses[0].outputTensors.entries()) done.set(output.id, outputs[index]);
    return done.get(symbolic.id) as Lowered;
  };

  const lowerTensor = (symbolic: tf.SymbolicTensor): Lowered => {
    const known = done.get(symbolic.id);
    if (known != null) return known;
    const layer = symbolic.sourceLayer;
    if (layer instanceof tf.LayersModel) return lowerNested(layer, symbolic);
    if (layer.inboundNodes.length > 1) {
      throw new LowerError(layer.name, `it is used ${layer.inboundNodes.length} times.`, 'Make one layer per use.');
    }
    const [node] = layer.inboundNodes;
    const outputs =
      layer.getClassName() === 'InputLayer'
        ? [openInput(layer, symbolic)]
        : lowerLayer(scopeOf(layer), layer, node.inputTensors.map(lowerTensor));
    for (const [index, output] of node.outputTensors.entries()) done.set(output.id, outputs[index]);
    return done.get(symbolic.id) as Lowered;
  };

  const nodes = model.outputs.map(
    (output): GraphNode => requireValue(lowerTensor(output), output.sourceLayer.name).node,
  );
  const built = graph.build(nodes);
  for (const warning of widthWarnings(built)) report(warning);
  return built;
}

function lowerLayer(scope: LowerScope, layer: tf.layers.Layer, inputs: readonly Lowered[]): readonly Lowered[] {
  if (layer instanceof InputReduce) return lowerInputReduce(scope, layer, inputs);
  if (layer instanceof QConv2DSparse) return lowerQConv2DSparse(scope, layer, inputs);
  if (layer instanceof AveragePooling2DSparse) return lowerPooling2DSparse(scope, layer, 'avg', inputs);
  if (layer instanceof MaxPooling2DSparse) return lowerPooling2DSparse(scope, layer, 'max', inputs);
  if (layer instanceof SparseFlatten) return lowerFlatten(scope, layer.name, inputs);
  if (layer instanceof RemoveDilatedPixels) return lowerRemoveDilatedPixels(layer.name, inputs);
  if (layer instanceof QDense) return lowerQDense(scope, layer, inputs);
  if (layer instanceof QConv) return lowerQConv(scope, layer, inputs);
  if (layer instanceof FusedDense) return lowerFusedDense(scope, layer, inputs);
  if (layer instanceof QBatchNormalization) return lowerQBatchNormalization(scope, layer, inputs);
  if (layer instanceof QPooling) return lowerQPooling(scope, layer, inputs);
  if (layer instanceof QGlobalPooling) return lowerQGlobalPooling(scope, layer, inputs);
  if (layer instanceof QElementwise) return lowerElementwise(scope, layer, inputs);
  if (layer instanceof QEinsum || layer instanceof QDot) return lowerContraction(scope, layer, inputs);
  if (layer instanceof QEinsumDense) return lowerQEinsumDense(scope, layer, inputs);
  if (layer instanceof QSum || layer instanceof QMeanPow2) return lowerQSum(scope, layer, inputs);
  if (layer instanceof QUnaryFunctionLUT) return lowerQUnaryFunctionLUT(scope, layer, inputs);
  if (layer instanceof QSoftmax) return lowerQSoftmax(scope, layer, inputs);
  if (layer instanceof QRelu) return lowerQRelu(scope, layer, inputs);
  if (layer instanceof QuantizerLayer) return lowerQuantizerLayer(scope, layer, inputs);
  if (isSelfLowering(layer)) return layer.lowerInto(scope, inputs);
  return lowerStockLayer(scope, layer, inputs);
}

/** Layers of tfjs itself that mean something in a fixed graph. */
function lowerStockLayer(scope: LowerScope, layer: tf.layers.Layer, inputs: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const arithmetic = stockArithmetic[layer.getClassName()];
  if (arithmetic != null) return arithmetic(scope, layer, inputs);
  switch (layer.getClassName()) {
    case 'Flatten':
      return lowerFlatten(scope, name, inputs);
    case 'Activation': {
      const { activation } = layer.getConfig() as { readonly activation: string };
      const source = requireValue(inputs[0], name);
      return [{ ...source, node: lowerActivation(scope, source.node, activation, name) }];
    }
    case 'Softmax': {
      const source = requireValue(inputs[0], name);
      return [{ ...source, node: lowerSoftmax(scope, source.node, name) }];
    }
    case 'MaxPooling1D':
      return lowerStockMaxPooling(scope, layer, 1, inputs);
    case 'MaxPooling2D':
      return lowerStockMaxPooling(scope, layer, 2, inputs);
    case 'GlobalMaxPooling1D':
      return lowerStockGlobalMaxPooling(scope, layer, 1, inputs);
    case 'GlobalMaxPooling2D':
      return lowerStockGlobalMaxPooling(scope, layer, 2, inputs);
    case 'Reshape':
      return lowerStockReshape(scope, layer, inputs);
    // Active in training only.
    case 'Dropout':
    case 'SpatialDropout1D':
    case 'GaussianNoise':
    case 'GaussianDropout':
    case 'AlphaDropout':
      return [inputs[0]];
    default:
      throw new LowerError(
        name,
        `layer kind '${layer.getClassName()}' cannot be lowered.`,
        layer instanceof tf.LayersModel
          ? 'Build one flat model instead of nesting models.'
          : 'Replace it by a quantised layer.',
      );
  }
}

/** An option given for all inputs, or by input name. */
function byInput<Value extends object | string>(
  option: Value | Readonly<Record<string, Value>> | undefined,
  name: string,
  isValue: (option: Value) => boolean,
): Value | undefined {
  if (option == null) return undefined;
  return isValue(option as Value) ? (option as Value) : (option as Readonly<Record<string, Value>>)[name];
}
