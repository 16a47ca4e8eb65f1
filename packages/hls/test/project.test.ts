/** A whole project: written, compiled, run, compared, and its testbench executed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { graphBuilder, interpret } from '@sp/quant';
import { digitsGraph, digitsImages } from '@sp/test-graphs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CompiledProject,
  CompileError,
  compare,
  compile,
  emit,
  FirmwareError,
  goldenVectors,
  NoCompilerError,
  plan,
  predict,
  trace,
  write,
} from '../src/index.ts';
import { temporaryFolder } from './support/workspace.ts';

const WARNINGS = ['-Wall', '-Wextra', '-Wshadow', '-Wconversion', '-Wpedantic', '-Werror'];

describe('the digits network', () => {
  const graph = digitsGraph();
  const images = digitsImages(60);
  let dir = '';
  let project: CompiledProject;

  beforeAll(async () => {
    dir = `${await temporaryFolder()}/digits`;
    await write(emit(plan(graph), { golden: goldenVectors(graph, images.subarray(0, 10 * 784)) }), dir);
    project = await compile(dir, { flags: WARNINGS });
  });

  it('compiles without a warning and equals the interpreter in every node', async () => {
    const result = await compare(graph, project, images);
    expect(result.mismatches).toBe(0);
    expect(result.images).toBe(60);
    expect(result.rows.map(({ node }) => node)).toEqual(graph.nodes.map(({ name }) => name));
    expect(result.rows.every(({ compared }) => compared > 0)).toBe(true);
  });

  it('predicts and traces what interpret gives', async () => {
    const expected = interpret(graph, images, { taps: ['reduce', 'flatten'] });
    expect(await predict(project, images)).toEqual(expected.outputs);
    const traced = await trace(project, images, { taps: ['flatten', 'reduce'] });
    expect(traced.get('flatten')).toEqual(expected.values.get('flatten'));
    expect(traced.get('reduce')).toEqual(expected.values.get('reduce'));
  });

  it('predicts codes as well as reals, and nothing for an empty batch', async () => {
    const codes = images.map((x) => Math.min(15, Math.round(x * 16)));
    expect(await predict(project, codes, { inputs: 'codes' })).toEqual(await predict(project, images));
    const [empty] = Object.values(await predict(project, []));
    expect(empty.batch).toBe(0);
  });

  it('is compiled once', async () => {
    expect((await compile(dir, { flags: WARNINGS })).cached).toBe(true);
    const again = await compile(dir, { flags: ['-O0'] });
    expect(again.cached).toBe(false);
    expect(again.executable).not.toBe(project.executable);
  });

  it('keeps its compiled program when written again', async () => {
    await write(emit(plan(graph), { golden: goldenVectors(graph, images.subarray(0, 10 * 784)) }), dir);
    expect((await compile(dir, { flags: WARNINGS })).cached).toBe(true);
  });

  it('builds with build_lib.sh and passes its testbench', () => {
    const output = execFileSync('./build_lib.sh', ['test'], {
      cwd: dir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(output).toContain('digits: 10 images, 0 mismatching words');
  });

  it('names image, word, expected and found when a golden output is wrong, and writes down what it found', async () => {
    const path = `${dir}/tb_data/dense2_out.dat`;
    const text = await readFile(path, 'utf8');
    const lines = text.trimEnd().split('\n');
    const words = lines[3].split(' ');
    const [right, wrong] = [words[5], String(Number(words[5]) + 1)];
    words[5] = wrong;
    await writeFile(path, [...lines.slice(0, 3), words.join(' '), ...lines.slice(4)].join('\n'));
    const { status, stdout } = spawnSync(`${dir}/build/digits_test`, ['tb_data'], { cwd: dir, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toBe(
      `image 3, output dense2_out, word 5: expected ${wrong}, found ${right}\ndigits: 10 images, 1 mismatching words\n`,
    );
    expect(await readFile(`${dir}/tb_data/dense2_out.found`, 'utf8')).toBe(text);
    await writeFile(path, text);
  });
});

describe('values too wide for a machine word', () => {
  it('pass exactly, in sums, products of sums and testbench', async () => {
    const g = graphBuilder('wide');
    const x = g.input('x', { shape: [3], format: { k: 1, i: 30, f: 20 } });
    const kernel = (scale: number) => ({
      shape: [3, 3],
      codes: [1, -2, 3, 4, 5, -6, 7, 8, 9].map((code) => code * scale + 1),
      f: 3,
    });
    const a = g.dense('a', x, { kernel: kernel(2 ** 40) });
    const b = g.dense('b', a, { kernel: kernel(2 ** 44) });
    const c = g.requantize('c', b, { to: { k: 1, i: 100, f: 5 }, round: 'RND_CONV', overflow: 'SAT_SYM' });
    const d = g.relu('d', c);
    const graph = g.build([b, d]);
    const values = Float64Array.from(
      { length: 30 },
      (_, j) => (j % 2 === 0 ? 1 : -1) * (2 ** (j % 30) - 3 * j + 0.125),
    );
    const dir = `${await temporaryFolder()}/wide`;
    await write(emit(plan(graph), { golden: goldenVectors(graph, values) }), dir);
    const result = await compare(graph, await compile(dir, { flags: WARNINGS }), values);
    expect(result.table).toContain('requantize');
    expect(result.mismatches).toBe(0);
    expect(
      execFileSync('./build_lib.sh', ['test'], { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    ).toContain('0 mismatching words');
  });
});

describe('what can go wrong', () => {
  it('no compiler', async () => {
    const dir = `${await temporaryFolder()}/p`;
    await write(emit(plan(digitsGraph())), dir);
    await expect(compile(dir, { cxx: 'no-such-compiler' })).rejects.toThrow(NoCompilerError);
    await expect(compile(dir, { cxx: 'no-such-compiler' })).rejects.toThrow(
      /tried no-such-compiler .*Install g\+\+ or clang\+\+/,
    );
  });

  it('the compiler fails', async () => {
    const dir = `${await temporaryFolder()}/p`;
    const files = new Map(emit(plan(digitsGraph())));
    files.set('firmware/digits.cpp', '#error "not today"');
    await write(files, dir);
    await expect(compile(dir)).rejects.toThrow(CompileError);
    await expect(compile(dir)).rejects.toThrow(/not today/);
    expect((await readdir(`${dir}/build`)).length).toBe(0);
  });

  it('another graph, inputs of the wrong length, unknown nodes', async () => {
    const dir = `${await temporaryFolder()}/p`;
    const g = graphBuilder('small');
    const x = g.input('x', { shape: [2], format: { k: 0, i: 0, f: 4 } });
    const graph = g.build([g.relu('y', x)]);
    await write(emit(plan(graph)), dir);
    const project = await compile(dir);
    await expect(compare(digitsGraph(), project, [])).rejects.toThrow(/made from another graph/);
    await expect(compare(graph, project, [])).rejects.toThrow(/input "x": no images, so nothing to compare/);
    await expect(predict(project, [1, 2, 3])).rejects.toThrow(/input "x": 3 values for a batch of 1; give 2 per image/);
    await expect(predict(project, { z: [1, 2] })).rejects.toThrow(/"z" is no input; the inputs are x/);
    await expect(trace(project, [1, 2], { taps: ['q'] })).rejects.toThrow(/no node "q"/);
  });

  it('folders that are not ours or cannot be written are left alone', async () => {
    const folder = await temporaryFolder();
    const files = emit(plan(digitsGraph()));
    await mkdir(`${folder}/mine`);
    await writeFile(`${folder}/mine/thesis.txt`, 'three years');
    await expect(write(files, `${folder}/mine`)).rejects.toThrow(FirmwareError);
    expect(await readdir(`${folder}/mine`)).toEqual(['thesis.txt']);
    await expect(write(files, `${folder}/mine/thesis.txt/p`)).rejects.toThrow(
      /a part of its path is no folder; name another path/,
    );
    expect((await readdir(folder)).sort()).toEqual(['mine']);
    await expect(compile(`${folder}/nowhere`)).rejects.toThrow(/cannot be read/);
  });
});
