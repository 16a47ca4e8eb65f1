import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setBackend } from '@sp/layers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keras } from '../src/keras.ts';
import { parity } from '../src/parity.ts';
import { conv, dense, type Network, pool, record, removeDilated, start, stock } from './support/synthetic-parity.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'other-'));
});
afterAll(() => rm(folder, { recursive: true }));

const satSym = { overflow_mode: 'SAT_SYM', i_decay_speed: 'Infinity' };

async function deep(): Promise<Network> {
  const settings = { n: 9, threshold: 0.3, learn_n: false, tau_threshold: 0.1, tau_n: 2.5, beta_n: 3e-4 };
  const net = await start([13, 10, 2], settings, [0.3, 1]);
  await conv(net, 'q_conv2d_sparse', 2, [5, 3], { useBias: false, iq: satSym });
  await pool(net, 'MaxPooling2DSparse', 'max_pooling2d_sparse', [2, 1]);
  await conv(net, 'q_conv2d_sparse_1', 3, [3, 3], { kq: { overflow_mode: 'WRAP', i_decay_speed: 0.01 } });
  await pool(net, 'AveragePooling2DSparse', 'average_pooling2d_sparse_7', [2, 3]);
  removeDilated(net, 'remove_dilated_pixels');
  stock(net, 'Flatten', 'flatten_2', { data_format: 'channels_last' }, [net.shape.reduce((a, b) => a * b, 1)]);
  await dense(net, 'q_dense', 6, { activation: 'relu', iq: { ...satSym, homogeneous_axis: [0, 1] } });
  stock(net, 'Dropout', 'dropout', { rate: 0, seed: null, noise_shape: null });
  await dense(net, 'q_dense_1', 4, { activation: 'softmax', kq: { overflow_mode: 'SAT' } });
  return net;
}

async function plain(): Promise<Network> {
  const net = await start([9, 9, 1], { n: 5, threshold: 0.25, learn_n: false, learn_threshold: false }, []);
  await conv(net, 'c', 2, [3, 3], { activation: 'linear', useBias: false });
  stock(net, 'Activation', 'activation', { activation: 'relu' });
  stock(net, 'Flatten', 'flatten', {}, [162]);
  await dense(net, 'd', 3);
  stock(net, 'Softmax', 'softmax', { axis: -1 });
  return net;
}

it.each([
  ['several convolutions, both poolings, names by default', deep],
  ['nothing learned in the reduction, activations of their own', plain],
] as const)('reads the architecture from the file: %s', async (_, build) => {
  await setBackend('cpu');
  const files = await record(await build(), { batch: 5, steps: 3, images: 23 });
  const path = join(folder, `${build.name}.json`);
  await writeFile(path, JSON.stringify(files.parity));
  await writeFile(path.replace('.json', '.keras'), files.keras);
  const repeated = await parity(path);
  expect(repeated.backends.flatMap(({ failures }) => failures)).toEqual([]);
  const imported = await keras(path.replace('.json', '.keras'), path);
  expect(imported.backends.flatMap(({ failures }) => failures)).toEqual([]);
  expect(imported.backends[0].groups.map(({ group }) => group)).toContain('lowered graph');
});
