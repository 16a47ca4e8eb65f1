import { qGRU } from '../../layers/q-gru.ts';
import type { QRecurrentArgs } from '../../layers/q-recurrent.ts';
import { qSimpleRNN } from '../../layers/q-simple-rnn.ts';
import type { Options } from '../options.ts';
import { quantizerAt } from '../quantizer-options.ts';
import { type Converter, ownVariables, penalties, qLayerArgs, quantizersAt, type Recipe } from '../recipe.ts';

/** Recurrent layers of HGQ2 (hgq2 §5.6). Their weights and quantizers lie in the group of the cell. */
export const recurrentConverters: Readonly<Record<string, Converter>> = {
  QSimpleRNN(options) {
    const common = commonArgs(options, -1);
    // The file does not hold enable_sq.
    const enableSq = common.sqConf != null;
    const layer = qSimpleRNN({ ...common, enableSq, paqConf: quantizerAt(options, 'paq_conf') });
    return recipe(layer, common, ['paq', ...(enableSq ? ['sq'] : [])]);
  },

  QGRU(options) {
    const common = commonArgs(options, 1);
    const layer = qGRU({
      ...common,
      recurrentActivation: options.activation('recurrent_activation'),
      resetAfter: options.boolean('reset_after', true),
      paqConf: quantizerAt(options, 'paq_conf'),
      praqConf: quantizerAt(options, 'praq_conf'),
      rhqConf: quantizerAt(options, 'rhq_conf'),
    });
    return recipe(layer, common, ['paq', 'praq', 'sq', 'rhq']);
  },
};

function commonArgs(options: Options, factor: number): QRecurrentArgs & ReturnType<typeof qLayerArgs> {
  if (options.raw('enable_oq') === true) {
    options.fail('enable_oq', 'false, the reference fails with it: put a Quantizer layer behind this one');
  }
  if (options.raw('stateful') === true) {
    options.fail('stateful', 'false: firmware starts every sequence with zeros. Give whole sequences');
  }
  for (const key of ['unroll', 'zero_output_for_mask', 'time_major']) options.raw(key);
  for (const key of ['dropout', 'recurrent_dropout']) {
    const rate = options.number(key, 0);
    if (rate > 0) options.note(`${options.where}: ${key} = ${rate} is not taken over; training goes on without it.`);
  }
  penalties(options, ['kernel', 'recurrent', 'bias']);
  return {
    ...qLayerArgs(options),
    units: options.number('units'),
    activation: options.activation(),
    useBias: options.boolean('use_bias', true),
    returnSequences: options.boolean('return_sequences', false),
    returnState: options.boolean('return_state', false),
    goBackwards: options.boolean('go_backwards', false),
    parallelizationFactor: options.number('parallelization_factor', factor),
    kqConf: quantizerAt(options, 'kq_conf'),
    rkqConf: quantizerAt(options, 'rkq_conf'),
    bqConf: quantizerAt(options, 'bq_conf'),
    sqConf: quantizerAt(options, 'sq_conf'),
  };
}

function recipe(layer: Recipe['layer'], common: ReturnType<typeof commonArgs>, quantizers: readonly string[]): Recipe {
  const bias = common.useBias === true;
  return {
    layer,
    stored: [
      { group: 'cell', variables: ['kernel', 'recurrent_kernel', ...(bias ? ['bias'] : [])] },
      ...(common.enableEbops === true ? [ownVariables('', [], common)] : []),
      ...quantizersAt('cell', 'kq', 'rkq', ...(bias ? ['bq'] : []), ...quantizers, ...(common.enableIq ? ['iq'] : [])),
    ],
  };
}
