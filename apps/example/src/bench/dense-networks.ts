import { layerConfigScope, qAveragePooling2D, qConv2D, qDense, quantizer, quantizerConfigScope } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { digitsArchitecture, type NetworkOptions } from '../network.ts';

/** What a dense network is made of. */
export interface DenseOptions extends Omit<NetworkOptions, 'n' | 'threshold' | 'penalties'> {
  /** Weight of the EBOPs in the loss, in every layer. */
  readonly beta: number;
  /** Learned formats as in `exampleNetwork`, or floating point. */
  readonly numbers: 'quantised' | 'float';
}

/**
 * The example's network without its sparse part: every pixel enters, every place is computed. The layers, their sizes, formats and initial kernels
 * are those of `exampleNetwork`.
 */
export function denseNetwork(options: DenseOptions): tf.LayersModel {
  const { architecture = digitsArchitecture, shape, classes, inputFormat, seed, beta, numbers } = options;
  let layer = 0;
  const next = (): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed: seed * 16 + layer++ });
  const { k } = inputFormat;
  const float = numbers === 'float' ? ({ qType: 'dummy' } as const) : null;
  const positive = { k0: false, i0: 1, f0: 7 } as const;
  const perTensor = float ?? { ...positive, heterogeneousAxis: [] };
  const weights = float === null ? {} : { kqConf: float, bqConf: float };
  // Biases start at 0, as is usual: those of the sparse network would light up every empty place.
  const convolution = (of: 'conv1' | 'conv2', signed: boolean): ReturnType<typeof qConv2D> =>
    qConv2D({
      ...weights,
      name: of,
      filters: architecture[of].filters,
      kernelSize: architecture[of].kernel,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: next(),
      iqConf: float ?? { ...positive, k0: signed, heterogeneousAxis: [-1] },
    });
  const pooling = (name: string, poolSize: number): ReturnType<typeof qAveragePooling2D> =>
    qAveragePooling2D({ name, poolSize, enableIq: false });
  const dense = (name: string, units: number, activation: 'relu' | 'linear'): ReturnType<typeof qDense> =>
    qDense({ ...weights, name, units, activation, kernelInitializer: next(), iqConf: perTensor });
  return layerConfigScope({ beta0: beta, enableEbops: float === null }, () =>
    quantizerConfigScope({ place: 'all', overflowMode: 'SAT_SYM' }, () =>
      quantizerConfigScope({ place: 'datalane', overflowMode: 'SAT' }, () => {
        const input = tf.input({ shape: [...shape], name: 'image' });
        const layers: readonly tf.layers.Layer[] = [
          quantizer({
            name: 'pixels',
            config: { k0: k === 1, i0: inputFormat.i, f0: inputFormat.f, heterogeneousAxis: [], trainable: false },
          }),
          convolution('conv1', k === 1),
          pooling('pool1', architecture.conv1.pool),
          convolution('conv2', false),
          pooling('pool2', architecture.conv2.pool),
          tf.layers.flatten({ name: 'flatten' }),
          dense('dense1', architecture.hidden, 'relu'),
          dense('dense2', classes, 'linear'),
        ];
        const outputs = layers.reduce((x, next) => next.apply(x) as tf.SymbolicTensor, input);
        return tf.model({ inputs: input, outputs, name: `dense-${numbers}` });
      }),
    ),
  );
}

/** Kernels and biases of one network into the layers of the same names of another. */
export function copyWeights(from: tf.LayersModel, to: tf.LayersModel): void {
  for (const layer of from.layers) {
    const target = to.getLayer(layer.name);
    for (const role of ['kernel', 'bias']) {
      const ends = ({ name }: { readonly name: string }): boolean => new RegExp(`/${role}(_\\d+)?$`).test(name);
      const [source, own] = [layer.weights.find(ends), target.weights.find(ends)];
      if (source !== undefined && own !== undefined) own.write(source.read());
      else if (source !== own) throw new Error(`layer '${layer.name}' has a ${role} in one network only`);
    }
  }
}
