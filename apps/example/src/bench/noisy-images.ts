/** Sparse images with noise below the signal, and a network for them, for the study of learned thresholds. */
import {
  averagePooling2DSparse,
  type InputReduce,
  type InputReduceArgs,
  inputReduce,
  layerConfigScope,
  qConv2DSparse,
  qDense,
  quantizerConfigScope,
  sparseFlatten,
} from '@sp/layers';
import { type Dataset, prongJets, randomSource, readStream, type StreamingDataset, tracksAndShowers } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

/** A detector whose smallest signal is known. */
export interface Detector {
  readonly name: string;
  /** Smallest value of a pixel that is signal. */
  readonly smallest: number;
  readonly draw: (options: { readonly count: number; readonly seed: number }) => StreamingDataset;
  /** A fixed budget that costs accuracy, and one that does not. */
  readonly budgets: readonly [number, number];
  /** Intensity from the drawn value. */
  readonly intensity: (value: number) => number;
}

/** Tracks and showers as drawn; jets on their own grid, with square roots of energies, as detectors compress them. */
export const detectors: readonly Detector[] = [
  {
    name: 'tracksAndShowers',
    smallest: 0.21875,
    budgets: [19, 24],
    draw: tracksAndShowers,
    intensity: (value) => value,
  },
  { name: 'prongJets', smallest: 0.1, budgets: [12, 16], draw: prongJets, intensity: Math.sqrt },
];

/** Share of the empty pixels that are noisy. */
const noisyShare = 0.1;

/** Images of half the side (the largest of 2 × 2 pixels), with noise between 0 and `noise` in a tenth of the empty pixels. */
export async function noisyImages(detector: Detector, noise: number, count: number, seed: number): Promise<Dataset> {
  const { smallest, draw, intensity } = detector;
  const { images: drawn, labels, shape, classes } = await readStream(draw({ count, seed }));
  const [from, side] = [shape[0], Math.ceil(shape[0] / 2)];
  const random = randomSource(seed, 77);
  const images = new Float32Array(count * side * side);
  for (let p = 0; p < drawn.length; p++) {
    const [image, row, column] = [Math.floor(p / from ** 2), Math.floor(p / from) % from, p % from];
    const to = (image * side + (row >> 1)) * side + (column >> 1);
    const value = intensity(drawn[p]);
    if (value >= smallest && value > images[to]) images[to] = value;
  }
  for (let p = 0; p < images.length; p++) {
    if (images[p] === 0 && noise > 0 && random.unit() < noisyShare) images[p] = noise * random.unit();
  }
  return { images, labels, shape: [side, side, 1], classes };
}

/** One convolution, one pooling and two dense layers behind the reduction, in wide fixed formats: only the reduction is studied. */
export function smallNetwork(
  { shape, classes }: Dataset,
  reduce: InputReduceArgs,
  seed: number,
): { readonly model: tf.LayersModel; readonly reduction: InputReduce } {
  let place = seed * 16;
  const kernelInitializer = (): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed: place++ });
  const wide = { overflowMode: 'SAT_SYM', trainable: false } as const;
  const data = { overflowMode: 'SAT', k0: true, i0: 3, f0: 8, trainable: false } as const;
  return layerConfigScope({ enableEbops: false }, () =>
    quantizerConfigScope({ place: 'all', ...wide }, () =>
      quantizerConfigScope({ place: 'datalane', ...data }, () => {
        const input = tf.input({ shape: [...shape], name: 'image' });
        const reduction = inputReduce({ name: 'reduce', ...reduce });
        const [x, mask] = reduction.apply(input) as tf.SymbolicTensor[];
        const conv = qConv2DSparse({
          name: 'conv',
          filters: 4,
          kernelSize: 5,
          activation: 'relu',
          kernelInitializer: kernelInitializer(),
          biasInitializer: tf.initializers.constant({ value: 0.1 }),
        }).apply([x, mask]) as tf.SymbolicTensor;
        const [pooled] = averagePooling2DSparse({ name: 'pool', poolSize: 4 }).apply([
          conv,
          mask,
        ]) as tf.SymbolicTensor[];
        const flat = sparseFlatten({ name: 'flatten' }).apply(pooled);
        const first = { name: 'dense1', units: 24, activation: 'relu', kernelInitializer: kernelInitializer() };
        const hidden = qDense(first).apply(flat);
        const last = { name: 'dense2', units: classes, kernelInitializer: kernelInitializer() };
        const logits = qDense(last).apply(hidden) as tf.SymbolicTensor;
        return { model: tf.model({ inputs: input, outputs: logits }), reduction };
      }),
    ),
  );
}
