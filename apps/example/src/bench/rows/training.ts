import { adam, fit } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { digits } from '../networks.ts';
import { type BenchGroup, secondsOnce } from '../row.ts';

/** Quantisation-aware training of the example's network. */
export const training: BenchGroup = {
  name: 'train',
  about: 'digits network, learned bits, n and threshold, one epoch after a warm-up epoch',
  run: async (report) => {
    const { model, train } = await digits();
    const backend = tf.getBackend();
    for (const batchSize of [32, 128]) {
      await fit(model, train, { epochs: 1, batchSize, optimizer: adam() });
      const before = tf.memory().numTensors;
      const { seconds } = await secondsOnce(() => fit(model, train, { epochs: 1, batchSize, optimizer: adam() }));
      report({
        name: `batch ${batchSize}, ${backend}`,
        value: train.labels.length / seconds,
        unit: 'images/s',
        note: `${tf.memory().numTensors - before} tensors left behind`,
      });
    }
  },
};
