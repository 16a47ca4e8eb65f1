import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, loadOptimizer, saveModel } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { mutateBytes, mutateText } from './mutate.ts';
import { type Reader, resealed, same } from './reader.ts';

/** Saved models, with and without checksums. `folder` is not there yet. */
export async function modelReaders(folder: string): Promise<Reader[]> {
  const input = tf.input({ shape: [3], name: 'input' });
  const a = tf.layers.dense({ units: 2, name: 'a' }).apply(input) as tf.SymbolicTensor;
  const b = tf.layers.dense({ units: 2, name: 'b' }).apply(input) as tf.SymbolicTensor;
  const made = tf.model({ inputs: input, outputs: tf.layers.add({ name: 'sum' }).apply([a, b]) as tf.SymbolicTensor });
  await saveModel(made, folder, { optimizer: tf.train.sgd(0.1) });
  const names = await readdir(folder);
  const json = await readFile(join(folder, 'model.json'), 'utf8');
  const { weightsManifest } = JSON.parse(json) as tf.io.ModelJSON;
  const weightsFile = join(folder, weightsManifest[0].paths[0]);
  const weights = new Uint8Array(await readFile(weightsFile));
  const contentOf = (model: tf.LayersModel) => [
    model.getConfig(),
    model.getWeights().map((tensor) => [tensor.shape, [...tensor.dataSync()]]),
  ];
  const wanted = contentOf(made);
  const load = async (): Promise<boolean> => {
    const model = await loadModel(folder);
    await loadOptimizer(folder);
    const fine = same(contentOf(model), wanted);
    model.dispose();
    return fine;
  };
  const withFile = async (file: string, content: string | Uint8Array, original: string | Uint8Array, read = load) => {
    await writeFile(file, content);
    try {
      return await read();
    } finally {
      await writeFile(file, original);
    }
  };
  const model = join(folder, 'model.json');
  // As tfjs itself writes it: without a checksum.
  const plain = json.replace(/weights\.[0-9a-f]{16}\.bin/g, 'weights.bin').replace(/"sha256":"\w+",/, '');
  await writeFile(join(folder, 'weights.bin'), weights);
  return [
    { name: 'model.json', share: 10, attempt: (dice) => withFile(model, mutateText(json, dice), json) },
    {
      name: 'weights of a model',
      share: 4,
      attempt: (dice) => withFile(weightsFile, mutateBytes(weights, dice), weights),
    },
    {
      name: 'model.json, other content with a checksum',
      share: 5,
      attempt: (dice) => withFile(model, resealed(json, dice), json, () => load().then(() => true)),
    },
    {
      name: 'model.json of others, without a checksum',
      share: 5,
      attempt: (dice) =>
        withFile(model, mutateText(plain, dice), json, () =>
          loadModel(folder).then((made) => made.dispose() !== undefined),
        ),
    },
    {
      name: 'a file that is missing',
      share: 1,
      async attempt(dice) {
        const file = join(folder, dice.pick(names));
        const content = await readFile(file);
        await rm(file);
        try {
          return await load();
        } finally {
          await writeFile(file, content);
        }
      },
    },
  ];
}
