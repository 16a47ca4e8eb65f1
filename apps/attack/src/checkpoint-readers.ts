import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adam, checkpoint, restoreCheckpoint } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { mutateBytes } from './mutate.ts';
import { type Reader, same } from './reader.ts';

/** Checkpoints of trainings. `directory` is not there yet. */
export async function checkpointReaders(directory: string): Promise<Reader[]> {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: 'd' })] });
  const optimizer = adam();
  const parts = { directory, optimizer };
  const begin = checkpoint(parts).onTrainBegin;
  await begin?.({ model, stepsPerEpoch: 1, batchSize: 1, stopped: undefined } as unknown as Parameters<
    NonNullable<typeof begin>
  >[0]);
  const file = join(directory, 'epoch-0000', 'training.bin');
  const bytes = new Uint8Array(await readFile(file));
  const weights = () => model.getWeights().map((tensor) => [...tensor.dataSync()]);
  const wanted = weights();
  return [
    {
      name: 'a checkpoint',
      share: 5,
      async attempt(dice) {
        await writeFile(file, mutateBytes(bytes, dice));
        await restoreCheckpoint(model, parts);
        return same(weights(), wanted);
      },
    },
  ];
}
