import { adam, fit } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { digits } from '../networks.ts';
import { type BenchGroup, secondsOnce } from '../row.ts';
import { fitSpeeds } from './fit-speeds.ts';
import { batchSize as imagesPerStep, trainNetworks } from './network-training.ts';

/** Quantisation-aware training of the example's network and of three others. */
export const training: BenchGroup = {
  name: 'train',
  comparesClones: true,
  about: `digits; \`fit\` of four networks, 16 … 128 images a step; the engine alone, ${imagesPerStep} images a step`,
  run: async (report, { against }) => {
    const { model, train } = await digits();
    for (const batchSize of [32, 128]) {
      for (const engine of ['tfjs', 'fused'] as const) {
        const options = { batchSize, optimizer: adam(), engine };
        await fit(model, train, { epochs: 1, ...options });
        const before = tf.memory().numTensors;
        const epochs = engine === 'fused' ? 10 : 1;
        const { seconds } = await secondsOnce(() => fit(model, train, { epochs, ...options }));
        report({
          name: `digits, batch ${batchSize}, ${engine === 'tfjs' ? tf.getBackend() : engine}`,
          value: (epochs * train.labels.length) / seconds,
          unit: 'images/s',
          note: `${tf.memory().numTensors - before} tensors left behind`,
        });
      }
    }
    await fitSpeeds(report, against);
    await trainNetworks(report);
  },
};
