import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { hTraceMinMax, toProxyModel } from '../hgq1/index.ts';
import { readHdf5 } from '../keras/hdf5.ts';
import { buildKeras2, loadKeras2, readKeras2, readKeras2Json } from './index.ts';

const golden = process.env['SP_LEGACY'] ?? join(import.meta.dirname, '../../../../../shared/golden/legacy');
const present = existsSync(golden);
const recorded = (name: string): Uint8Array =>
  present ? new Uint8Array(readFileSync(join(golden, 'models', name))) : new Uint8Array();
/** Written by QKeras 0.9 and HGQ v1. */
const qkeras = recorded('qk_m16_plain_between.h5');
const hgq = recorded('hgq_h07_signature.h5');

beforeAll(() => setBackend('cpu'));

describe.skipIf(!present)('loadKeras2 (needs the recorded files in ../shared/golden/legacy)', () => {
  it('loads a QKeras model: layers, names, weights; and it lowers', async () => {
    const model = await loadKeras2(qkeras);
    const classes = model.layers.map((layer) => layer.getClassName());
    expect(classes).toContain('QKerasDense');
    expect(classes).toContain('QKerasActivation');
    const graph = toProxyModel(model, { aggressive: false });
    expect(graph.nodes[0]).toMatchObject({ op: 'input', round: 'RND_CONV', overflow: 'SAT' });
  });

  it('loads an HGQ v1 model, which traces', async () => {
    const model = await loadKeras2(hgq);
    expect(model.layers.map((layer) => layer.getClassName())).toEqual(['InputLayer', 'HSignature', 'HDense', 'HDense']);
    expect(hTraceMinMax(model, tf.ones([4, 6]))).toBeGreaterThan(0);
  });

  it('takes an architecture and weights from two files', async () => {
    const { texts } = await readHdf5(qkeras, 'fixture');
    const architecture = texts.get('@model_config') as string;
    const [whole, parts] = [await loadKeras2(qkeras), await loadKeras2(qkeras, { architecture })];
    const x = tf.randomUniform([3, ...(whole.inputs[0].shape.slice(1) as number[])], -1, 1, 'float32', 7);
    expect(Array.from((parts.predict(x) as tf.Tensor).dataSync())).toEqual(
      Array.from((whole.predict(x) as tf.Tensor).dataSync()),
    );
    await expect(readKeras2Json('{"class_name": ', qkeras)).rejects.toThrow(/not valid JSON/);
  });

  it('asks for makers of unknown classes, and uses them', async () => {
    const file = await readKeras2(qkeras);
    const layers = file.model.layers.map((layer) =>
      layer.className === 'Flatten' ? { ...layer, className: 'Mine', config: { name: layer.name } } : layer,
    );
    const changed = { ...file, model: { ...file.model, layers } };
    expect(() => buildKeras2(changed)).toThrow(/\(Mine\): this class cannot be read.*customObjects/s);
    const model = buildKeras2(changed, {
      customObjects: { Mine: (options) => tf.layers.flatten({ name: options.string('name') }) },
    });
    expect(model.outputs[0].shape).toEqual((await loadKeras2(qkeras)).outputs[0].shape);
  });

  it('refuses files that are damaged or do not fit', async () => {
    await expect(loadKeras2(qkeras.slice(100))).rejects.toThrow(/not an HDF5 file/);
    const file = await readKeras2(qkeras);
    const [name, dataset] = [...file.weights][0];
    const wrong = new Map([...file.weights, [name, { ...dataset, shape: [1, 1] }]]);
    expect(() => buildKeras2({ ...file, weights: wrong })).toThrow(/has shape .* the file's \[1,1\]/);
    const missing = new Map([...file.weights].slice(1));
    expect(() => buildKeras2({ ...file, weights: missing })).toThrow(/the file has no weight/);
    const extra = new Map([...file.weights, ['ghost//kernel', dataset]]);
    expect(() => buildKeras2({ ...file, weights: extra })).toThrow(/that no layer of the model has/);
  });
});
