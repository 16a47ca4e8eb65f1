/** The command line program, on files. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { graphBuilder, saveGraph } from '@sp/quant';
import { digitsGraph, digitsImages } from '@sp/test-graphs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../src/cli/run.ts';
import { temporaryFolder } from './support/workspace.ts';

let folder = '';
const file = (name: string): string => `${folder}/${name}`;

/** Exit code, output and complaints of one run. */
async function call(...argv: string[]): Promise<{ code: number; out: string; error: string }> {
  const out: string[] = [];
  const error: string[] = [];
  const code = await run(argv, { out: (text) => void out.push(text), error: (text) => void error.push(text) });
  return { code, out: out.join('\n'), error: error.join('\n') };
}

/** Rows, columns and numbers (the first two give the shape) as a .npy file of doubles. */
function npy([rows, columns, ...values]: readonly number[]): Buffer {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${columns}), }\n`;
  const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([head, Buffer.from(header), Buffer.from(Float64Array.from(values).buffer)]);
}

/** The same by name as .npz: one array deflated, the others stored. */
function npz(arrays: Readonly<Record<string, readonly number[]>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  for (const [j, [name, numbers]] of Object.entries(arrays).entries()) {
    const data = npy(numbers);
    const packed = j === 0 ? deflateRawSync(data) : data;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(j === 0 ? 8 : 0, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length + 4, 22);
    const offset = parts.reduce((sum, { length }) => sum + length, 0);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const path = Buffer.from(`${name}.npy`);
    parts.push(Buffer.from('PK\x03\x04'), common, path, packed);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, tail, path);
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length / 4, 10);
  end.writeUInt32LE(
    parts.reduce((sum, { length }) => sum + length, 0),
    16,
  );
  return Buffer.concat([...parts, entries, end]);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const { json, weights } = saveGraph(digitsGraph());
  await writeFile(file('digits.json'), json);
  await writeFile(file('digits.bin'), weights);
  await writeFile(file('config.json'), JSON.stringify({ layerName: { dense1: { reuseFactor: 28 } } }));
  await writeFile(file('bad.json'), JSON.stringify({ model: { reuseFactor: 7 } }));
  await writeFile(file('images.json'), JSON.stringify([...digitsImages(3)]));
  await writeFile(file('few.txt'), '1 2 3');
  await writeFile(file('list.json'), '[]');
  await writeFile(file('null.json'), JSON.stringify([0, Number.NaN]));
  await writeFile(file('marked.json'), `\uFEFF${json}`);
  await writeFile(file('marked.bin'), weights);
  await writeFile(file('marked-config.json'), '\uFEFF{}');
  await writeFile(file('marked-images.json'), `\uFEFF${JSON.stringify([...digitsImages(2)])}`);
});

describe('sp-hls', () => {
  it('exports, compiles, compares and predicts', async () => {
    const dir = file('firmware');
    const exported = await call('export', file('digits.json'), dir, '--config', file('config.json'), '--random', '5');
    expect(exported).toMatchObject({ code: 0, error: '' });
    expect(exported.out).toMatch(/\d+ files in /);
    expect(await readFile(`${dir}/project.json`, 'utf8')).toContain('"reuseFactor":28');
    expect((await call('compile', dir)).code).toBe(0);
    expect((await call('compile', dir)).out).toContain('was there');
    const compared = await call('compare', file('digits.json'), dir, '--random', '16');
    expect(compared.out).toMatch(/dense2_out +requantize +160 +0 +0[\s\S]*no mismatch/);
    expect(compared.code).toBe(0);
    const predicted = await call('predict', dir, '--images', file('images.json'), '--out', file('scores.json'));
    expect(predicted).toMatchObject({ code: 0, out: expect.stringContaining('3 images in') });
    const { dense2_out: scores } = JSON.parse(await readFile(file('scores.json'), 'utf8'));
    expect(scores.map((row: number[]) => row.length)).toEqual([10, 10, 10]);
    expect((await call('predict', dir, '--images', file('images.json'))).out.split('\n').length).toBe(3);
  });

  it('estimates, checks, lists factors and configurations', async () => {
    expect((await call('estimate', file('digits.json'))).out).toMatch(/latency \(cycles\)[\s\S]*conv1 +latency/);
    const checked = await call('check', file('digits.json'));
    expect(checked).toEqual({ code: 0, out: '0 errors, 0 warnings', error: '' });
    await writeFile(file('vivado.json'), JSON.stringify({ model: { backend: 'Vivado', strategy: 'latency' } }));
    const refused = await call('check', file('digits.json'), '--config', file('vivado.json'));
    expect(refused).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^error: dense1: its weights: 4704 elements [\s\S]*\n1 error, 0 warnings$/),
    });
    const exported = await call('export', file('digits.json'), file('vivado'), '--config', file('vivado.json'));
    expect(exported).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^error: dense1: [\s\S]*files in .*; check for Vivado: 1 error, 0 warnings$/),
    });
    expect((await call('factors', file('digits.json'))).out).toContain(
      'conv1: pixelParallelFactor 1, 2, 3, 4, 6, 8, 12, 24',
    );
    expect((await call('factors', file('digits.json'))).out).toContain('flatten: parallelFactor 1, 7, 49');
    const config = await call('config', file('digits.json'), '--granularity', 'type');
    expect(JSON.parse(config.out).layerType.dense).toEqual({ strategy: 'auto', reuseFactor: 1 });
  });

  it('takes several inputs by name, .npy and .npz, labels, and the configuration of the export', async () => {
    const g = graphBuilder('two');
    const a = g.input('a', { shape: [3], format: { k: 1, i: 2, f: 4 } });
    const b = g.input('b', { shape: [3], format: { k: 1, i: 2, f: 4 } });
    const sum = g.add('sum', a, b, { layer: 'sum' });
    const { json, weights } = saveGraph(g.build([sum]));
    await writeFile(file('two.json'), json);
    await writeFile(file('two.bin'), weights);
    const config = { layerName: { sum: { precision: 'ap_fixed<6,4,RND,SAT>' } } };
    await writeFile(file('narrow.json'), JSON.stringify(config));
    const exported = await call(
      'export',
      file('two.json'),
      file('two'),
      '--config',
      file('narrow.json'),
      '--random',
      '4',
    );
    expect(exported).toMatchObject({ code: 0, error: '' });
    // The precision is in project.json.
    expect(await call('compare', file('two.json'), file('two'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/no mismatch$/),
    });
    await writeFile(
      file('ab.json'),
      JSON.stringify({
        a: [
          [1, 0, 0.5],
          [0, 1, 0],
        ],
        b: [
          [0, 0, 0.5],
          [0.5, 1.5, 0],
        ],
      }),
    );
    await writeFile(file('ab.npz'), npz({ a: [2, 3, 1, 0, 0.5, 0, 1, 0], b: [2, 3, 0, 0, 0.5, 0.5, 1.5, 0] }));
    await writeFile(file('labels.npy'), npy([2, 1, 0, 1]));
    const lines = '1 0 1\n0.5 2.5 0';
    const options = ['--labels', file('labels.npy')];
    for (const data of ['ab.json', 'ab.npz']) {
      const predicted = await call('predict', file('two'), '--images', file(data), ...options);
      expect(predicted.out).toMatch(new RegExp(`^${lines}\n2 of 2 images have the largest`));
    }
    await writeFile(file('a.npy'), npy([1, 3, 1, 0, 0.5]));
    expect((await call('predict', file('two'), '--images', file('a.npy'))).error).toMatch(
      /one array for the inputs a, b; use .npz/,
    );
    await writeFile(file('a.npz'), npz({ a: [1, 3, 1, 0, 0.5] }));
    expect((await call('predict', file('two'), '--images', file('a.npz'))).error).toMatch(
      /nothing for input "b"; it has a/,
    );
    expect((await call('factors', file('digits.json'), '--config', file('narrow.json'))).code).toBe(2);
  });

  it('explores, and picks a plan within limits', async () => {
    const all = await call('explore', file('digits.json'));
    expect(all).toMatchObject({ code: 0, out: expect.stringMatching(/^plan +latency +interval +LUT[\s\S]*default /) });
    const limits = ['--latency', '300', '--lut', '250000', '--figure', file('plans.svg')];
    expect((await call('explore', file('digits.json'), ...limits, '--out', file('picked.json'))).out).toMatch(
      /picked: /,
    );
    expect(await readFile(file('plans.svg'), 'utf8')).toMatch(/^<svg[\s\S]*hollow: \d+ of \d+ than which/);
    expect(await call('explore', file('digits.json'), '--figure', 'plans.gif')).toMatchObject({
      code: 2,
      error: 'sp-hls: --figure plans.gif: give a file that ends in .svg',
    });
    const picked = await call('estimate', file('digits.json'), '--config', file('picked.json'));
    expect(Number(/latency \(cycles\) +(\d+)/.exec(picked.out)?.[1])).toBeLessThanOrEqual(300);
    expect(await call('explore', file('digits.json'), '--lut', '10')).toMatchObject({
      code: 2,
      error: expect.stringMatching(/no plan has lut <= 10; the nearest is/),
    });
    expect(await call('explore', file('digits.json'), '--lut', 'few')).toMatchObject({
      code: 2,
      error: 'sp-hls: --lut few: give a number, the most there may be',
    });
  });

  it('reads files that begin with a byte order mark', async () => {
    const options = ['--config', file('marked-config.json'), '--images', file('marked-images.json')];
    const exported = await call('export', file('marked.json'), file('marked'), ...options);
    expect(exported).toMatchObject({ code: 0, error: '' });
  });

  it('explains itself, and each command', async () => {
    const help = await call('--help');
    expect(help).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Usage: sp-hls[\s\S]*From a graph to checked firmware/),
    });
    expect(await call()).toMatchObject({ code: 2, out: help.out });
    for (const [, name] of help.out.matchAll(/^ {2}([a-z]+) (?:GRAPH|DIR)/gm)) {
      expect(await call(name, '--help')).toMatchObject({
        code: 0,
        out: expect.stringContaining(`Usage: sp-hls ${name} `),
      });
    }
  });

  it('leaves nothing behind when results cannot be written', async () => {
    await call('export', file('digits.json'), file('kept'));
    const predicted = await call(
      'predict',
      file('kept'),
      '--images',
      file('images.json'),
      '--out',
      file('no/scores.json'),
    );
    expect(predicted).toMatchObject({ code: 2, error: expect.stringMatching(/cannot be written/) });
  });

  it.each([
    [['exprot'], 2, /unknown command "exprot", did you mean "export"\?/],
    [['export', 'graph.json'], 2, /export GRAPH DIR: an argument is missing/],
    [['export', 'GRAPH', 'OUT', 'more'], 2, /"more" is one argument too many/],
    [['toString'], 2, /unknown command "toString"/],
    [['check', 'GRAPH', '--config', 'LIST'], 2, /config = \[\]; expected an object/],
    [['export', 'GRAPH', 'FEW'], 2, /few\.txt.* is no folder; name another path/],
    [['predict', 'OUT'], 2, /cannot be read; write/],
    [['factors', 'digits.txt'], 2, /give the .json file/],
    [['factors', '/nowhere/graph.json'], 2, /cannot be read/],
    [['factors', 'GRAPH', '--random', '3'], 2, /factors has no option --random \(it has: --config\)/],
    [['check', 'GRAPH', '--confg', 'x'], 2, /did you mean "config"\?/],
    [['check', 'GRAPH', '--config', 'BAD'], 2, /model.reuseFactor = 7 is illegal/],
    [['export', 'GRAPH', 'OUT', '--images', 'FEW'], 2, /3 numbers; input "image" takes 784 per image/],
    [['export', 'GRAPH', 'OUT', '--random', 'many'], 2, /--random many: give a number of images/],
    [['export', 'GRAPH', 'OUT', '--random', '-5'], 2, /--random -5: give a number of images, at least 1/],
    [
      ['export', 'GRAPH', 'OUT', '--random', '99999999999'],
      2,
      /--random 99999999999: too many images of 784 numbers each for input "image"; give at most 21399/,
    ],
    [['compare', 'GRAPH', 'OUT', '--random', '1000000'], 2, /give at most 171196/],
    [['export', 'GRAPH', 'OUT', '--random'], 2, /--random: its value is missing; write --random N, or --random=N if/],
    [['export', 'GRAPH', 'OUT', '--config', '--random'], 2, /--config: its value is missing; write --config FILE/],
    [['export', 'GRAPH', 'OUT', '--images', 'FEW', '--random', '3'], 2, /--images .* --random 3: read images or make/],
    [['export', 'GRAPH', 'OUT', '--images', 'LIST'], 2, /images ".*list.json": no numbers in it/],
    [
      ['export', 'GRAPH', 'OUT', '--images', 'NULL'],
      2,
      /images ".*null.json": \[1\] is null \(JSON.stringify writes NaN/,
    ],
    [['config', 'GRAPH', '--granularity', 'layer'], 2, /use model, type, name/],
    [['compile', 'OUT'], 2, /cannot be read; write/],
  ] as const)('%j ends with %i', async (argv, code, message) => {
    const paths = new Map(
      Object.entries({
        GRAPH: file('digits.json'),
        BAD: file('bad.json'),
        FEW: file('few.txt'),
        LIST: file('list.json'),
        NULL: file('null.json'),
        OUT: file('out'),
      }),
    );
    const result = await call(...argv.map((word) => paths.get(word) ?? word));
    expect(result.error).toMatch(message);
    expect(result.code).toBe(code);
  });

  it('is a program', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const [argv, exitCode] = [process.argv, process.exitCode];
    try {
      process.argv = ['node', 'sp-hls', '--help'];
      await import('../src/cli/main.ts');
      expect(process.exitCode).toBe(0);
      expect(write).toHaveBeenCalledWith(expect.stringContaining('Usage: sp-hls'));
    } finally {
      process.argv = argv;
      process.exitCode = exitCode;
      write.mockRestore();
    }
  });

  it('ends quietly when its reader leaves early', async () => {
    const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
    const child = spawn(process.execPath, [program, 'estimate', file('digits.json')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let error = '';
    child.stderr.on('data', (chunk) => {
      error += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, error]).toEqual([0, '']);
  });

  it('says that there is no compiler, with a code of its own', async () => {
    await call('export', file('digits.json'), file('other'));
    const result = await call('compile', file('other'), '--cxx', 'no-such-compiler');
    expect(result).toMatchObject({
      code: 3,
      error: expect.stringMatching(/no C\+\+ compiler: tried no-such-compiler/),
    });
  });
});
