import { qAffinedUnaryFunctionLUT } from '../../layers/q-affined-unary-function-lut.ts';
import { qSoftmax } from '../../layers/q-softmax.ts';
import { type QUnaryFunctionLUTArgs, qUnaryFunctionLUT } from '../../layers/q-unary-function-lut.ts';
import type { Options } from '../options.ts';
import { quantizerAt } from '../quantizer-options.ts';
import { type Converter, ioQuantizers, ownVariables, qLayerArgs, type Recipe } from '../recipe.ts';

/** Functions by table of HGQ2 (hgq2 §5.2). */
export const functionConverters: Readonly<Record<string, Converter>> = {
  QUnaryFunctionLUT: (options) => table(options, [], qUnaryFunctionLUT),

  QAffinedUnaryFunctionLUT: (options) => table(options, ['scale', 'bias'], qAffinedUnaryFunctionLUT),

  QSoftmax(options) {
    const common = qLayerArgs(options);
    const conf = (key: string) => quantizerAt(options, key);
    const stable = options.boolean('stable', true);
    const [expIqConf, expOqConf, invIqConf, invOqConf] = [
      conf('exp_iq_conf'),
      conf('exp_oq_conf'),
      conf('inv_iq_conf'),
      conf('inv_oq_conf'),
    ];
    const layer = qSoftmax({
      ...common,
      axis: options.has('axes') || !options.has('axis') ? options.axes('axes') : options.axes('axis'),
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

function table(
  options: Options,
  weights: readonly string[],
  make: (args: QUnaryFunctionLUTArgs) => Recipe['layer'],
): Recipe {
  const common = qLayerArgs(options);
  const layer = make({
    ...common,
    activation: options.activation(),
    allowHeterogeneousInput: options.boolean('allow_heterogeneous_input', true),
    allowHeterogeneousTable: options.boolean('allow_heterogeneous_table', true),
    overrideOqK0To0: options.boolean('override_oq_k0_to_0', false),
  });
  return { layer, stored: [ownVariables('', weights, common), ...ioQuantizers('', common)] };
}
