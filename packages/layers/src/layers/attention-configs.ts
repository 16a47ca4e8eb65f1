import type { Place, QuantizerConfig } from '../config/quantizer-settings.ts';
import type { QMultiHeadAttentionArgs } from './attention-args.ts';
import type { QuantizerLike } from './q-layer.ts';
import { withOneFormat } from './q-unary-function-lut.ts';

const places = {
  qkvoIqConf: 'datalane',
  qkvoKqConf: 'weight',
  qkvoBqConf: 'bias',
  qkvoOqConf: 'datalane',
  softmaxExpIqConf: 'datalane',
  softmaxExpOqConf: 'table',
  softmaxInvIqConf: 'datalane',
  softmaxInvOqConf: 'table',
  softmaxOqConf: 'datalane',
} as const;

type Option = keyof typeof places;

/** Complete quantizer configs by the option that gives them. */
export type AttentionConfigs = Readonly<Record<Option, QuantizerConfig>>;

/**
 * What the user gave over the defaults now in force: the parts of an attention are made later.
 *
 * @param resolve the config of a role (the option without Conf)
 */
export function attentionConfigs(
  args: QMultiHeadAttentionArgs,
  resolve: (role: string, given: QuantizerLike | null | undefined, place: Place) => QuantizerConfig,
): AttentionConfigs {
  const single = args.softmaxAllowHeterogeneousTable !== true;
  const given: Partial<Record<Option, QuantizerLike | null>> = {
    ...args,
    softmaxExpIqConf: withOneFormat(args.softmaxExpIqConf ?? { overflowMode: 'SAT' }, 'datalane', single),
    softmaxInvIqConf: withOneFormat(args.softmaxInvIqConf, 'datalane', single),
  };
  const options = Object.entries(places) as [Option, Place][];
  const entries = options.map(([option, place]) => [
    option,
    resolve(option.slice(0, -'Conf'.length), given[option], place),
  ]);
  return Object.fromEntries(entries);
}
