import { QLayer } from '@sp/layers';
import { samePads, windowCount } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../../option-error.ts';

/** Kernels that stand for those of layers, by layer name. */
export type StandInKernels = ReadonlyMap<string, tf.Tensor>;

type Layer = tf.layers.Layer;
type Apply = (layer: Layer, inputs: tf.Tensor[], kernel: tf.Tensor) => tf.Tensor;

/**
 * Outputs of a model in inference, from operations whose gradients TensorFlow.js can differentiate again: those of convolutions and poolings it
 * cannot, so these are sums and maxima over the taps of a window here. Call it in a tidy.
 *
 * @throws OptionError naming the first layer that is not known
 */
export function twiceDifferentiable(model: tf.LayersModel, input: tf.Tensor, kernels: StandInKernels): tf.Tensor {
  const done = new Map<number, tf.Tensor>([[model.inputs[0].id, input]]);
  const tensorOf = (symbolic: tf.SymbolicTensor): tf.Tensor => {
    const known = done.get(symbolic.id);
    if (known !== undefined) return known;
    const layer = symbolic.sourceLayer;
    const node = layer.inboundNodes[symbolic.nodeIndex];
    const apply = layers[stockName(layer)];
    if (apply === undefined) {
      throw new OptionError(
        `getModelHessians: layer '${layer.name}' (${layer.getClassName()}) has no second derivatives here; use method 'fisher'`,
      );
    }
    const kernel = kernels.get(layer.name) ?? layer.weights[0]?.read();
    const output = apply(layer, node.inputTensors.map(tensorOf), kernel as tf.Tensor);
    done.set(symbolic.id, output);
    return output;
  };
  return tensorOf(model.outputs[0]);
}

/** What a layer of ours without quantizers computes has the name without its Q. */
function stockName(layer: Layer): string {
  const name = layer.getClassName();
  return layer instanceof QLayer && layer.quantizers.size === 0 ? name.slice(1) : name;
}

/** Settings of a layer, as tfjs spells them. */
function config(layer: Layer): Record<string, unknown> {
  return layer.getConfig();
}

const layers: Readonly<Record<string, Apply>> = {
  Dense: (layer, [x], kernel) => {
    const [inputs, units] = kernel.shape;
    const flat = tf.matMul(tf.reshape(x, [-1, inputs]), kernel as tf.Tensor2D);
    return activated(layer, withBias(layer, tf.reshape(flat, [...x.shape.slice(0, -1), units])));
  },
  Conv2D: (layer, [x], kernel) => {
    const [rows, columns, channels, filters] = kernel.shape;
    if (channels !== x.shape[3])
      throw new OptionError(`getModelHessians: layer '${layer.name}' has groups; use method 'fisher'`);
    const taps = windows(layer, x, [rows, columns], 0);
    const products = taps.map((tap, t) => {
      const matrix = tf.reshape(tf.slice(tf.reshape(kernel, [rows * columns, channels * filters]), [t, 0], [1, -1]), [
        channels,
        filters,
      ]);
      return tf.reshape(tf.matMul(tf.reshape(tap, [-1, channels]), matrix as tf.Tensor2D), [
        ...tap.shape.slice(0, 3),
        filters,
      ]);
    });
    return activated(layer, withBias(layer, tf.addN(products)));
  },
  MaxPooling2D: (layer, [x]) => windows(layer, x, poolSize(layer), -1e30).reduce((most, tap) => tf.maximum(most, tap)),
  AveragePooling2D: (layer, [x]) => {
    const counts = tf.addN(windows(layer, tf.onesLike(x), poolSize(layer), 0));
    return tf.div(tf.addN(windows(layer, x, poolSize(layer), 0)), counts);
  },
  GlobalAveragePooling2D: (_, [x]) => tf.mean(x, [1, 2]),
  Flatten: (_, [x]) => tf.reshape(x, [x.shape[0], -1]),
  Dropout: (_, [x]) => x,
  Activation: (layer, [x]) => activated(layer, x),
  ReLU: (_, [x]) => tf.relu(x),
  Softmax: (_, [x]) => tf.softmax(x),
  BatchNormalization: (layer, [x]) => {
    const named = new Map(layer.weights.map((weight) => [weight.originalName.split('/').at(-1), weight.read()]));
    const part = (name: string, absent: number): tf.Tensor => named.get(name) ?? tf.scalar(absent);
    const deviation = tf.sqrt(tf.add(part('moving_variance', 1), Number(config(layer)['epsilon'])));
    const normal = tf.div(tf.sub(x, part('moving_mean', 0)), deviation);
    return tf.add(tf.mul(normal, part('gamma', 1)), part('beta', 0));
  },
  Add: (_, inputs) => inputs.reduce((sum, x) => tf.add(sum, x)),
  Multiply: (_, inputs) => inputs.reduce((product, x) => tf.mul(product, x)),
  Average: (_, inputs) => tf.div(tf.addN(inputs), inputs.length),
  Concatenate: (layer, inputs) => tf.concat(inputs, Number(config(layer)['axis'] ?? -1)),
};

function withBias(layer: Layer, y: tf.Tensor): tf.Tensor {
  return layer.weights.length > 1 ? tf.add(y, layer.weights[1].read()) : y;
}

function activated(layer: Layer, y: tf.Tensor): tf.Tensor {
  const name = String(config(layer)['activation'] ?? 'linear');
  switch (name) {
    case 'linear':
      return y;
    case 'relu':
      return tf.relu(y);
    case 'tanh':
      return tf.tanh(y);
    case 'sigmoid':
      return tf.sigmoid(y);
    case 'softmax':
      return tf.softmax(y);
    case 'elu':
      return tf.elu(y);
    case 'softplus':
      return tf.softplus(y);
    default:
      throw new OptionError(
        `getModelHessians: activation '${name}' of layer '${layer.name}' has no second derivatives here; use method 'fisher'`,
      );
  }
}

function poolSize(layer: Layer): readonly [number, number] {
  return pair(config(layer)['poolSize']);
}

/** The input under each tap of a window, at every output position, `[batch, rows, columns, channels]`; row-major. */
function windows(layer: Layer, x: tf.Tensor, size: readonly [number, number], padValue: number): tf.Tensor[] {
  const { strides, padding, dilationRate } = config(layer);
  const [, height, width] = x.shape;
  const [rows, columns] = [height, width].map((input, axis) => {
    const stride = pair(strides ?? 1)[axis];
    const dilation = pair(dilationRate ?? 1)[axis];
    const isSame = padding === 'same';
    const pads = isSame ? samePads(input, size[axis], stride, dilation) : ([0, 0] as [number, number]);
    const output = windowCount(input, size[axis], stride, pads, dilation);
    const at = (tap: number): tf.Tensor1D =>
      tf
        .range(0, output, 1, 'int32')
        .mul(stride)
        .add(tap * dilation)
        .toInt() as tf.Tensor1D;
    return { pads, at };
  });
  const padded = tf.pad(x, [[0, 0], rows.pads, columns.pads, [0, 0]], padValue);
  const taps: tf.Tensor[] = [];
  for (let a = 0; a < size[0]; a++) {
    const lines = tf.gather(padded, rows.at(a), 1);
    for (let b = 0; b < size[1]; b++) taps.push(tf.gather(lines, columns.at(b), 2));
  }
  return taps;
}

function pair(value: unknown): readonly [number, number] {
  const [first, second = first] = [value].flat() as number[];
  return [first, second];
}
