import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FixedGraph, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { unzipSync, zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { hTraceMinMax, toProxyModel } from '../hgq1/index.ts';
import { readHdf5 } from '../keras/hdf5.ts';
import type { KerasTensor } from '../keras/keras-calls.ts';
import { readKeras } from '../keras/read-keras.ts';
import { namedVariables } from '../model/model-state.ts';
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

  it('reads archives, whose weights are numbered by class of layer', async () => {
    const archive = await loadKeras2(recorded('hgq_h02_conv2d.keras'));
    const whole = await loadKeras2(recorded('hgq_h02_conv2d.h5'));
    const values = (model: tf.LayersModel): unknown[] =>
      [...namedVariables(model)]
        .filter(([name]) => !name.endsWith('/bops'))
        .map(([name, variable]) => [name, Array.from(variable.dataSync())]);
    expect(values(archive)).toEqual(values(whole));
    // Quantizers that are not trained are numbered behind the others.
    await expect(loadKeras2(recorded('hgq_h06_denserank3.keras'))).resolves.toBeDefined();
  });

  it('takes the weights of an archive beside its architecture', async () => {
    const { 'config.json': config, 'model.weights.h5': weights } = unzipSync(recorded('hgq_h11_multi_io.keras'));
    const architecture = new TextDecoder().decode(config);
    const model = await loadKeras2(weights, { architecture });
    expect(model.outputs).toHaveLength(2);
    const other = architecture.replaceAll('"HDense"', '"HActivation"');
    await expect(loadKeras2(weights, { architecture: other })).rejects.toThrow(/HActivation/);
  });

  it('names the reader of files of the other Keras, and takes paths', async () => {
    const archive = recorded('hgq_h01_dense.keras');
    await expect(readKeras(archive)).rejects.toThrow(/saved by Keras 2.*loadKeras2/);
    const { 'metadata.json': _, ...rest } = unzipSync(archive);
    const metadata = new TextEncoder().encode('{"keras_version": "3.4.0"}');
    await expect(loadKeras2(zipSync({ ...rest, 'metadata.json': metadata }))).rejects.toThrow(/Keras 3.*loadKeras/);
    await expect(loadKeras2(zipSync(rest))).rejects.toThrow(/has no metadata\.json/);
    await expect(loadKeras2(join(golden, 'models', 'hgq_h01_dense.h5'))).resolves.toBeDefined();
    await expect(loadKeras2(join(golden, 'models', 'nothing.h5'))).rejects.toThrow(/nothing\.h5/);
  });

  it('notes what it leaves out', async () => {
    const notes: string[] = [];
    await loadKeras2(qkeras, { note: (message) => notes.push(message) });
    expect(notes.join()).toMatch(/Constraints and regularisers are left out.*kernel_constraint of 'd1'/);
  });

  it('takes layer names with slashes', async () => {
    const file = await readKeras2(qkeras);
    const rename = (name: string): string => `block/${name}`;
    const tensor = (from: KerasTensor): KerasTensor => ({ ...from, layer: rename(from.layer) });
    const model = {
      ...file.model,
      layers: file.model.layers.map((layer) => ({
        ...layer,
        name: rename(layer.name),
        config: { ...layer.config, name: rename(layer.name) },
        calls: layer.calls.map((inputs) => inputs.map(tensor)),
      })),
      inputs: file.model.inputs.map(tensor),
      outputs: file.model.outputs.map(tensor),
    };
    const weights = new Map([...file.weights].map(([name, data]) => [rename(name.replace('//', '//block/')), data]));
    const [plain, scoped] = [await loadKeras2(qkeras), buildKeras2({ ...file, model, weights })];
    const x = tf.randomUniform([3, ...(plain.inputs[0].shape.slice(1) as number[])], -1, 1, 'float32', 7);
    const run = (of: tf.LayersModel): number[] => Array.from((of.predict(x) as tf.Tensor).dataSync());
    expect(run(scoped)).toEqual(run(plain));
    const graphs = [plain, scoped].map((of) => toProxyModel(of, { aggressive: false }));
    const out = (graph: FixedGraph): unknown => interpret(graph, x.dataSync()).outputs[graph.outputs[0]].codes;
    expect(out(graphs[1])).toEqual(out(graphs[0]));
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
