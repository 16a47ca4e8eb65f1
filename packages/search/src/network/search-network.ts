import {
  averagePooling2DSparse,
  inputReduce,
  layerConfigScope,
  maxPooling2DSparse,
  qConv2DSparse,
  qDense,
  quantizer,
  quantizerConfigScope,
  sparseFlatten,
} from '@sp/layers';
import type { Format } from '@sp/quant';
import { type Dataset, pixelFormat } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

/** Value of a parameter of a network, as `sp-search parameters` lists them. */
export type ParameterValues = (parameter: string) => number;

/**
 * Builds a network with its initial weights: input reduction, sparse convolutions with relu and pooling, dense layers with relu, one score per class. All formats are learned:
 * weights and biases have one each, activations one per channel on the sparse path and one per tensor behind it; activations saturate.
 *
 * @param at values of the parameters
 * @param seed decides the initial weights
 * @param input format of the pixels; default that of `data`, for which all its images are looked at
 */
export function searchNetwork(
  at: ParameterValues,
  data: Dataset,
  seed: number,
  input: Format = pixelFormat(data),
): tf.LayersModel {
  const { shape, classes } = data;
  let made = 0;
  const kernelInitializer = (): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed: (seed % 2 ** 26) * 16 + made++ });
  const bias = (value: number): ReturnType<typeof tf.initializers.constant> => tf.initializers.constant({ value });
  const positive = { k0: false, i0: 1, f0: at('activationFraction') } as const;
  const perChannel = { ...positive, heterogeneousAxis: [-1] };
  const perTensor = { ...positive, heterogeneousAxis: [] };
  const build = (): tf.LayersModel => {
    const image = tf.input({ shape: [...shape], name: 'image' });
    const config = { k0: input.k === 1, i0: input.i, f0: input.f, heterogeneousAxis: [], trainable: false };
    const pixels = quantizer({ name: 'pixels', config }).apply(image);
    let [x, mask] = inputReduce({
      name: 'reduce',
      n: at('n'),
      threshold: at('threshold'),
      betaN: at('betaN'),
      betaMaskedE: at('betaMaskedE'),
      tauThreshold: at('tauThreshold'),
    }).apply(pixels) as tf.SymbolicTensor[];
    for (let j = 1; j <= at('convs'); j++) {
      x = qConv2DSparse({
        name: `conv${j}`,
        filters: at(`filters${j}`),
        kernelSize: at(`kernel${j}`),
        activation: 'relu',
        // Active pixels may lie far apart, so that a window sees one: without a bias, a filter whose centre starts out negative is dead.
        biasInitializer: bias(j === 1 ? 0.25 : 0.1),
        kernelInitializer: kernelInitializer(),
        iqConf: { ...perChannel, k0: j === 1 && input.k === 1 },
      }).apply([x, mask]) as tf.SymbolicTensor;
      if (at(`pool${j}`) === 1) continue;
      const pool = (at('pooling') as unknown) === 'max' ? maxPooling2DSparse : averagePooling2DSparse;
      [x, mask] = pool({ name: `pool${j}`, poolSize: at(`pool${j}`) }).apply([x, mask]) as tf.SymbolicTensor[];
    }
    let y = sparseFlatten({ name: 'flatten' }).apply([x, mask]) as tf.SymbolicTensor;
    const widths = [...Array.from({ length: at('denses') }, (_, j) => at(`units${j + 1}`)), classes];
    widths.forEach((units, j) => {
      const hidden = j < widths.length - 1;
      const iqConf = j === 0 && at('convs') === 0 ? { ...perTensor, k0: input.k === 1 } : perTensor;
      y = qDense({
        name: `dense${j + 1}`,
        units,
        ...(hidden && { activation: 'relu' }),
        kernelInitializer: kernelInitializer(),
        iqConf,
      }).apply(y) as tf.SymbolicTensor;
    });
    return tf.model({ inputs: image, outputs: y, name: 'network' });
  };
  return layerConfigScope({ beta0: at('beta') }, () =>
    quantizerConfigScope({ place: 'all', overflowMode: 'SAT_SYM' }, () =>
      quantizerConfigScope({ place: ['weight', 'bias'], b0: at('weightBits') }, () =>
        quantizerConfigScope({ place: 'datalane', overflowMode: 'SAT' }, build),
      ),
    ),
  );
}
