import * as tf from '@tensorflow/tfjs';
import { QLayer } from '../layers/q-layer.ts';
import { QSoftmax } from '../layers/q-softmax.ts';
import { QUnaryFunctionLUT } from '../layers/q-unary-function-lut.ts';
import { QuantizerLayer } from '../layers/quantizer-layer.ts';

/**
 * What the numbers that a model ends with are. 'linear': those of a layer without activation, so logits or a regression. 'softmax', 'sigmoid': that
 * function of logits, in floating point. 'quantizedSoftmax', 'quantizedSigmoid': such probabilities whose logits are of no use: they went through a
 * quantizer, a table or, in training, dropout or noise, or are those of a hard sigmoid.
 * 'other': anything else, such as what a `relu` or a layer of another package gives.
 */
export type OutputKind = 'linear' | 'softmax' | 'sigmoid' | 'quantizedSoftmax' | 'quantizedSigmoid' | 'other';

/** The last activation of a model; see `outputHead`. */
export interface OutputHead {
  readonly kind: OutputKind;
  /** Name of the layer that has it. */
  readonly layer: string;
  /**
   * Runs `compute`, during which a model of the kind 'softmax' or 'sigmoid' ends with the logits behind that activation; other kinds are run as
   * they are. Layers are changed for so long: `compute` must not wait for anything.
   */
  logits<T>(compute: () => T): T;
  /** Outputs from what the model gives inside `logits`. */
  activate(logits: tf.Tensor): tf.Tensor;
}

/**
 * The last activation of a model with one output: where its logits are, if it has any. Looks through layers that only rearrange numbers, models
 * inside the model, and quantizers, dropout and noise at the end.
 *
 * @example
 * const head = outputHead(model);
 * const logits = head.logits(() => model.apply(images) as tf.Tensor);
 * const probabilities = head.activate(logits); // what model.apply(images) gives
 */
export function outputHead(model: tf.LayersModel): OutputHead {
  const { symbolic, quantized } = lastComputation(model.outputs[0]);
  const layer = symbolic.sourceLayer;
  const activation = isUsedOnce(symbolic) ? activationOf(layer) : 'other';
  const isTable = layer instanceof QSoftmax || layer instanceof QUnaryFunctionLUT;
  const isQuantized = quantized || isTable || (layer instanceof QLayer && layer.oq != null);
  const kind = kindOf(activation, isQuantized || !canDoWithout(layer));
  const swap = kind === 'softmax' || kind === 'sigmoid' ? withoutActivation(layer) : undefined;
  return {
    kind,
    layer: layer.name,
    logits: (compute) => (swap === undefined ? compute() : swap(compute)),
    activate: (x) => (kind === 'softmax' ? tf.softmax(x) : kind === 'sigmoid' ? tf.sigmoid(x) : x),
  };
}

function kindOf(activation: string, quantized: boolean): OutputKind {
  if (activation === 'linear') return 'linear';
  if (activation === 'softmax') return quantized ? 'quantizedSoftmax' : 'softmax';
  if (activation === 'sigmoid') return quantized ? 'quantizedSigmoid' : 'sigmoid';
  if (activation === 'hardSigmoid') return 'quantizedSigmoid';
  return 'other';
}

/** The tensor behind everything that keeps the values of each image as they are, up to quantisation. */
function lastComputation(output: tf.SymbolicTensor): { symbolic: tf.SymbolicTensor; quantized: boolean } {
  let symbolic = output;
  let quantized = false;
  for (;;) {
    const layer = symbolic.sourceLayer;
    if (layer instanceof tf.LayersModel) {
      symbolic = layer.outputs[symbolic.outputTensorIndex ?? 0];
      continue;
    }
    const input = layer.inboundNodes[symbolic.nodeIndex]?.inputTensors[0];
    const passes = passesValues(layer) && input !== undefined && lastExtent(input) === lastExtent(symbolic);
    if (!passes) return { symbolic, quantized };
    quantized ||= layer instanceof QuantizerLayer || onlyInTraining.includes(layer.getClassName());
    symbolic = input;
  }
}

function lastExtent({ shape }: tf.SymbolicTensor): number | null | undefined {
  return shape[shape.length - 1];
}

/** Layers that change values in training only. */
const onlyInTraining = ['Dropout', 'AlphaDropout', 'GaussianDropout', 'GaussianNoise'];

function passesValues(layer: tf.layers.Layer): boolean {
  const name = layer.getClassName();
  if (onlyInTraining.includes(name)) return true;
  // Of one axis behind the batch there is nothing to permute.
  if (name === 'Permute') return (layer.outputShape as tf.Shape).length === 2;
  if (name === 'Activation') return layer.getConfig().activation === 'linear';
  return layer instanceof QuantizerLayer || ['Flatten', 'Reshape', 'SparseFlatten'].includes(name);
}

/** Layers whose outputs are sums of products where they have no activation. */
const linearLayers = [
  ...['Dense', 'QDense', 'QEinsumDense', 'QDenseBatchNorm', 'QBatchNormDense', 'QConv2D', 'Conv2D'],
  ...['HDense', 'HDenseBatchNorm', 'QKerasDense'],
];

/** Name of the last thing that a layer does to its outputs. */
function activationOf(layer: tf.layers.Layer): string {
  const name = layer.getClassName();
  const { activation, axis } = layer.getConfig();
  if (name === 'Softmax' || layer instanceof QSoftmax) return isLastAxis(axis, layer) ? 'softmax' : 'other';
  const text = typeof activation === 'string' ? activation : '';
  if (text === 'softmax' || text === 'sigmoid') return text;
  if (/^(hard_?sigmoid|quantized_sigmoid\b.*)$/i.test(text)) return 'hardSigmoid';
  return activation === 'linear' && linearLayers.includes(name) ? 'linear' : 'other';
}

function isLastAxis(axis: unknown, layer: tf.layers.Layer): boolean {
  const rank = (layer.outputShape as tf.Shape).length;
  const axes = [axis].flat();
  return axes.length === 1 && (axes[0] === -1 || axes[0] === rank - 1);
}

/** Whether a layer can be made to leave out its activation for a while. */
function canDoWithout(layer: tf.layers.Layer): boolean {
  const { activation } = layer as unknown as { readonly activation?: unknown };
  return layer instanceof QLayer || layer.getClassName() === 'Softmax' || typeof activation === 'object';
}

/** A layer that is used elsewhere in the model, too, must keep its activation there. */
function isUsedOnce({ sourceLayer }: tf.SymbolicTensor): boolean {
  return sourceLayer.inboundNodes.length === 1;
}

/** What tfjs' layers hold in the field `activation`. */
const identity = { apply: <T>(x: T): T => x, getClassName: () => 'linear', getConfig: () => ({}) };

/** Makes a function that runs another one while the layer leaves out its activation. */
function withoutActivation(layer: tf.layers.Layer): <T>(compute: () => T) => T {
  const fields = layer as unknown as Record<string, unknown>;
  const field = layer.getClassName() === 'Softmax' ? 'softmax' : 'activation';
  const linear = layer instanceof QLayer ? 'linear' : field === 'softmax' ? identity.apply : identity;
  return (compute) => {
    const own = fields[field];
    fields[field] = linear;
    try {
      return compute();
    } finally {
      fields[field] = own;
    }
  };
}
