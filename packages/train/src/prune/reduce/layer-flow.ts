import type * as tf from '@tensorflow/tfjs';

/**
 * What a layer does to channels, the last axis: `kernel`, mixes them with weights; `same`, each channel of the output comes from that channel of the first input
 * alone; `merge`, from that channel of all inputs; `concat`, inputs one after the other; `flatten`, positions times channels; `other`, who knows.
 */
export type ChannelFlow = 'kernel' | 'same' | 'merge' | 'concat' | 'flatten' | 'other';

const flows: Readonly<Record<Exclude<ChannelFlow, 'kernel' | 'other'>, readonly string[]>> = {
  same: [
    ...['Activation', 'ReLU', 'LeakyReLU', 'ELU', 'ThresholdedReLU', 'Dropout', 'SpatialDropout2D', 'GaussianNoise'],
    ...['GaussianDropout', 'BatchNormalization', 'MaxPooling2D', 'AveragePooling2D', 'GlobalAveragePooling2D'],
    ...['GlobalMaxPooling2D', 'UpSampling2D', 'ZeroPadding2D', 'Cropping2D'],
    ...['Quantizer', 'QRelu', 'QBatchNormalization', 'QMaxPooling2D', 'QAveragePooling2D', 'QGlobalMaxPooling2D'],
    ...['QGlobalAveragePooling2D', 'QUnaryFunctionLUT', 'Rectifier', 'ExponentialLinear', 'Clip', 'ElementFunction'],
    ...['AveragePooling2DSparse', 'MaxPooling2DSparse', 'RemoveDilatedPixels'],
    ...['GlobalAveragePooling2DSparse', 'GlobalMaxPooling2DSparse'],
    ...['QKerasActivation', 'QKerasBatchNormalization', 'QKerasAveragePooling2D', 'QKerasGlobalAveragePooling2D'],
    ...['HQuantize', 'HActivation'],
  ],
  merge: [
    ...['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum', 'QAdd', 'QSubtract', 'QMultiply', 'QMaximum'],
    ...['QMinimum', 'QAveragePow2', 'MeanOfInputs', 'HAdd'],
  ],
  concat: ['Concatenate'],
  flatten: ['Flatten', 'SparseFlatten'],
};

/** Kernel layers that can be given other numbers of inputs and outputs. */
const kernels = [
  ...['Dense', 'Conv2D', 'QDense', 'QConv2D', 'QConv2DSparse', 'QDenseBatchNorm', 'QConv2DBatchNorm'],
  ...['QKerasDense', 'QKerasConv2D', 'HDense', 'HConv2D', 'HDenseBatchNorm', 'HConv2DBatchNorm'],
];

/** How channels pass a layer that is used once. */
export function channelFlow(layer: tf.layers.Layer): ChannelFlow {
  if (layer.inboundNodes.length !== 1) return 'other';
  const name = layer.getClassName();
  const config = layer.getConfig();
  const { axis, activation, groups, dataFormat } = config as Record<string, unknown>;
  if (dataFormat === 'channelsFirst') return 'other';
  const rank = (layer.inboundNodes[0].outputTensors[0]?.shape.length ?? 0) - 1;
  const isLast = axis === undefined || axis === -1 || Number(axis) === rank;
  if (kernels.includes(name)) return groups === undefined || groups === null || groups === 1 ? 'kernel' : 'other';
  if (!isLast || String(activation).includes('softmax')) return 'other';
  const found = Object.entries(flows).find(([, names]) => names.includes(name));
  return found === undefined ? 'other' : (found[0] as ChannelFlow);
}
