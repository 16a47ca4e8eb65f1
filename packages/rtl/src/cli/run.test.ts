import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveGraph } from '@sp/quant';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyGraph } from '../../test/support/tiny-graph.ts';
import { run } from './run.ts';

let dir: string;
let path: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sp-rtl-cli-'));
  path = join(dir, 'network.json');
  const { json, weights } = saveGraph(tinyGraph(7, 6, 3));
  await writeFile(path, json);
  await writeFile(join(dir, 'network.bin'), weights);
});
afterAll(() => rm(dir, { recursive: true }));

async function sp(...argv: string[]): Promise<{ code: number; out: string; error: string }> {
  const [out, error]: string[][] = [[], []];
  const code = await run(argv, { out: (text) => void out.push(text), error: (text) => void error.push(text) });
  return { code, out: out.join('\n'), error: error.join('\n') };
}

describe('sp-rtl', () => {
  it('explains itself', async () => {
    const { code, out } = await sp('--help');
    expect(code).toBe(0);
    for (const command of ['emit', 'simulate', 'compare', 'area', 'explore'])
      expect(out).toContain(`  ${command} GRAPH`);
    expect((await sp('area', '--help')).out).toContain('--products');
    expect((await sp()).code).toBe(2);
  });

  it('writes a design, and again over it, but not over anything else', async () => {
    const target = join(dir, 'hardware');
    expect(await sp('emit', path, target, '--interval', '2', '--random', '3')).toMatchObject({ code: 0, error: '' });
    await writeFile(join(target, 'rtl', 'old.v'), '// of a module that is no more');
    expect(JSON.parse(await readFile(join(target, 'design.json'), 'utf8'))).toMatchObject({ interval: 2 });
    expect((await sp('emit', path, target, '--random', '3')).code).toBe(0);
    expect(await readdir(join(target, 'rtl'))).not.toContain('old.v');
    expect(await readdir(join(target, 'rtl'))).toContain('tiny.v');
    const { code, error } = await sp('emit', path, dir);
    expect(code).toBe(2);
    expect(error).toMatch(/holds .* and no design.json/);
  });

  it('runs images and compares them', async () => {
    const result = join(dir, 'results.json');
    const images = join(dir, 'images.json');
    await writeFile(images, JSON.stringify(new Array(2 * 42).fill(0.5)));
    const lines = await sp('simulate', path, '--images', images);
    expect(lines.out.split('\n')).toHaveLength(2);
    expect((await sp('simulate', path, '--images', images, '--out', result)).out).toMatch(/^2 images in \d+ clocks/);
    expect(Object.values(JSON.parse(await readFile(result, 'utf8')) as object)[0]).toHaveLength(2);
    const { code, out } = await sp('compare', path, '--interval', '3', '--random', '20');
    expect(code, out).toBe(0);
    expect(out).toMatch(/\n0 of \d+ numbers differ; every image took \d+ clocks, interval 3$/);
  });

  it('looks for the smallest design within limits', async () => {
    const { code, out } = await sp('explore', path, '--interval', '3', '--levels', '5');
    expect(code).toBe(0);
    expect(out.split('\n')).toHaveLength(4);
    const picked = await sp('explore', path, '--interval', '2', '--levels', '5', '--latency', '1000');
    expect(picked.out).toContain('"levelsPerStage": 5');
    expect(await sp('explore', path, '--interval', '1', '--lut', '1')).toMatchObject({ code: 2 });
  });

  it.each([
    [['fly'], /unknown command "fly" \(commands: emit, simulate/],
    [['emit', 'x.json'], /sp-rtl emit GRAPH DIR: an argument is missing/],
    [['area', 'none.json'], /"none.json" cannot be read/],
    [['compare', 'GRAPH', '--interval', '0'], /interval is 0; use a whole number/],
    [['compare', 'GRAPH', '--interval', 'two'], /--interval two: give a number/],
    [['compare', 'GRAPH', '--random', '0'], /--random 0: give a number of images/],
    [['area', 'GRAPH', '--products', 'bram'], /--products bram: use dsp or lut/],
    [['explore', 'GRAPH', '--interval', '1', '--out', 'x'], /--out is for the design that is picked/],
    [['simulate', 'GRAPH', '--latency', '3'], /simulate has no option --latency/],
  ])('refuses %j', async (argv, message) => {
    const { code, error } = await sp(...argv.map((word) => (word === 'GRAPH' ? path : word)));
    expect(code).toBe(2);
    expect(error).toMatch(message);
  });
});
