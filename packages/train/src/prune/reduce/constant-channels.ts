import { layerOutputs } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { randomSource } from '../../data/random.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { channelFlow } from './layer-flow.ts';

/** Value of every channel of a tensor if it is the same everywhere, whatever the image; else NaN. By symbolic tensor id. */
export type ConstantChannels = ReadonlyMap<number, Float64Array>;

const examples = 4;

/** Numbers to try the model with: normal ones, and sparse ones from 0 to 1. */
export function probes(model: tf.LayersModel): tf.Tensor[] {
  return model.inputs.map(({ shape }, j) => {
    const random = randomSource(18, j);
    const extents = shape.slice(1).map((extent) => extent ?? 1);
    const size = extents.reduce((product, extent) => product * extent, 1);
    const values = Float32Array.from({ length: examples * size }, (_, k) => {
      if (k < (examples / 2) * size) return random.normal();
      return random.unit() < 0.3 ? random.unit() : 0;
    });
    return tf.tensor(values, [examples, ...extents]);
  });
}

/**
 * Channels that a kernel of zeros makes constant, and what becomes of them on their way. Which ones follows from the weights and the layers; their values, and
 * whether they are the same at all positions, from the model itself.
 */
export function constantChannels(model: tf.LayersModel): ConstantChannels {
  const inputs = probes(model);
  const outputs = layerOutputs(model, inputs.length === 1 ? inputs[0] : inputs, { allOutputs: true });
  tf.dispose(inputs);
  const constants = new Map<number, Float64Array>();
  for (const layer of model.layers) {
    const [node] = layer.inboundNodes;
    for (const [index, tensor] of node.outputTensors.entries()) {
      const found = outputs.get(index === 0 ? layer.name : `${layer.name}:${index}`);
      const channels = tensor.shape[tensor.shape.length - 1] ?? 1;
      const may = index === 0 ? mayBeConstant(layer, channels, constants) : () => false;
      const values = found?.values ?? new Float32Array(0);
      constants.set(
        tensor.id,
        Float64Array.from({ length: channels }, (_, c) => (may(c) ? sameEverywhere(values, c, channels) : Number.NaN)),
      );
    }
  }
  return constants;
}

/** By structure: whether nothing but constants comes into a channel. */
function mayBeConstant(
  layer: tf.layers.Layer,
  channels: number,
  constants: ConstantChannels,
): (channel: number) => boolean {
  const [node] = layer.inboundNodes;
  const known = node.inputTensors.map(({ id }) => constants.get(id) ?? new Float64Array(0));
  const isKnown = (input: number, c: number): boolean => !Number.isNaN(known[input][c] ?? Number.NaN);
  switch (channelFlow(layer)) {
    case 'kernel': {
      const values = prunableKernel(layer)?.variable.dataSync<'float32'>() ?? new Float32Array(0);
      const isZero = new Uint8Array(channels).fill(1);
      values.forEach((w, j) => {
        if (w !== 0) isZero[j % channels] = 0;
      });
      return (c) => values.length > 0 && isZero[c] === 1;
    }
    case 'same':
      return (c) => isKnown(0, c);
    case 'merge':
      return (c) => known.every((_, input) => isKnown(input, c));
    case 'flatten':
      return (c) => isKnown(0, c % known[0].length);
    case 'concat': {
      const places = known.flatMap((list, input) => Array.from(list, (_, c) => [input, c] as const));
      return (c) => isKnown(...places[c]);
    }
    case 'other':
      return () => false;
  }
}

function sameEverywhere(values: Float32Array, channel: number, channels: number): number {
  const first = values[channel] ?? Number.NaN;
  for (let j = channel; j < values.length; j += channels) if (values[j] !== first) return Number.NaN;
  return first;
}
