import type * as tf from '@tensorflow/tfjs';
import type { ConstantChannels } from './constant-channels.ts';
import { channelFlow } from './layer-flow.ts';

/** What may be removed. */
export interface RemovableChannels {
  /** 1 for channels without which the model computes the same, by symbolic tensor id. */
  readonly of: ReadonlyMap<number, Uint8Array>;
  /** Whole lines: constant channels that stay, and why, or that go although they were not 0. */
  readonly notes: readonly string[];
}

/** What to do with channels that cannot be left out exactly. */
export type Inexact = 'keep' | 'remove';

/**
 * Channels that can be removed everywhere on their way from the kernel that makes them to the kernels that take them. A constant that is not 0 can go where it
 * can be added to a bias: in dense layers and convolutions without padding, in floating point.
 */
export function removableChannels(
  model: tf.LayersModel,
  constants: ConstantChannels,
  inexact: Inexact,
): RemovableChannels {
  const of = new Map(
    [...constants].map(([id, values]) => [id, Uint8Array.from(values, (v) => (Number.isNaN(v) ? 0 : 1))]),
  );
  const notes: string[] = [];
  const forbid = (id: number, channel: number): boolean => {
    const list = of.get(id) as Uint8Array;
    if (list[channel] === 0) return false;
    list[channel] = 0;
    return true;
  };
  const forbidAll = (tensors: readonly tf.SymbolicTensor[]): void => {
    for (const { id } of tensors) of.get(id)?.fill(0);
  };
  forbidAll(model.outputs);
  for (const layer of model.layers) {
    const [node] = layer.inboundNodes;
    const flow = channelFlow(layer);
    if (flow === 'other') forbidAll(node.inputTensors);
    if (flow === 'kernel') {
      const [{ id }] = node.inputTensors;
      const values = constants.get(id) as Float64Array;
      const why = whyNotExact(layer);
      values.forEach((value, channel) => {
        if (Number.isNaN(value) || value === 0 || why === null) return;
        if (inexact === 'keep') forbid(id, channel);
        notes.push(
          `Layer '${layer.name}': channel ${channel} of its input is always ${value}, which cannot become part of a bias (${why}); ${
            inexact === 'keep' ? 'it stays' : 'it was removed, and outputs change'
          }`,
        );
      });
    }
  }
  const settle = (): void => {
    for (let changes = true; changes; ) {
      changes = false;
      for (const layer of model.layers) changes = agree(layer, of, forbid) || changes;
    }
  };
  settle();
  for (const layer of model.layers) {
    const own = of.get(layer.inboundNodes[0].outputTensors[0]?.id ?? -1);
    if (channelFlow(layer) !== 'kernel' || own === undefined || own.includes(0)) continue;
    own[0] = 0;
    notes.push(`Layer '${layer.name}': all its outputs are constant; one stays`);
    settle();
  }
  return { of, notes };
}

/** Lets inputs and output of a layer lose the same channels. */
function agree(
  layer: tf.layers.Layer,
  of: ReadonlyMap<number, Uint8Array>,
  forbid: (id: number, channel: number) => boolean,
): boolean {
  const [node] = layer.inboundNodes;
  const flow = channelFlow(layer);
  if (flow === 'kernel' || flow === 'other') return false;
  const [{ id: output }] = node.outputTensors;
  const inputs = node.inputTensors.map(({ id }) => id);
  const channelsOf = (id: number): Uint8Array => of.get(id) as Uint8Array;
  let changes = false;
  const link = (places: readonly (readonly [id: number, channel: number])[]): void => {
    if (places.every(([id, channel]) => channelsOf(id)[channel] === 1)) return;
    for (const [id, channel] of places) changes = forbid(id, channel) || changes;
  };
  const count = channelsOf(output).length;
  switch (flow) {
    case 'same':
      for (let c = 0; c < count; c++)
        link([
          [output, c],
          [inputs[0], c],
        ]);
      break;
    case 'merge':
      // Inputs of other widths are broadcast.
      for (const id of inputs) {
        if (channelsOf(id).length !== count) for (let c = 0; c < count; c++) changes = forbid(output, c) || changes;
      }
      for (let c = 0; c < count; c++) {
        link([[output, c] as const, ...inputs.filter((id) => c < channelsOf(id).length).map((id) => [id, c] as const)]);
      }
      break;
    case 'flatten': {
      const width = channelsOf(inputs[0]).length;
      for (let c = 0; c < width; c++) {
        const positions = Array.from({ length: count / width }, (_, p) => [output, p * width + c] as const);
        link([[inputs[0], c], ...positions]);
      }
      break;
    }
    case 'concat': {
      let first = 0;
      for (const id of inputs) {
        const width = channelsOf(id).length;
        for (let c = 0; c < width; c++)
          link([
            [output, first + c],
            [id, c],
          ]);
        first += width;
      }
    }
  }
  return changes;
}

/** Why a constant in the input cannot become part of the bias; null if it can. */
function whyNotExact(layer: tf.layers.Layer): string | null {
  const name = layer.getClassName();
  if (name !== 'Dense' && name !== 'Conv2D') return 'the layer quantises';
  const { useBias, padding, kernelSize } = layer.getConfig() as Record<string, unknown>;
  if (useBias === false) return 'the layer has no bias';
  const isPoint = [kernelSize].flat().every((side) => side === 1);
  if (name === 'Conv2D' && padding === 'same' && !isPoint) return 'the layer pads with zeros';
  return null;
}
