import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { layerOutputs } from '../model/layer-outputs.ts';
import { namedVariables } from '../model/model-state.ts';
import { collectQLayers } from '../model/walk.ts';
import { fromKerasPaths } from './keras-paths.ts';
import { loadKeras } from './load-keras.ts';
import { readKeras } from './read-keras.ts';

type Stored = { shape: number[]; data: number[] };
interface Parity {
  readonly x: [number, number][][];
  readonly traced: {
    readonly vars: Record<string, Stored>;
    readonly predict_first_batch: Stored;
    readonly activations_first4: Record<string, Stored>;
  };
}

const fixture = (name: string): URL => new URL(`../../test/fixtures/${name}`, import.meta.url);
const bytes = new Uint8Array(readFileSync(fixture('parity_readme.keras')));
const parity: Parity = JSON.parse(gunzipSync(readFileSync(fixture('parity_readme.json.gz'))).toString());

function images(count: number): tf.Tensor {
  const values = new Float32Array(count * 784);
  for (const [image, pixels] of parity.x.slice(0, count).entries()) {
    for (const [index, value] of pixels) values[image * 784 + index] = value;
  }
  return tf.tensor4d(values, [count, 28, 28, 1]);
}

describe.each(['cpu', 'wasm'] as const)('a .keras file on %s', (backend) => {
  let model: tf.LayersModel;
  beforeAll(async () => {
    await setBackend(backend);
    model = await loadKeras(bytes);
  });

  it('gives every variable of the model its stored value', () => {
    const expected = fromKerasPaths(parity.traced.vars);
    const found = namedVariables(model);
    const compared = [...found].filter(([name]) => !name.endsWith('/traced'));
    expect(compared.map(([name]) => name).sort()).toEqual([...expected.keys()].sort());
    for (const [name, variable] of compared) {
      expect(variable.shape, name).toEqual(expected.get(name)?.shape);
      expect(Array.from(variable.dataSync()), name).toEqual(Array.from(expected.get(name)?.data ?? []));
    }
    const marks = [...found].filter(([name]) => name.endsWith('/traced'));
    expect(marks.map(([name, variable]) => [name, variable.dataSync()[0]])).toEqual([
      ['conv1/iq/traced', 1],
      ['dense1/iq/traced', 1],
    ]);
  });

  it('computes what Keras computed, layer by layer', () => {
    const outputs = layerOutputs(model, images(4));
    for (const [key, { shape, data }] of Object.entries(parity.traced.activations_first4)) {
      const [name, output] = key.split(':');
      if (output !== '0') continue;
      expect(outputs.get(name)?.shape, name).toEqual(shape);
      const worst = data.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - (outputs.get(name)?.values[i] ?? 0))),
        0,
      );
      expect(worst, name).toBeLessThan(1e-6);
    }
    const predicted = (model.predict(images(16)) as tf.Tensor).dataSync();
    for (const [i, value] of parity.traced.predict_first_batch.data.entries()) {
      expect(Math.abs(predicted[i] - value)).toBeLessThan(1e-6);
    }
  });

  it('counts the same EBOPs', () => {
    const stored = (path: string): number => parity.traced.vars[path].data[0];
    const expected = new Map([
      ['conv1', stored('conv1/conv1/ebops')],
      ['dense1', stored('dense1/ebops')],
    ]);
    expect(new Map(collectQLayers(model).map((layer) => [layer.name, layer.ebops]))).toEqual(expected);
  });
});

describe('errors', () => {
  const parts = (): Promise<Record<string, Uint8Array>> =>
    import('fflate').then(({ unzipSync }) => unzipSync(bytes) as Record<string, Uint8Array>);
  const withConfig = async (edit: (text: string) => string): Promise<Uint8Array> => {
    const files = await parts();
    const text = new TextDecoder().decode(files['config.json']);
    return zipSync({ ...files, 'config.json': new TextEncoder().encode(edit(text)) });
  };
  const replaced = (from: string, to: string): Promise<Uint8Array> =>
    withConfig((text) => {
      expect(text).toContain(from);
      return text.replace(from, to);
    });

  it('names an unknown layer, its class and the known ones', async () => {
    const file = await replaced('"class_name": "Flatten"', '"class_name": "QSuperLayer"');
    await expect(loadKeras(file)).rejects.toThrow(/Layer 'flatten' \(QSuperLayer\).*Known: .*QDense/);
  });

  it('names an option it would have to ignore', async () => {
    const file = await replaced('"tau_n": 1.0', '"tau_n": 1.0, "shiny": 3');
    await expect(loadKeras(file)).rejects.toThrow(/Layer 'input_reduce' \(InputReduce\): the option shiny = 3/);
    const groups = await replaced('"groups": 1', '"groups": 3');
    await expect(loadKeras(groups)).rejects.toThrow(/Layer 'conv1'.*groups = 3.*divide/);
  });

  it('names variables that do not fit', async () => {
    const file = await replaced('"units": 10', '"units": 12');
    await expect(loadKeras(file)).rejects.toThrow(/'dense1\/kernel' has shape \[588,12\].* \[588,10\]/);
    const noBias = await replaced(
      '"units": 10, "activation": "linear", "use_bias": true',
      '"units": 10, "activation": "linear", "use_bias": false',
    );
    await expect(loadKeras(noBias)).rejects.toThrow(
      /Layer 'dense1' \(QDense\): the file holds 4 arrays at vars; expected 3/,
    );
  });

  it('says when the file is missing, no zip, or incomplete', async () => {
    await expect(loadKeras('no-such.keras')).rejects.toThrow(/'no-such\.keras' does not exist; this \.keras file/);
    await expect(readKeras(bytes.slice(0, 1000))).rejects.toThrow(/not a zip archive/);
    const { 'model.weights.h5': weights, ...rest } = await parts();
    await expect(readKeras(zipSync(rest))).rejects.toThrow(/has no model\.weights\.h5/);
    await expect(readKeras(zipSync({ ...rest, 'model.weights.h5': weights.slice(100) }))).rejects.toThrow(
      /model\.weights\.h5 of \.keras file is not an HDF5 file/,
    );
    await expect(readKeras(await withConfig((text) => text.slice(0, -20)))).rejects.toThrow(
      /config\.json is not valid/,
    );
  });
});
