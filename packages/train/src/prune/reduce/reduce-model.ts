import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { OptionError } from '../../option-error.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { inTidy } from '../in-tidy.ts';
import { type OldVariable, rebuildModel } from '../rebuild-model.ts';
import { type ConstantChannels, constantChannels, probes } from './constant-channels.ts';
import { channelFlow } from './layer-flow.ts';
import { type Inexact, type RemovableChannels, removableChannels } from './removable-channels.ts';

/** How to reduce. */
export interface ReduceOptions {
  /**
   * What to do with neurons and filters of zeros whose result is constant but not 0 where that constant cannot become part of the next bias exactly: `'keep'` them
   * (default), or `'remove'` them, as upstream does, which changes outputs. Either way a note says so.
   */
  readonly inexact?: Inexact;
}

/** A smaller model. */
export interface ReducedModel {
  readonly model: tf.LayersModel;
  /** Neurons and filters that are gone, by layer; layers that lost none are left out. */
  readonly removed: ReadonlyMap<string, readonly number[]>;
  /** Whole lines: what could not be removed, or not exactly. */
  readonly notes: readonly string[];
  /** Largest difference of outputs on a few random inputs: rounding, unless a note says more. */
  readonly maxDifference: number;
}

/**
 * A copy without the neurons and filters whose weights are all 0, and without the weights that take their results (upstream `reduce_model`): through
 * activations, batch normalisations, poolings, flatten, merges, and sparse layers, in sequential and functional models. The outputs of the model stay all there.
 *
 * A removed neuron with a bias still gives `act(bias)`, always the same: it goes into the biases of the next layers (upstream forgets it). Where that is not
 * exact, in front of quantised layers and of convolutions that pad with zeros, the neuron stays, unless it gives 0.
 *
 * Quantizers keep their settings; their variables lose the channels, too. Layers that are used more than once or that mix channels in
 * another way keep all their inputs, as do layers of nested models.
 *
 * @throws OptionError for what is no model
 */
export async function reduceModel(
  model: tf.LayersModel,
  { inexact = 'keep' }: ReduceOptions = {},
): Promise<ReducedModel> {
  checkModel(model, 'reduceModel');
  if (inexact !== 'keep' && inexact !== 'remove') {
    throw new OptionError(`reduceModel: inexact '${String(inexact)}' is none of keep, remove`);
  }
  if (model instanceof tf.Sequential && !model.built) model.build();
  const inner = model instanceof tf.Sequential ? (model as unknown as { model: tf.LayersModel }).model : model;
  const constants = constantChannels(inner);
  const removable = removableChannels(inner, constants, inexact);
  const cuts = cutsOf(inner, removable);
  const biases = foldedBiases(inner, constants, removable);
  const reduced = await rebuildModel(
    model,
    ({ name, config }) => {
      const cut = cuts.get(name);
      const count = cut?.isKernel === true ? cut.outputs.length : 0;
      if (count === 0) return config;
      return { ...config, ['units' in config ? 'units' : 'filters']: count };
    },
    (key, old) => {
      const [name, ...rest] = key.split('/');
      const cut = cuts.get(name);
      if (cut === undefined) return old.values;
      const variable = rest.join('/');
      const values = variable === 'bias' ? (biases.get(name) ?? old.values) : old.values;
      return cutVariable(variable, { ...old, values }, cut).values;
    },
  );
  const removed = new Map(
    [...cuts].flatMap(([name, { isKernel, outputs, outputCount }]) => {
      const gone = Array.from({ length: outputCount }, (_, c) => c).filter((c) => !outputs.includes(c));
      return isKernel && gone.length > 0 ? [[name, gone] as const] : [];
    }),
  );
  return { model: reduced, removed, notes: removable.notes, maxDifference: difference(model, reduced) };
}

/** Channels that a layer keeps. */
interface Cut {
  readonly isKernel: boolean;
  readonly inputs: readonly number[];
  readonly inputCount: number;
  readonly outputs: readonly number[];
  readonly outputCount: number;
}

