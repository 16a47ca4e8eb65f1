import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelState } from '@sp/layers';
import { readFrom, unpackEntry, zipDirectory } from '@sp/layers/formats';
import { loadKeras } from '@sp/layers/keras';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.ts';
import { rowPassed, type ZooRow } from './zoo/check-file.ts';
import { withoutCompiled, zooOf, zooPage } from './zoo/zoo-page.ts';
import { zooTable } from './zoo/zoo-table.ts';
import { zoo } from './zoo.ts';

const fixtures = fileURLToPath(new URL('../test/fixtures/zoo', import.meta.url));
const everything = fileURLToPath(new URL('../../../../shared/golden/keras_zoo', import.meta.url));
const page = fileURLToPath(new URL('../../../docs/compare/keras.md', import.meta.url));
const root = await mkdtemp(join(tmpdir(), 'zoo-'));
let folder: string;
let copies = 0;

beforeEach(() => {
  folder = join(root, String(copies++));
  cpSync(fixtures, folder, { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

function change(edit: (records: Record<string, { out: { data: number[] }[] }>) => void): void {
  const path = join(folder, 'zoo.json');
  const records = JSON.parse(readFileSync(path, 'utf8'));
  edit(records);
  writeFileSync(path, JSON.stringify(records));
}

async function program(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const [out, error] = [[] as string[], [] as string[]];
  const code = await run(['node', 'cli', 'zoo', ...args], {
    out: (text) => out.push(text),
    error: (text) => error.push(text),
  });
  return { code, out: out.join('\n'), error: error.join('\n') };
}

describe('zoo', () => {
  it('takes real files through all stages', async () => {
    const { code, out } = await program(folder, '--compile', '0', '--json');
    const report = JSON.parse(out.split('\n').at(-1) as string);
    expect(report.rows.map(({ name }: { name: string }) => name)).toEqual([
      'HardTanh',
      'HardTanh_sym',
      'QAffinedUnaryFunctionLUT',
      'QBatchNormDense',
      'QBatchNormalization_nocenter',
      'QDense',
      'QEinsumDenseBatchnorm',
      'QSoftmax_iq',
      'QUnaryFunctionLUT_elu',
      'multi_output',
      'q_WRAP_SM',
    ]);
    const stages = report.rows.flatMap(({ outputs, interpreter }: ZooRow) => [outputs?.state, interpreter?.state]);
    expect(new Set(stages)).toEqual(new Set(['equal']));
    expect(report).toMatchObject({ command: 'zoo', ok: true });
    expect(out).toMatch(/QDense +import ok · outputs ok · EBOPs ok · lowered ok · graph ok\n/);
    expect(out).toMatch(/class +files +import +outputs/);
    expect(code).toBe(0);
  });

  it('ends with 1 and names the file when one recorded number differs', async () => {
    change((records) => {
      records['QDense'].out[0].data[5] += 2 ** -6;
    });
    const { code, out } = await program(folder, '--compile', '0', '--filter', 'QDense');
    expect(code).toBe(1);
    expect(out).toMatch(/outputs DIFFERS by 0\.0\d+ at output 0/);
    expect(out).toMatch(/out of tolerance: 1 files, first QDense/);
  });

  it('tells a missing file, a damaged file and one without a record', async () => {
    rmSync(join(folder, 'QDense.keras'));
    writeFileSync(join(folder, 'multi_output.keras'), 'no zip');
    change((records) => delete records['QUnaryFunctionLUT_elu']);
    const report = await zoo(folder, { compile: 0 });
    const states = new Map(report.rows.map(({ name, imported }) => [name, imported.state]));
    expect([...states].filter(([, state]) => state === 'failed').map(([name]) => name)).toEqual([
      'QDense',
      'multi_output',
    ]);
    expect(states.get('QUnaryFunctionLUT_elu')).toBe('equal');
    expect(report.rows.find(({ name }) => name === 'QUnaryFunctionLUT_elu')?.outputs?.state).toBe('failed');
    expect(zooTable(report)).toMatch(/QDense\.keras is missing/);
    expect(zooTable(report)).toMatch(/multi_output\.keras is not a zip archive/);
    expect(report.ok).toBe(false);
  });

  it('ends with 2 for a folder that is no zoo and for bad options', async () => {
    expect(await program(root)).toMatchObject({ code: 2, error: expect.stringMatching(/has no zoo\.json/) });
    expect(await program(folder, '--filter', 'nothing like it')).toMatchObject({ code: 2 });
    expect(await program(folder, '--compile', 'some')).toMatchObject({ code: 2 });
    writeFileSync(join(folder, 'zoo.json'), '{"QDense": {"x": 3}}');
    expect(await program(folder)).toMatchObject({ code: 2, error: expect.stringMatching(/x is no list of tensors/) });
  });

  it('says under which condition a file is equal whose option the reference has lost', async () => {
    const { out } = await program(folder, '--compile', '0', '--filter', 'HardTanh_sym');
    expect(out).toMatch(/HardTanh_sym +import ok \(symmetricHardTanh, which the file has lost\) · outputs ok/);
    change((records) => {
      records['HardTanh_sym'].out[0].data[0] += 2 ** -5;
    });
    expect((await program(folder, '--compile', '0', '--filter', 'HardTanh_sym')).code).toBe(1);
  });

  it('passes every file of the whole zoo but those of classes that are meant to be refused', async ({ skip }) => {
    if (!existsSync(everything)) skip('../shared/golden/keras_zoo is not here');
    const { rows } = await zoo(everything, { compile: 0 });
    const failed = rows.filter((row) => !rowPassed(row)).map(({ name }) => name);
    expect(zooOf(readFileSync(page, 'utf8'))).toBe(withoutCompiled(zooPage(rows)));
    expect(failed).toEqual([]);
    const refused = rows.filter((row) => row.imported.state === 'refused' && !failed.includes(row.name));
    expect(refused.map(({ name }) => name)).toEqual(meant);
    for (const { imported } of refused) expect(JSON.stringify(imported)).toMatch(/cannot be imported: .{30,}/);
    const conditions = rows.flatMap((row) =>
      [row.imported, row.outputs, row.ebops, row.lowered, row.interpreter].flatMap((stage) =>
        stage?.state === 'close' && stage.note != null ? [row.name] : [],
      ),
    );
    expect([...new Set(conditions)]).toEqual(conditional);
  });
});

/** Three-dimensional data, networks of tables, spiking layers: see `meantRefusals`. */
const meant =
  'QAveragePooling3D QConv3D QConvT1D QConvT2D QDenseT QGlobalAveragePooling3D QLIF QMaxPooling3D QSimpleSNN'.split(
    ' ',
  );

/**
 * Files that pass under a condition, which their line says: the symmetry that the file has lost; a precision, for a model
 * that ends with floats that nothing rounds; a trace, for a model saved without one.
 */
const conditional =
  'HardTanh_sym dense_tanh k_Conv2D k_Dense sp_conv_act_elu sp_conv_act_leaky_relu sp_conv_act_sigmoid sp_conv_act_tanh untraced'.split(
    ' ',
  );

describe('architecture and weights apart', () => {
  it.each(['QDense', 'QSoftmax_iq', 'QBatchNormalization_nocenter', 'multi_output'])(
    '%s comes in from model.to_json() and a .weights.h5 as from the .keras file',
    async (name) => {
      const bytes = new Uint8Array(readFileSync(join(fixtures, `${name}.keras`)));
      const parts = readFrom(bytes, zipDirectory(bytes.length));
      const part = (path: string): Uint8Array => {
        const entry = parts.get(path);
        if (entry == null) throw new Error(`${name}.keras has no ${path}.`);
        return unpackEntry(bytes, entry);
      };
      const whole = await loadKeras(bytes);
      const apart = await loadKeras(part('config.json'), { weights: part('model.weights.h5') });
      expect(modelState(apart)).toEqual(modelState(whole));
      await expect(loadKeras(part('config.json'))).rejects.toThrow(/architecture without weights.*\{ weights \}/);
    },
  );
});
