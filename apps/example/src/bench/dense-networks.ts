import { layerConfigScope, qAveragePooling2D, qConv2D, qDense, quantizer, quantizerConfigScope } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { digitsArchitecture, type NetworkOptions } from '../network.ts';

/** What a dense network is made of. */
export type DenseOptions = Omit<NetworkOptions, 'n' | 'threshold' | 'penalties'> & { readonly beta: number };

/**
 * The example's network without its sparse part: every pixel enters, every place is computed. The layers, their sizes, formats and initial weights
 * are those of `exampleNetwork`.
 */
export function denseNetwork(options: DenseOptions): tf.LayersModel {
  const { architecture = digitsArchitecture, shape, classes, inputFormat, seed, beta } = options;
  const next = initializers(seed);
  const { k } = inputFormat;
  const positive = { k0: false, i0: 1, f0: 7 } as const;
  const perChannel = { ...positive, heterogeneousAxis: [-1] };
  const perTensor = { ...positive, heterogeneousAxis: [] };
  const convolution = (of: 'conv1' | 'conv2', bias: number, k0: boolean): ReturnType<typeof qConv2D> =>
    qConv2D({
      name: of,
      filters: architecture[of].filters,
      kernelSize: architecture[of].kernel,
      padding: 'same',
      activation: 'relu',
      biasInitializer: tf.initializers.constant({ value: bias }),
      kernelInitializer: next(),
      iqConf: { ...perChannel, k0 },
    });
  return layerConfigScope({ beta0: beta }, () =>
    quantizerConfigScope({ place: 'all', overflowMode: 'SAT_SYM' }, () =>
      quantizerConfigScope({ place: 'datalane', overflowMode: 'SAT' }, () => {
        const input = tf.input({ shape: [...shape], name: 'image' });
        const pixels = quantizer({
          name: 'pixels',
          config: { k0: k === 1, i0: inputFormat.i, f0: inputFormat.f, heterogeneousAxis: [], trainable: false },
        }).apply(input);
        const conv1 = convolution('conv1', 0.25, k === 1).apply(pixels);
        const pool1 = qAveragePooling2D({ name: 'pool1', poolSize: architecture.conv1.pool, enableIq: false }).apply(
          conv1,
        );
        const conv2 = convolution('conv2', 0.1, false).apply(pool1);
        const pool2 = qAveragePooling2D({ name: 'pool2', poolSize: architecture.conv2.pool, enableIq: false }).apply(
          conv2,
        );
        const flat = tf.layers.flatten({ name: 'flatten' }).apply(pool2);
        const dense1 = qDense({
          name: 'dense1',
          units: architecture.hidden,
          activation: 'relu',
          kernelInitializer: next(),
          iqConf: perTensor,
        }).apply(flat);
        const logits = qDense({ name: 'dense2', units: classes, kernelInitializer: next(), iqConf: perTensor });
        return tf.model({ inputs: input, outputs: logits.apply(dense1) as tf.SymbolicTensor, name: 'dense' });
      }),
    ),
  );
}

/** The same in floating point. */
export function floatNetwork({
  architecture = digitsArchitecture,
  shape,
  classes,
  seed,
}: DenseOptions): tf.LayersModel {
  const next = initializers(seed);
  const convolution = (of: 'conv1' | 'conv2', more: object): tf.layers.Layer[] => [
    tf.layers.conv2d({
      ...more,
      name: of,
      filters: architecture[of].filters,
      kernelSize: architecture[of].kernel,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: next(),
    }),
    tf.layers.averagePooling2d({ poolSize: architecture[of].pool, strides: architecture[of].pool }),
  ];
  return tf.sequential({
    name: 'float',
    layers: [
      ...convolution('conv1', { inputShape: [...shape] }),
      ...convolution('conv2', {}),
      tf.layers.flatten(),
      tf.layers.dense({ name: 'dense1', units: architecture.hidden, activation: 'relu', kernelInitializer: next() }),
      tf.layers.dense({ name: 'dense2', units: classes, kernelInitializer: next() }),
    ],
  });
}

function initializers(seed: number): () => ReturnType<typeof tf.initializers.glorotUniform> {
  let layer = 0;
  return () => tf.initializers.glorotUniform({ seed: seed * 16 + layer++ });
}

/** Kernels and biases of one network into the layers of the same names of another. */
export function copyWeights(from: tf.LayersModel, to: tf.LayersModel): void {
  for (const layer of from.layers) {
    if (layer.weights.length === 0) continue;
    const target = to.getLayer(layer.name);
    for (const role of ['kernel', 'bias']) {
      const ends = ({ name }: { readonly name: string }): boolean => new RegExp(`(^|/)${role}(_\\d+)?$`).test(name);
      const [source, own] = [layer.weights.find(ends), target.weights.find(ends)];
      if (source === undefined || own === undefined)
        throw new Error(`layer '${layer.name}' has no ${role} in both networks`);
      own.write(source.read());
    }
  }
}