function cutsOf(model: tf.LayersModel, { of }: RemovableChannels): ReadonlyMap<string, Cut> {
  const kept = (
    tensor: tf.SymbolicTensor | undefined,
  ): { readonly list: readonly number[]; readonly count: number } => {
    const flags = tensor === undefined ? undefined : of.get(tensor.id);
    const all = Array.from(flags ?? [], (_, c) => c);
    return { list: all.filter((c) => flags?.[c] === 0), count: all.length };
  };
  return new Map(
    model.layers.map((layer) => {
      const [node] = layer.inboundNodes;
      const [input, output] = [kept(node.inputTensors[0]), kept(node.outputTensors[0])];
      const isKernel = channelFlow(layer) === 'kernel';
      const cut = {
        isKernel,
        inputs: input.list,
        inputCount: input.count,
        outputs: output.list,
        outputCount: output.count,
      };
      return [layer.name, cut] as const;
    }),
  );
}

/** Biases with what removed channels always gave. */
function foldedBiases(
  model: tf.LayersModel,
  constants: ConstantChannels,
  { of }: RemovableChannels,
): ReadonlyMap<string, Float32Array> {
  const biases = new Map<string, Float32Array>();
  for (const layer of model.layers) {
    if (channelFlow(layer) !== 'kernel') continue;
    const { padding, kernelSize, useBias } = layer.getConfig() as Record<string, unknown>;
    const isPadded = padding === 'same' && [kernelSize].flat().some((side) => side !== 1);
    if (!['Dense', 'Conv2D'].includes(layer.getClassName()) || useBias === false || isPadded) continue;
    const [{ id }] = layer.inboundNodes[0].inputTensors;
    const values = constants.get(id) as Float64Array;
    const gone = of.get(id) as Uint8Array;
    const kernel = prunableKernel(layer)?.variable;
    const bias = layer.weights[1]?.read().dataSync<'float32'>();
    if (kernel === undefined || bias === undefined) continue;
    const weights = kernel.dataSync<'float32'>();
    const outputs = bias.length;
    const sums = Float64Array.from(bias);
    weights.forEach((w, j) => {
      const channel = Math.floor(j / outputs) % values.length;
      if (gone[channel] === 1) sums[j % outputs] += w * values[channel];
    });
    biases.set(layer.name, Float32Array.from(sums));
  }
  return biases;
}

/** The part of a variable that belongs to the channels that stay. */
function cutVariable(name: string, old: OldVariable, cut: Cut): OldVariable {
  const last = old.shape.length - 1;
  if (cut.isKernel && /^(kernel|kq\/)/.test(name)) {
    const rows = pickAxis(old, last - 1, cut.inputs, cut.inputCount);
    return pickAxis(rows, last, cut.outputs, cut.outputCount);
  }
  if (/^iq\//.test(name)) return pickAxis(old, last, cut.inputs, cut.inputCount);
  return pickAxis(old, last, cut.outputs, cut.outputCount);
}

/** Without what lies along an axis at other places than `kept`; axes of another length hold what channels share. */
function pickAxis(old: OldVariable, axis: number, kept: readonly number[], count: number): OldVariable {
  const { values, shape } = old;
  if (axis < 0 || shape[axis] !== count || kept.length === count) return old;
  const behind = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const outer = shape.slice(0, axis).reduce((product, extent) => product * extent, 1);
  const picked = new Float32Array(outer * kept.length * behind);
  for (let o = 0; o < outer; o++) {
    for (const [k, c] of kept.entries()) {
      const from = (o * count + c) * behind;
      picked.set(values.subarray(from, from + behind), (o * kept.length + k) * behind);
    }
  }
  return { values: picked, shape: shape.map((extent, d) => (d === axis ? kept.length : extent)) };
}

function difference(model: tf.LayersModel, reduced: tf.LayersModel): number {
  return inTidy(() => {
    const inputs = probes(model);
    const run = (one: tf.LayersModel): tf.Tensor[] => [one.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
    const expected = run(model);
    return Math.max(...run(reduced).map((output, j) => tf.max(tf.abs(tf.sub(output, expected[j]))).dataSync()[0]));
  });
}
