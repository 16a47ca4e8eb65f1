import { LayerError } from '../../layer-error.ts';
import { qDense } from '../../layers/q-dense.ts';
import { qEinsumDense } from '../../layers/q-einsum-dense.ts';
import { quantizer } from '../../layers/quantizer-layer.ts';
import type { Options } from '../options.ts';
import { quantizerOptions } from '../quantizer-options.ts';
import {
  type Converter,
  ioQuantizers,
  ownVariables,
  qLayerArgs,
  quantizersAt,
  refuseWeightPenalties,
} from '../recipe.ts';

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
        ...quantizersAt('', 'kq', ...(useBias ? ['bq'] : [])),
      ],
    };
  },

  QEinsumDense(options) {
    const common = qLayerArgs(options);
    refuseWeightPenalties(options);
    const biasAxes = options.raw('bias_axes') == null ? null : options.string('bias_axes');
    const sizes = options.raw('output_shape');
    const layer = qEinsumDense({
      ...common,
      equation: options.string('equation'),
      outputShape: (Array.isArray(sizes) ? sizes : options.number('output_shape')) as number | (number | null)[],
      activation: options.activation(),
      biasAxes,
      parallelizationFactor: options.number('parallelization_factor', -1),
      kqConf: quantizerOptions(options.raw('kq_conf'), `${options.where}: kq_conf`),
      bqConf: quantizerOptions(options.raw('bq_conf'), `${options.where}: bq_conf`),
    });
    const bias = biasAxes == null ? [] : ['bias'];
    return {
      layer,
      stored: [
        ownVariables('', ['kernel', ...bias], common),
        ...ioQuantizers('', common),
        ...quantizersAt('', 'kq', ...(biasAxes == null ? [] : ['bq'])),
      ],
    };
  },

  QBatchNormDense: (options) => refuseFused(options, 'qBatchNormDense'),

  QEinsumDenseBatchnorm: (options) => refuseFused(options, 'qDenseBatchNorm'),

  Quantizer(options) {
    const config = quantizerOptions(options.raw('config'), `${options.where}: config`);
    const args = { name: options.string('name'), trainable: options.boolean('trainable', true), config };
    return { layer: quantizer(args), stored: [{ group: '', quantizer: 'iq' }] };
  },
};

/** Our fused layers compute what the fusion should; the reference's compute something else (hgq2 §8.1, 9). */
function refuseFused(options: Options, ours: string): never {
  throw new LayerError(
    `${options.where}: it cannot be imported, because HGQ2 fuses the normalisation wrongly and its numbers would change. ` +
      `Train it anew with ${ours}.`,
  );
}
