import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { denseReference } from '../test/support/dense-reference.ts';
import {
  dense,
  type SyntheticFile,
  type SyntheticOptions,
  syntheticTrained,
} from '../test/support/synthetic-trained.ts';
import { run } from './run.ts';
import { trained, trainedTable } from './trained.ts';

const softmax: SyntheticOptions = {
  height: 12,
  width: 10,
  channels: 2,
  threshold: 0.3,
  architecture: [
    ['conv', 5, 2],
    ['conv', 3, 3],
    ['avg', 2],
    ['dense', 7, 'relu'],
    ['dense', 4, 'softmax'],
  ],
  images: 25,
  seed: 1,
};
const sigmoid: SyntheticOptions = {
  ...softmax,
  height: 11,
  channels: 1,
  architecture: [
    ['conv', 3, 2],
    ['avg', 3],
    ['conv', 3, 2],
    ['dense', 1, 'sigmoid'],
  ],
  withoutBias: [1],
  seed: 2,
};
let folder: string;

// Compiling is for the slow tests; here there is no compiler.
beforeAll(async () => {
  vi.stubEnv('CXX', 'no-such-compiler');
  folder = await mkdtemp(join(tmpdir(), 'trained-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function saved(file: unknown): Promise<string> {
  const path = join(folder, 'file.json');
  await writeFile(path, typeof file === 'string' ? file : JSON.stringify(file));
  return path;
}

describe('trained', () => {
  it.each([
    ['two channels, two convolutions in a row, softmax', softmax],
    ['a pool of 3, a convolution without bias, one sigmoid', sigmoid],
  ])('finds the networks of a dense float64 reference again: %s', async (_, options) => {
    const file = syntheticTrained(options);
    const distinct = Object.values(file.models).map(({ predictions }) => new Set(predictions.map(String)).size);
    expect(Math.min(...distinct)).toBeGreaterThan(20);
    const report = await trained(await saved(file));
    expect(report.failures).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.networks.map(({ name, n, bits }) => [name, n, bits])).toEqual([
      ['8b-a', 6, 8],
      ['16b-b', 9, 16],
    ]);
    for (const { float, fixed } of report.networks) {
      expect(float.cpu.reproduced).toBe(25);
      expect(float.wasm.reproduced).toBe(25);
      expect(fixed.byInput.at(-1)?.agreed).toBe(25);
    }
  });

  it('says that C++ was not checked without a compiler', async () => {
    const report = await trained(await saved(syntheticTrained(sigmoid)));
    expect(report.compiler.found).toBe(false);
    expect(report.networks.every(({ compiled }) => compiled == null)).toBe(true);
    const table = trainedTable(report);
    expect(table).toMatch(/C\+\+: NOT CHECKED: no C\+\+ compiler/);
    expect(table).toMatch(/8b-a .* not checked\n/);
  });

  it('fails when the C++ does not compile', async () => {
    const compiler = join(folder, 'compiler.sh');
    await writeFile(
      compiler,
      '#!/bin/sh\n[ "$1" = --version ] && echo broken 1.0 && exit 0\necho cannot compile\nexit 1\n',
    );
    await chmod(compiler, 0o755);
    vi.stubEnv('CXX', compiler);
    const report = await trained(await saved(syntheticTrained(sigmoid)));
    vi.stubEnv('CXX', 'no-such-compiler');
    expect(report.ok).toBe(false);
    expect(report.failures.map(({ group }) => group)).toEqual(['compiled C++', 'compiled C++']);
    const table = trainedTable(report);
    expect(table).toMatch(/worst offender: compiled C\+\+, 8b-a: does not compile or run$/);
    expect(table).toContain('cannot compile');
  });

  it('notices outputs and decisions of another network, and names the worst offender', async () => {
    const file = syntheticTrained(softmax);
    const { predictions } = file.models['16b-b'];
    for (const image of [3, 7]) predictions[image] = [...predictions[image].slice(1), predictions[image][0]];
    const report = await trained(await saved(file));
    expect(report.ok).toBe(false);
    expect(report.failures.map(({ group }) => group).sort()).toEqual(['decisions', 'float outputs', 'float outputs']);
    const [eight, sixteen] = report.networks;
    expect(eight.float.cpu.others).toEqual([]);
    expect(sixteen.float.cpu.others.map(({ image }) => image).sort()).toEqual([3, 7]);
    expect(sixteen.fixed.others).toEqual([3, 7]);
    expect(trainedTable(report)).toMatch(/out of tolerance; worst offender: float outputs, 16b-b on (cpu|wasm): image/);
    expect(sixteen.float.cpu.others[0].cause).toMatch(/^not explained; an activation of \w+ /);
  });

  it('explains an output that hangs on the rounding of one sum', async () => {
    const file = syntheticTrained({
      ...softmax,
      channels: 1,
      architecture: [
        ['conv', 1, 1],
        ['dense', 4, 'softmax'],
      ],
    });
    const model = file.models['8b-a'];
    // One pixel times ½ lies half-way between the codes 26 and 27 of an activation.
    model.weights.w2 = [0.5];
    model.weights.b2 = [0];
    file.images[2] = [[43, 53 / 64]];
    const net = { ...file, n: model.n, act: { i: 2, f: 6 }, weights: model.weights };
    const predict = (tieUp: boolean) => (pixels: [number, number][]) => [
      ...denseReference(net, dense(file, pixels), tieUp),
    ];
    model.predictions = file.images.map(predict(false));
    model.predictions[2] = predict(true)(file.images[2]);
    const { networks } = await trained(await saved(file));
    const { others } = networks[0].float.cpu;
    expect(others.map(({ image }) => image)).toEqual([2]);
    expect(others[0].cause).toMatch(
      /^rounding of a float32 sum: an activation of conv1 \(0\.4140625\) lies 0\.0e\+0 steps .* scaled by 1 \+ /,
    );
  });
});

describe('a bad file ends with 2 and says what is wrong', () => {
  const change = (edit: (file: SyntheticFile) => void) => (): SyntheticFile => {
    const file = syntheticTrained({ ...sigmoid, images: 3 });
    edit(file);
    return file;
  };
  it.each<[string, () => unknown, RegExp]>([
    ['no JSON', () => '{', /is not JSON/],
    ['no object', () => [], /the file is \[\]; expected an object/],
    ['no threshold', change((file) => delete (file as Partial<SyntheticFile>).threshold), /'threshold' is missing/],
    ['negative threshold', change((file) => (file.threshold = -1)), /'threshold' is -1; expected a number ≥ 0/],
    ['an unknown layer', change((file) => (file.architecture[1] = ['max', 2])), /architecture\[1\]' is \["max",2\]/],
    ['an even kernel', change((file) => (file.architecture[0] = ['conv', 4, 2])), /kernel side is 4; expected an odd/],
    ['too large a pool', change((file) => (file.architecture[1] = ['avg', 30])), /expected a pool of side ≤ 10/],
    [
      'a convolution after dense layers',
      change((file) => file.architecture.splice(1, 1, ['dense', 4, 'relu'])),
      /convolutions and poo/,
    ],
    ['an unknown activation', change((file) => (file.architecture[3] = ['dense', 1, 'tanh'])), /activation is "tanh"/],
    ['a pixel outside', change((file) => (file.images[2] = [[110, 1]])), /images\[2\]' is \[110,1\]; expected \[index/],
    ['no networks', change((file) => (file.models = {})), /'models' is \{\}; expected at least one/],
    ['no n', change((file) => (file.models['8b-a'].n = 0)), /'models\.8b-a\.n' is 0; expected a whole number ≥ 1/],
    ['a bad type', change((file) => (file.models['8b-a'].types.w = 'int8')), /types\.w': type "int8"/],
    ['too few weights', change((file) => file.models['8b-a'].weights.w2.pop()), /w2' is 17; expected 18/],
    ['a missing kernel', change((file) => delete file.models['8b-a'].weights.w8), /kernels in .* is 2; expected 3/],
    [
      'a weight off its grid',
      change((file) => (file.models['8b-a'].weights.w2[4] = 0.3)),
      /w2\[4\]' is 0\.3; expected/,
    ],
    ['a stray bias', change((file) => (file.models['8b-a'].weights.b9 = [0])), /"b9"; expected a kernel 'w9'/],
    ['missing predictions', change((file) => file.models['8b-a'].predictions.pop()), /is 2; expected 3, one row per/],
    ['a short prediction', change((file) => (file.models['8b-a'].predictions[1] = [])), /predictions\[1\]' is \[\]/],
  ])('%s', async (_, make, message) => {
    const error: string[] = [];
    const terminal = { out: () => {}, error: (text: string) => error.push(text) };
    expect(await run(['node', 'cli', 'trained', await saved(make())], terminal)).toBe(2);
    expect(error.join()).toMatch(message);
    expect(error.join()).toContain('file.json');
  });

  it('a missing file', async () => {
    await expect(trained(join(folder, 'none.json'))).rejects.toThrow(/none\.json': cannot be read/);
  });
});
