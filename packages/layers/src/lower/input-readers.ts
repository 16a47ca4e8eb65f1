import { type Format, sizeOf } from '@sp/quant';
import { type CastModes, formatAt } from '@sp/quant/internal';
import * as tf from '@tensorflow/tfjs';
import { QLayer } from '../layers/q-layer.ts';
import { QMerge } from '../layers/q-merge.ts';
import { QMultiHeadAttention } from '../layers/q-multi-head-attention.ts';
import { QPooling } from '../layers/q-pooling.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { activationFormats } from './activation-formats.ts';

/** A layer that reads a model input, perhaps behind layers that only move numbers. */
export interface InputReader {
  /** The quantizer that the numbers meet first, or null. */
  readonly quantizer: Quantizer | null;
  readonly layer: string;
  /** Whether nothing lies between the input and it. */
  readonly direct: boolean;
}

/** Layers that change no number. */
const moving = new Set([
  'AlphaDropout',
  'Dropout',
  'Flatten',
  'GaussianDropout',
  'GaussianNoise',
  'MaxPooling1D',
  'MaxPooling2D',
  'Permute',
  'RepeatVector',
  'Reshape',
  'SparseFlatten',
  'SpatialDropout1D',
  'Take',
  'ZeroPad',
  'ZeroPadding2D',
]);

type Edge = { readonly layer: tf.layers.Layer; readonly outputs: readonly tf.SymbolicTensor[]; readonly index: number };

/** Everything that reads the input `symbolic` of `model`. */
export function inputReaders(model: tf.LayersModel, symbolic: tf.SymbolicTensor): readonly InputReader[] {
  const edges = edgesOf(model);
  const leaves = new Set(model.outputs.map(({ id }) => id));
  const follow = (tensor: tf.SymbolicTensor, direct: boolean): readonly InputReader[] => {
    const end = { quantizer: null, layer: tensor.sourceLayer.name, direct };
    const next = (edges.get(tensor.id) ?? []).flatMap(({ layer, outputs, index }): readonly InputReader[] => {
      if (layer instanceof tf.LayersModel) return inputReaders(layer, layer.inputs[index]);
      if (moves(layer)) return outputs.flatMap((output) => follow(output, false));
      return quantizersOf(layer, index).map((quantizer) => ({ quantizer, layer: layer.name, direct }));
    });
    return leaves.has(tensor.id) ? [end, ...next] : next;
  };
  return follow(symbolic, true);
}

/** How often every tensor of a model is read, by id. */
export function edgesOf(model: tf.LayersModel): ReadonlyMap<number, readonly Edge[]> {
  const edges = new Map<number, Edge[]>();
  const seen = new Set<number>();
  const visit = (tensor: tf.SymbolicTensor): void => {
    if (seen.has(tensor.id)) return;
    const node = nodeOf(tensor);
    for (const output of node.outputTensors) seen.add(output.id);
    // tfjs has an input read itself.
    if (tensor.sourceLayer.getClassName() === 'InputLayer') return;
    for (const [index, input] of node.inputTensors.entries()) {
      edges.set(input.id, [
        ...(edges.get(input.id) ?? []),
        { layer: tensor.sourceLayer, outputs: node.outputTensors, index },
      ]);
      visit(input);
    }
  };
  for (const output of model.outputs) visit(output);
  return edges;
}

/** The call of a layer that made a tensor. */
export function nodeOf(tensor: tf.SymbolicTensor): tf.layers.Layer['inboundNodes'][number] {
  const { inboundNodes } = tensor.sourceLayer;
  return inboundNodes.find(({ outputTensors }) => outputTensors.some(({ id }) => id === tensor.id)) ?? inboundNodes[0];
}

/**
 * A format for an input with several readers, or behind layers that move numbers, in which all of them round as they
 * would round the numbers themselves: cutting off below the finest step (half a step for RND) changes no rounding that
 * follows, and neither does a wider range of the same kind of overflow.
 *
 * @returns null when a reader has no quantizer, or modes that do not nest
 */
export function sharedInputFormat(
  readers: readonly InputReader[],
): { readonly format: Format; readonly modes: CastModes } | null {
  const all: Format[] = [];
  const overflows = new Set<string>();
  const rounds = new Set<string>();
  for (const { quantizer, layer } of readers) {
    if (quantizer == null || quantizer.config.qType === 'dummy' || quantizer.config.qType === 'float') return null;
    const formats = activationFormats(quantizer, layer);
    if (formats == null) return null;
    const { roundMode, overflowMode } = quantizer.config;
    overflows.add(overflowMode === 'SAT_SYM' ? 'SAT' : overflowMode);
    rounds.add(roundMode.replace(/^S_/, ''));
    const extra = roundMode === 'TRN' ? 0 : 1;
    for (let j = 0; j < sizeOf(formats.shape); j++) {
      const format = formatAt(formats, j);
      all.push({ ...format, f: format.f + extra });
    }
  }
  const [overflow] = overflows;
  const nests = [...rounds].every((round) => round === 'TRN' || round === 'RND');
  if (all.length === 0 || overflows.size > 1 || !nests || (overflow !== 'WRAP' && overflow !== 'SAT')) return null;
  const most = (key: 'k' | 'i' | 'f'): number => all.reduce((m, format) => Math.max(m, format[key]), -Infinity);
  return { format: { k: most('k') as 0 | 1, i: most('i'), f: most('f') }, modes: { round: 'TRN', overflow } };
}

function moves(layer: tf.layers.Layer): boolean {
  if (layer instanceof QPooling) return layer.mode === 'max' && layer.iq == null && layer.oq == null;
  if (layer.getClassName() === 'Activation') return layer.getConfig()['activation'] === 'linear';
  return moving.has(layer.getClassName());
}

/** The quantizers that the numbers of an input meet first. */
function quantizersOf(layer: tf.layers.Layer, index: number): readonly (Quantizer | null)[] {
  if (layer instanceof QMerge) return [layer.iqs[index] ?? null];
  if (layer instanceof QMultiHeadAttention) return layer.readersOf(index);
  return [layer instanceof QLayer && index === 0 ? layer.iq : null];
}
