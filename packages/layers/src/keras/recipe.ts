import type * as tf from '@tensorflow/tfjs';
import type { QLayerArgs } from '../layers/q-layer.ts';
import type { Options } from './options.ts';
import { quantizerOptions } from './quantizer-options.ts';

/** Where a file keeps variables of a layer, relative to the layer's group; `''` is the group itself. */
export type Stored =
  | {
      readonly group: string;
      /** Our variable names by index; null = stored but derived here (EBOPs). */
      readonly variables: readonly (string | null)[];
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
}

/** Makes a layer from the settings in a file. */
export type Converter = (options: Options) => Recipe;

/** Settings that all quantised layers share (hgq2 §5.1). */
export function qLayerArgs(options: Options): QLayerArgs & { readonly name: string; readonly trainable: boolean } {
  const enableIq = options.boolean('enable_iq');
  const enableOq = options.boolean('enable_oq');
  const iq = quantizerOptions(options.raw('iq_conf'), `${options.where}: iq_conf`);
  const oq = quantizerOptions(options.raw('oq_conf'), `${options.where}: oq_conf`);
  return {
    name: options.string('name'),
    trainable: options.boolean('trainable', true),
    enableEbops: options.boolean('enable_ebops'),
    ebopsFactor: options.number('ebops_factor', 1),
    beta0: constant(options, 'beta0'),
    enableIq,
    enableOq,
    ...(enableIq ? { iqConf: iq } : {}),
    ...(enableOq ? { oqConf: oq } : {}),
  };
}

/** Regularisers and constraints on weights, which our layers do not have. */
export function refuseWeightPenalties(options: Options): void {
  for (const kind of ['kernel', 'bias', 'activity']) options.expect(`${kind}_regularizer`);
  for (const kind of ['kernel', 'bias']) options.expect(`${kind}_constraint`);
  options.expect('quantization_config');
}

/** The layer's own variables followed by β and EBOPs, both absent when EBOPs are disabled (hgq2 §5.10). */
export function ownVariables(group: string, names: readonly string[], args: QLayerArgs): Stored {
  return { group, variables: args.enableEbops ? [...names, 'beta', null] : names };
}

/** The input and output quantizers that are there. */
export function ioQuantizers(group: string, args: QLayerArgs): readonly Stored[] {
  const roles = [...(args.enableIq ? ['iq'] : []), ...(args.enableOq ? ['oq'] : [])];
  return roles.map((role) => ({ group: group === '' ? role : `${group}/${role}`, quantizer: role }));
}

/** A number or a Constant initializer. */
function constant(options: Options, key: string): number {
  const value = options.raw(key);
  if (typeof value === 'number') return value;
  const stored = (value as { config?: { value?: unknown } } | null | undefined)?.config?.value;
  return typeof stored === 'number' ? stored : options.fail(key, 'a number or a Constant initializer');
}
