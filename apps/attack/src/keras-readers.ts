import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadKeras } from '@sp/layers/keras';
import { loadKeras2 } from '@sp/layers/keras2';
import type * as tf from '@tensorflow/tfjs';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { File, type Group, ready } from 'h5wasm/node';
import type { Dice } from './dice.ts';
import { deepJson, mutateBytes, mutateData, mutateText } from './mutate.ts';
import type { Reader } from './reader.ts';

/** A model of HGQ2 as Keras 3 wrote it. */
const KERAS = new URL('../../../packages/layers/test/fixtures/hgq2_readme.keras', import.meta.url);

/**
 * Files of Keras. A `.keras` file is a zip archive, whose checksums tell any damage; what was written so, and an HDF5 file alone, may be
 * read as another model.
 */
export async function kerasReaders(folder: string): Promise<Reader[]> {
  const keras = new Uint8Array(await readFile(KERAS));
  const parts = unzipSync(keras);
  const wanted = await contentOf(await loadKeras(keras));
  const config = JSON.parse(strFromU8(parts['config.json']).replaceAll('Infinity', '1e30')) as unknown;
  const anyModel = (model: tf.LayersModel): boolean => {
    model.dispose();
    return true;
  };
  const rezipped = (name: string, content: Uint8Array) =>
    loadKeras(zipSync({ ...parts, [name]: content }, { level: 0 })).then(anyModel);
  const { bytes: keras2, config: config2 } = await keras2File(join(folder, 'keras2.h5'));
  // What a damaged file does to the HDF5 library must not be the next one's trouble.
  const sound = async (): Promise<void> => {
    await loadKeras2(keras2)
      .then(anyModel)
      .catch((cause: unknown) => {
        throw new Error(`a sound file is refused after a damaged one: ${String(cause)}`, { cause });
      });
  };
  return [
    {
      name: 'a .keras file',
      share: 5,
      attempt: async (dice) =>
        deepJson(await contentOf(await loadKeras(mutateBytes(keras, dice)))) === deepJson(wanted),
    },
    {
      name: 'a .keras file, other configuration',
      share: 6,
      attempt: (dice) =>
        rezipped(
          'config.json',
          strToU8(dice.below(2) === 0 ? deepJson(mutateData(config, dice)) : mutateText(deepJson(config), dice)),
        ),
    },
    {
      name: 'a .keras file, other weights',
      share: 3,
      attempt: (dice) => rezipped('model.weights.h5', mutateBytes(parts['model.weights.h5'], dice)).finally(sound),
    },
    {
      name: 'an .h5 file of Keras 2',
      share: 4,
      attempt: (dice) => loadKeras2(mutateBytes(keras2, dice)).then(anyModel).finally(sound),
    },
    {
      name: 'an .h5 file of Keras 2, other configuration',
      share: 5,
      attempt: async (dice) => anyModel(await loadKeras2(keras2, { architecture: architecture(config2, dice) })),
    },
  ];
}

function architecture(config: unknown, dice: Dice): string {
  return dice.below(2) === 0 ? deepJson(mutateData(config, dice)) : mutateText(deepJson(config), dice);
}

async function contentOf(model: tf.LayersModel): Promise<unknown> {
  const weights = await Promise.all(
    model.getWeights().map(async (tensor) => [tensor.shape, [...(await tensor.data())]]),
  );
  const content = [model.getConfig(), weights];
  model.dispose();
  return content;
}

/** A whole model of Keras 2, as its `model.save('….h5')` writes one. */
async function keras2File(path: string): Promise<{ readonly bytes: Uint8Array; readonly config: unknown }> {
  await ready;
  const layer = (className: string, config: object) => ({ class_name: className, config });
  const config = {
    class_name: 'Sequential',
    config: {
      name: 'net',
      layers: [
        layer('InputLayer', { name: 'in', batch_input_shape: [null, 6, 6, 1], dtype: 'float32' }),
        layer('Conv2D', {
          name: 'conv',
          filters: 2,
          kernel_size: [3, 3],
          strides: [1, 1],
          padding: 'same',
          data_format: 'channels_last',
          dilation_rate: [1, 1],
          groups: 1,
          activation: 'relu',
          use_bias: true,
        }),
        layer('MaxPooling2D', { name: 'pool', pool_size: [2, 2], strides: [2, 2], padding: 'valid' }),
        layer('Flatten', { name: 'flat', data_format: 'channels_last' }),
        layer('Dense', { name: 'fc', units: 3, activation: 'softmax', use_bias: true }),
      ],
    },
  };
  const arrays: readonly (readonly [layer: string, name: string, shape: readonly number[]])[] = [
    ['conv', 'kernel', [3, 3, 1, 2]],
    ['conv', 'bias', [2]],
    ['fc', 'kernel', [18, 3]],
    ['fc', 'bias', [3]],
  ];
  const file = new File(path, 'w');
  file.create_attribute('model_config', JSON.stringify(config));
  const weights = file.create_group('model_weights') as Group;
  weights.create_attribute('layer_names', ['in', 'conv', 'pool', 'flat', 'fc']);
  for (const each of ['in', 'conv', 'pool', 'flat', 'fc']) {
    const own = arrays.filter(([of]) => of === each);
    const group = weights.create_group(each) as Group;
    if (own.length === 0) continue;
    group.create_attribute(
      'weight_names',
      own.map(([, variable]) => `${each}/${variable}:0`),
    );
    const inner = group.create_group(each) as Group;
    for (const [, variable, shape] of own) {
      const size = shape.reduce((product, axis) => product * axis, 1);
      inner.create_dataset({
        name: `${variable}:0`,
        data: Float32Array.from({ length: size }, (_, j) => (j % 7) / 8),
        shape: [...shape],
        dtype: '<f',
      });
    }
  }
  file.close();
  return { bytes: new Uint8Array(await readFile(path)), config };
}
