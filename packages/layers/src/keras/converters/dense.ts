import type { FusedDenseArgs } from '../../layers/fused-dense.ts';
import { qBatchNormDense } from '../../layers/q-batch-norm-dense.ts';
import { qDense } from '../../layers/q-dense.ts';
import { qDenseBatchNorm } from '../../layers/q-dense-batch-norm.ts';
import { qEinsumDense } from '../../layers/q-einsum-dense.ts';
import { quantizer } from '../../layers/quantizer-layer.ts';
import type { Options } from '../options.ts';
import { quantizerAt } from '../quantizer-options.ts';
import {
  type Converter,
  ioQuantizers,
  ownVariables,
  penalties,
  qLayerArgs,
  quantizersAt,
  type Stored,
} from '../recipe.ts';
import { weightTraining } from '../weight-training.ts';

/** Layers of HGQ2 with a kernel, and its stand-alone quantizer (hgq2 §5.2). */
export const denseConverters: Readonly<Record<string, Converter>> = {
  QDense(options) {
    const common = qLayerArgs(options);
    const useBias = options.boolean('use_bias');
    const layer = qDense({
      ...common,
      ...weightTraining(options),
      units: options.number('units'),
      activation: options.activation(),
      useBias,
      parallelizationFactor: options.number('parallelization_factor', -1),
      kqConf: quantizerAt(options, 'kq_conf'),
      bqConf: quantizerAt(options, 'bq_conf'),
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
    const biasAxes = options.raw('bias_axes') == null ? null : options.string('bias_axes');
    const sizes = options.raw('output_shape');
    const layer = qEinsumDense({
      ...common,
      ...weightTraining(options),
      equation: options.string('equation'),
      outputShape: (Array.isArray(sizes) ? sizes : options.number('output_shape')) as number | (number | null)[],
      activation: options.activation(),
      biasAxes,
      parallelizationFactor: options.number('parallelization_factor', -1),
      kqConf: quantizerAt(options, 'kq_conf'),
      bqConf: quantizerAt(options, 'bq_conf'),
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

  QBatchNormDense(options) {
    const { args, common } = fusedArgs(options);
    penalties(options, ['kernel', 'bias', 'bn_gamma']);
    options.raw('synchronized');
    const scale = options.boolean('scale', true);
    const layer = qBatchNormDense({
      ...args,
      units: options.number('units'),
      scale,
      momentum: options.number('momentum', 0.99),
      epsilon: options.number('epsilon', 1e-3),
      unscaledMean: true,
    });
    options.expect('use_bias', true);
    const trained = ['kernel', 'bias', ...(scale ? ['bn_gamma'] : [])];
    return { layer, stored: fusedVariables(trained, common) };
  },

  QEinsumDenseBatchnorm(options, _inputs, _shapes, file) {
    const { args, common } = fusedArgs(options);
    penalties(options, ['kernel', 'bias']);
    for (const key of ['synchronized', 'normalize_axes', 'output_shape', 'epsilon']) options.raw(key);
    const equation = options.string('equation').replaceAll(' ', '');
    const [, , , output] = /^(\.\.\.|[a-zA-Z]*)([a-zA-Z]),\2([a-zA-Z])->\1\3$/.exec(equation) ?? [];
    if (output == null || options.string('bias_axes') !== output) {
      return options.fail(
        'equation',
        "a product over the last axis, such as 'bij,jk->bik' with bias_axes 'k'; train qEinsumDense and qBatchNormalization for another",
      );
    }
    const kernel = file.arrays.get('vars/0');
    if (kernel == null) return options.fail('name', 'a layer with a stored kernel');
    // The file does not hold scale and center: gamma is stored or not, an untrained bias comes last.
    const gammas = [...file.arrays.keys()].filter((path) => /^vars\/\d+$/.test(path)).length;
    const scale = options.boolean('scale', gammas > (common.enableEbops ? 6 : 4));
    const layer = qDenseBatchNorm({
      ...args,
      units: kernel.shape[kernel.shape.length - 1],
      scale,
      momentum: options.number('momentum', 0.99),
      epsilon: 1e-7,
      center: true,
    });
    options.expect('center', true);
    return { layer, stored: fusedVariables(['kernel', 'bias', ...(scale ? ['bn_gamma'] : [])], common) };
  },

  Quantizer(options) {
    const config = quantizerAt(options, 'config');
    const args = { name: options.string('name'), trainable: options.boolean('trainable', true), config };
    return { layer: quantizer(args), stored: [{ group: '', quantizer: 'iq' }] };
  },
};

/** What dense layers with a folded normalisation share. */
function fusedArgs(options: Options): { args: Omit<FusedDenseArgs, 'units'>; common: ReturnType<typeof qLayerArgs> } {
  const common = qLayerArgs(options);
  return {
    common,
    args: {
      ...common,
      activation: options.activation(),
      parallelizationFactor: options.number('parallelization_factor', -1),
      kqConf: quantizerAt(options, 'kq_conf'),
      bqConf: quantizerAt(options, 'bq_conf'),
    },
  };
}

/** Trained variables come first, the moving statistics behind β and the EBOPs. */
function fusedVariables(trained: readonly string[], common: ReturnType<typeof qLayerArgs>): readonly Stored[] {
  const own = ownVariables('', trained, common);
  const variables = [...('variables' in own ? own.variables : []), 'moving_mean', 'moving_variance'];
  return [{ group: '', variables }, ...ioQuantizers('', common), ...quantizersAt('', 'kq', 'bq')];
}
