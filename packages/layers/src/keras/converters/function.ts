import { qSoftmax } from '../../layers/q-softmax.ts';
import { qUnaryFunctionLUT } from '../../layers/q-unary-function-lut.ts';
import { quantizerOptions } from '../quantizer-options.ts';
import { type Converter, ioQuantizers, ownVariables, qLayerArgs } from '../recipe.ts';

/** Functions by table of HGQ2 (hgq2 §5.2). */
export const functionConverters: Readonly<Record<string, Converter>> = {
  QUnaryFunctionLUT(options) {
    const common = qLayerArgs(options);
    const activation = options.activation();
    const layer = qUnaryFunctionLUT({
      ...common,
      activation,
      allowHeterogeneousInput: options.boolean('allow_heterogeneous_input', true),
      allowHeterogeneousTable: options.boolean('allow_heterogeneous_table', true),
      overrideOqK0To0: options.boolean('override_oq_k0_to_0', false),
    });
    return { layer, stored: [ownVariables('', [], common), ...ioQuantizers('', common)] };
  },

  QSoftmax(options) {
    const common = qLayerArgs(options);
    const conf = (key: string) => quantizerOptions(options.raw(key), `${options.where}: ${key}`);
    const stable = options.boolean('stable', true);
    const [expIqConf, expOqConf, invIqConf, invOqConf] = [
      conf('exp_iq_conf'),
      conf('exp_oq_conf'),
      conf('inv_iq_conf'),
      conf('inv_oq_conf'),
    ];
    const layer = qSoftmax({
      ...common,
      axis: options.axes('axis'),
      stable,
      expIqConf,
      expOqConf,
      invIqConf,
      invOqConf,
      allowHeterogeneousTable: options.boolean('allow_heterogeneous_table', false),
      inputScaler: options.number('input_scaler', 1),
      parallelizationFactor: options.number('parallelization_factor', -1),
    });
    return {
      layer,
      stored: [
        ownVariables('', [], common),
        ...ioQuantizers('', common),
        ...(stable ? [{ group: 'exp_table/iq', quantizer: 'expIq' }] : []),
        { group: 'exp_table/oq', quantizer: 'expOq' },
        { group: 'inv_table/iq', quantizer: 'invIq' },
        { group: 'inv_table/oq', quantizer: 'invOq' },
      ],
    };
  },
};
