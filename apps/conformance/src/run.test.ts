import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './run.ts';

const golden = fileURLToPath(new URL('../test/fixtures/hgq2_vectors.json', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conformance-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function program(...args: string[]): Promise<{ code: number; out: string[]; error: string[] }> {
  const out: string[] = [];
  const error: string[] = [];
  const code = await run(['node', 'cli', ...args], {
    out: (text) => out.push(text),
    error: (text) => error.push(text),
  });
  return { code, out, error };
}

async function changed(change: (data: Record<string, never>) => void): Promise<string> {
  const data = JSON.parse(await readFile(golden, 'utf8'));
  change(data);
  const path = join(folder, 'changed.json');
  await writeFile(path, JSON.stringify(data));
  return path;
}

describe('vectors', () => {
  it('finds no mismatch in the golden file and prints one JSON object as the last line', async () => {
    const { code, out } = await program('vectors', golden, '--json');
    const report = JSON.parse(out.at(-1)!);
    expect(report.kinds.filter(({ mismatches }: { mismatches: number }) => mismatches > 0)).toEqual([]);
    expect(report).toMatchObject({ command: 'vectors', ok: true, mismatches: 0 });
    const rows = Object.fromEntries(report.kinds.map(({ kind, rows: n }: { kind: string; rows: number }) => [kind, n]));
    expect(rows).toMatchObject({ fixed_forward_infer: 231, minimal_i_xf: 39, minimal_i_xb: 48, float: 9 });
    const checked = report.kinds.filter((entry: { checked: boolean }) => entry.checked);
    expect(checked.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['fixed_forward_infer', 'minimal_i_xf', 'minimal_i_xb', 'float']),
    );
    expect(code).toBe(0);
  });

  it('names the worst offender of each kind and ends with 1', async () => {
    const path = await changed((data: Record<string, { y: number[] }[]>) => {
      data['fixed_forward_infer'][2].y[4] += 0.5;
      data['fixed_forward_infer'][7].y[1] -= 3;
      data['float'][0].y[5] *= 2;
    });
    const { code, out } = await program('vectors', path);
    expect(code).toBe(1);
    expect(out[0]).toMatch(/worst of fixed_forward_infer: row 7 .*x = -8.5/);
    expect(out[0]).toMatch(/worst of float: row 0/);
  });

  it('lists kinds it cannot check', async () => {
    const path = await changed((data: Record<string, unknown>) => {
      data['new_kind'] = [1, 2, 3];
    });
    const { out } = await program('vectors', path, '--json');
    expect(out[0]).toMatch(/new_kind +3 +not checked/);
    expect(JSON.parse(out[1]).notChecked).toContain('new_kind');
  });
});

describe('bad files and arguments end with 2', () => {
  it.each([
    ['a missing file', async () => join(folder, 'none.json'), /cannot be read/],
    ['text', async () => fileURLToPath(import.meta.url), /is not JSON/],
    ['another form', async () => changed((data) => delete data['float_x']), /float_x is no array of numbers/],
    [
      'an unknown mode',
      async () =>
        changed((data: Record<string, { round: string }[]>) => {
          data['fixed_forward_infer'][0].round = 'NEAREST';
        }),
      /unknown rounding mode/,
    ],
  ])('%s', async (_, path, message) => {
    const { code, error } = await program('vectors', await path());
    expect(code).toBe(2);
    expect(error.join()).toMatch(message);
  });

  it('arguments', async () => {
    expect((await program('nothing')).error[0]).toMatch(/unknown command "nothing"; use one of vectors/);
    expect((await program('vectors')).code).toBe(2);
    expect((await program('vectors', 'a.json', '--wrong')).code).toBe(2);
  });
});
