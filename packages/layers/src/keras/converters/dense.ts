import { qDense } from '../../layers/q-dense.ts';
import { quantizer } from '../../layers/quantizer-layer.ts';
import { quantizerOptions } from '../quantizer-options.ts';
import { type Converter, ioQuantizers, ownVariables, qLayerArgs, refuseWeightPenalties } from '../recipe.ts';

/** Layers of HGQ2 with a kernel, and its stand-alone quantizer (hgq2 §5.2). */
export const denseConverters: Readonly<Record<string, Converter>> = {
  QDense(options) {
    const common = qLayerArgs(options);
    const useBias = options.boolean('use_bias');
    refuseWeightPenalties(options);
    const layer = qDense({
      ...common,
      units: options.number('units'),
      activation: options.activation(),
      useBias,
      parallelizationFactor: options.number('parallelization_factor', -1),
      kqConf: quantizerOptions(options.raw('kq_conf'), `${options.where}: kq_conf`),
      bqConf: quantizerOptions(options.raw('bq_conf'), `${options.where}: bq_conf`),
    });
    return {
      layer,
      stored: [
        ownVariables('', useBias ? ['kernel', 'bias'] : ['kernel'], common),
        ...ioQuantizers('', common),
        { group: 'kq', quantizer: 'kq' },
        ...(useBias ? [{ group: 'bq', quantizer: 'bq' }] : []),
      ],
    };
  },

  Quantizer(options) {
    const config = quantizerOptions(options.raw('config'), `${options.where}: config`);
    const args = { name: options.string('name'), trainable: options.boolean('trainable', true), config };
    return { layer: quantizer(args), stored: [{ group: '', quantizer: 'iq' }] };
  },
};
