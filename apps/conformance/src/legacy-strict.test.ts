import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setBackend } from '@sp/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkHgq1Models } from './legacy/hgq1-models.ts';
import { checkQKerasModels } from './legacy/qkeras-models.ts';
import { checkQKerasQuantizers } from './legacy/qkeras-quantizers.ts';
import { legacy } from './legacy.ts';
import type { Check } from './parity/compare.ts';

const golden = process.env['SP_LEGACY'] ?? fileURLToPath(new URL('../../../../shared/golden/legacy', import.meta.url));
const present = existsSync(golden);

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON, whose paths the tests name
type Json = any;
const load = (file: string): Json => JSON.parse(readFileSync(join(golden, file), 'utf8'));
const named = (file: string, name: string): Json => load(file)['models'].find((row: Json) => row['name'] === name);

/** A copy with another number (or text) at a path. */
function changed(row: Json, path: string, value?: unknown): Json {
  const copy = structuredClone(row);
  const keys = path.split('.');
  const last = keys.pop() as string;
  const parent = keys.reduce((at, key) => at[key], copy);
  expect(parent[last], `${path} exists`).toBeDefined();
  parent[last] = value ?? Number(parent[last]) * 2 + 1;
  return copy;
}

const failed = (checks: readonly Check[]): number => checks.filter(({ ok }) => !ok).length;

beforeAll(() => setBackend('cpu'));

describe.skipIf(!present)('the legacy comparison fails (needs ../shared/golden/legacy)', () => {
  const row = present ? load('qkeras_quantizers.json')['rows'][4] : {};

  it.each(['y.40', 'dx.40', 'max', 'min', 'config.bits'])('on a wrong %s of a quantizer', async (path) => {
    expect(failed(await checkQKerasQuantizers({ rows: [row] }))).toBe(0);
    expect(failed(await checkQKerasQuantizers({ rows: [changed(row, path)] }))).toBeGreaterThan(0);
  });

  it('on a quantizer row of an unknown kind, and on an error that is none', async () => {
    const { y: _, ...rest } = row;
    await expect(checkQKerasQuantizers({ rows: [rest] })).rejects.toThrow(/y is not a list/);
    expect(failed(await checkQKerasQuantizers({ rows: [{ ...row, error_at: 'call' }] }))).toBe(1);
  });

  it.each([
    'outputs_x4.0.data.5',
    'layer_outputs_first4.d1.data.3',
    'quantized_weights.d1.kernel.data.0',
    'stats.operations.d1.number_of_operations',
    'stats.accumulator_sampled.d1',
    'stats.qtools.energy.d1.energy.op_cost',
    'stats.qtools.map.d1.accumulator.bits',
    'conversions.0.layers.1.b',
    'conversions.0.outputs_x4.0.data.5',
  ])('on a wrong %s of a QKeras model', async (path) => {
    const models = [changed(named('qkeras_models.json', 'm01_dense'), path)];
    expect(failed(await checkQKerasModels({ models }, golden))).toBeGreaterThan(0);
  });

  it('on a wrong type string, a file that is missing, and a conversion that should have been refused', async () => {
    const model = named('qkeras_models.json', 'm01_dense');
    const layers: Json[] = model['conversions'][2]['layers'];
    const index = layers.findIndex((layer) => String(layer['overrides']).includes('weight_t'));
    const text = layers[index]['overrides'].replace(/'weight_t': 'fixed<(\d+)/, "'weight_t': 'fixed<9$1");
    const path = `conversions.2.layers.${index}.overrides`;
    expect(failed(await checkQKerasModels({ models: [changed(model, path, text)] }, golden))).toBeGreaterThan(0);
    const gone = { ...model, h5: 'models/nothing.h5' };
    expect(failed(await checkQKerasModels({ models: [gone] }, golden))).toBe(1);
    const refused = { ...model, right: 'refuse: this one' };
    expect(failed(await checkQKerasModels({ models: [refused] }, golden))).toBeGreaterThan(0);
  });

  it.each([
    'clean.train.14.loss',
    'clean.train.7.reg_loss',
    'clean.gradients_step0.d1/kernel.data.3',
    'quantizers.d1.kq.degeneracy',
    'approx_bits_step0.d1.kernel.data.2',
    'final.d1/kernel.data.0',
    'predictions_x4.0.data.3',
    'trace.0.bops.d1',
    'trace.0.minmax.d2.max.data.0',
    'trace.0.exact_bits.d1.kernel_i_plus_f.data.4',
    'trace.0.proxies.0.layers.1.b',
    'trace.0.proxies.1.predictions_x4.0.data.2',
  ])('on a wrong %s of an HGQ v1 model', async (path) => {
    const models = [changed(named('hgq1_models.json', 'h07_signature'), path)];
    expect(failed(await checkHgq1Models({ models }, golden))).toBeGreaterThan(0);
  });

  it('on files that are missing, empty, of unknown names, or no JSON', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'legacy-'));
    try {
      const write = (name: string, content: unknown): void =>
        writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
      await expect(legacy(folder)).rejects.toThrow(/has none of/);
      write('qkeras_quantizers.json', { rows: [row] });
      write('qkeras_models.json', { models: [] });
      write('hgq1_layers.json', {});
      write('prune_masks.json', {});
      const { ok, files } = await legacy(folder);
      expect(ok).toBe(false);
      expect(Object.fromEntries(files.map(({ file, failures }) => [file, failures[0]?.what]))).toEqual({
        'qkeras_quantizers.json': undefined,
        'qkeras_models.json': 'it has no rows',
        'hgq1_models.json': 'the file is missing',
        'hgq1_bits.json': 'the file is missing',
        'hgq1_layers.json': 'nothing compares files of this name',
      });
      write('hgq1_bits.json', '{');
      await expect(legacy(folder)).rejects.toThrow(/hgq1_bits\.json.*not JSON/s);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
