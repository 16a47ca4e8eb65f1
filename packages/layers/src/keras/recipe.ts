import type * as tf from '@tensorflow/tfjs';
import type { QLayerArgs } from '../layers/q-layer.ts';
import type { QMergeArgs } from '../layers/q-merge.ts';
import type { KerasCall, KerasTensor } from './keras-calls.ts';
import type { Options } from './options.ts';
import { quantizerAt, quantizerOptions } from './quantizer-options.ts';
import type { KerasLayer } from './read-keras.ts';
import { leftOut } from './weight-training.ts';

/** Where a file keeps variables of a layer, relative to the layer's group; `''` is the group itself. */
export type Stored =
  | {
      readonly group: string;
      /** Our variable names by index; `ebops`, which we derive, among them. `/layer/name`: of another layer. */
      readonly variables: readonly string[];
      /** Values of settings that are not learned: a file may hold all of them as variables, or none. */
      readonly constants?: Readonly<Record<string, number>>;
      /** Our shapes of variables that the file holds in the same order of elements under another shape. */
      readonly shapes?: Readonly<Record<string, readonly number[]>>;
    }
  | {
      readonly group: string;
      /** Role of the quantizer in our layer: iq, kq, … */
      readonly quantizer: string;
    };

/** An unbuilt layer of ours and where the file keeps its variables. */
export interface Recipe {
  readonly layer: tf.layers.Layer;
  readonly stored: readonly Stored[];
  /** The tensors that our layer takes in a call, where they are not all of the call's in its order. */
  readonly tensors?: (call: KerasCall) => readonly KerasTensor[];
  /** Layers that the input passes before. */
  readonly before?: readonly tf.layers.Layer[];
  /** Layers that the result passes after. */
  readonly after?: readonly tf.layers.Layer[];
}

/**
 * Makes a layer from the settings in a file; `inputs`: how many tensors it is called with, `shapes`: theirs at the first
 * call, batch first; `file`: the layer with its stored arrays.
 */
export type Converter = (
  options: Options,
  inputs: number,
  shapes: readonly (readonly (number | null)[])[],
  file: KerasLayer,
) => Recipe;

/** Settings that all quantised layers share (hgq2 §5.1). */
export function qLayerArgs(options: Options): CommonArgs {
  const args = commonArgs(options);
  const iq = quantizerAt(options, 'iq_conf');
  return args.enableIq ? { ...args, iqConf: iq } : args;
}

/** The same for layers with several inputs: one input quantizer for all, or one each. */
export function qMergeArgs(options: Options): CommonArgs & QMergeArgs {
  const given = options.raw('iq_confs');
  const list = (Array.isArray(given) ? given : [given]).map((conf, index) =>
    quantizerOptions(conf, `${options.where}: iq_confs[${index}]`, options.note),
  );
  const iqConfs = list.filter((conf) => conf != null);
  const args = commonArgs(options);
  return args.enableIq ? { ...args, iqConfs: iqConfs.length === 1 ? iqConfs[0] : iqConfs } : args;
}

type CommonArgs = Omit<QLayerArgs, 'name' | 'trainable'> & { readonly name: string; readonly trainable: boolean };

/** As `qLayerArgs`, of layers without an input quantizer of their own. */
export function commonArgs(options: Options): CommonArgs {
  const enableOq = options.boolean('enable_oq');
  const oq = quantizerAt(options, 'oq_conf');
  return {
    name: options.string('name'),
    trainable: options.boolean('trainable', true),
    enableEbops: options.boolean('enable_ebops'),
    ebopsFactor: options.number('ebops_factor', 1),
    beta0: initialBeta(options, 'beta0'),
    enableIq: options.boolean('enable_iq'),
    enableOq,
    ...(enableOq ? { oqConf: oq } : {}),
  };
}

/** Penalties and constraints on weights that our layer has none for; the import tells them. */
export function penalties(options: Options, weights: readonly string[]): void {
  const keys = [...weights, 'activity'].map((kind) => `${kind}_regularizer`);
  for (const key of [...keys, ...weights.map((kind) => `${kind}_constraint`)]) leftOut(options, key);
  options.expect('quantization_config');
}

/** The layer's own variables followed by β and EBOPs, both absent when EBOPs are disabled (hgq2 §5.10). */
export function ownVariables(group: string, names: readonly string[], args: QLayerArgs): Stored {
  return { group, variables: args.enableEbops ? [...names, 'beta', 'ebops'] : names };
}

/** Quantizers whose group in the file is called as our role. */
export function quantizersAt(group: string, ...roles: readonly string[]): readonly Stored[] {
  return roles.map((role) => ({ group: group === '' ? role : `${group}/${role}`, quantizer: role }));
}

/** The input and output quantizers that are there. */
export function ioQuantizers(group: string, args: QLayerArgs): readonly Stored[] {
  return quantizersAt(group, ...(args.enableIq ? ['iq'] : []), ...(args.enableOq ? ['oq'] : []));
}

/** The quantizers of a layer with several inputs: numbered inside one container (hgq2 §5.10). */
export function mergeQuantizers(inputs: number, args: QLayerArgs): readonly Stored[] {
  const iqs = Array.from({ length: args.enableIq ? inputs : 0 }, (_, index) => ({
    group: `iq/quantizers/quantizer${index === 0 ? '' : `_${index}`}`,
    quantizer: index === 0 ? 'iq' : `iq_${index}`,
  }));
  return [...iqs, ...quantizersAt('', ...(args.enableOq ? ['oq'] : []))];
}

/** A number or an initializer; the file's variable holds what it made. */
function initialBeta(options: Options, key: string): number {
  const value = options.raw(key);
  if (typeof value === 'number') return value;
  const { class_name: className, config } = (value ?? {}) as { class_name?: string; config?: { value?: unknown } };
  if (typeof config?.value === 'number') return config.value;
  return className == null ? options.fail(key, 'a number or an initializer') : 0;
}
