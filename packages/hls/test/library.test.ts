/** The shared library of a project, called from Python: what comes out is what the interpreter gives, to the last bit. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { decode, type FixedGraph, graphBuilder, interpret, sizeOf } from '@sp/quant';
import { OVERFLOW_MODES, ROUND_MODES, type Value } from '@sp/quant/internal';
import { generator } from '@sp/test-graphs';
import { beforeAll, describe, expect, it } from 'vitest';
import { emit, plan, write } from '../src/index.ts';
import { has } from './support/tools.ts';
import { temporaryFolder } from './support/workspace.ts';

const FORMATS = { shape: [5], k: [1, 0, 1, 0, 1], i: [2, 3, -1, 0, 30], f: [3, -1, 5, 0, 20] } as const;

/** Every rounding with every overflow mode, each on five formats; a list, a table of averages, a wide number. */
function everything(): FixedGraph {
  const g = graphBuilder('every "thing"');
  const inputs = ROUND_MODES.flatMap((round) =>
    OVERFLOW_MODES.map((overflow) => g.input(`${round} ${overflow}`, { shape: [5], format: FORMATS, round, overflow })),
  );
  const image = g.input('image', { shape: [4, 4, 2], format: { k: 1, i: 2, f: 3 }, round: 'RND', overflow: 'SAT' });
  const list = g.reduce('list', image, { slots: 3, threshold: 2 });
  const pooled = g.sparsePool2d('pooled', list, { mode: 'avg', pool: [3, 3] });
  const mean = g.meanOver('mean', image, { axes: [0, 1] });
  return g.build([...inputs, list, pooled, mean]);
}

const AWKWARD = [
  0,
  -0.0,
  0.5,
  -0.5,
  1.5,
  -1.5,
  0.25,
  1e300,
  -1e300,
  1e308,
  5e-324,
  -5e-324,
  2 ** 52 + 1,
  -(2 ** 60),
  Number.POSITIVE_INFINITY,
];

function dataOf(graph: FixedGraph, images: number): Record<string, number[]> {
  const random = generator(11);
  return Object.fromEntries(
    graph.nodes
      .filter(({ op }) => op === 'input')
      .map(({ name, shape }) => [
        name,
        Array.from({ length: images * sizeOf(shape) }, (_, j) =>
          name === 'image' && random.chance(0.5)
            ? 0
            : j % 3 === 0
              ? random.pick(AWKWARD)
              : (random.integer(-300, 300) / 32) * 2 ** random.integer(-3, 32),
        ),
      ]),
  );
}

/** Words of an output, as the library orders them. */
function wordsOf(value: Value, shifts: (element: number) => number): number[] {
  const codes = Array.from<number | bigint>(value.codes).map((code, j) => Number(code) * 2 ** shifts(j));
  if (value.kind === 'dense') return codes;
  const channels = value.shape[2];
  return Array.from(value.valid).flatMap((valid, s) => [
    valid,
    value.rows[s],
    value.cols[s],
    ...codes.slice(s * channels, (s + 1) * channels),
  ]);
}

const hasPython = has('python3');

describe.skipIf(!hasPython)(`the shared library from Python's ctypes${hasPython ? '' : ' (no python3 here)'}`, () => {
  const graph = everything();
  const inputs = dataOf(graph, 12);
  const names = Object.keys(inputs);
  let dir = '';

  /** Runs Python in the project, which reads `given` and prints JSON. */
  const python = (program: string): unknown => {
    const preamble =
      'import json, sys\nsys.path.insert(0, "lib")\nfrom every_thing_lib import Network, FirmwareError\nn = Network()\n' +
      'given = [[float(x) for x in row] for row in json.load(open("given.json"))]\n';
    return JSON.parse(execFileSync('python3', ['-c', preamble + program], { cwd: dir, encoding: 'utf8' }));
  };

  beforeAll(async () => {
    dir = `${await temporaryFolder()}/lib`;
    await write(emit(plan(graph)), dir);
    execFileSync('./build_lib.sh', ['lib'], { cwd: dir, env: { ...process.env, CXXFLAGS: '-O0 -Werror' } });
    writeFileSync(`${dir}/given.json`, JSON.stringify(Object.values(inputs).map((row) => row.map(String))));
  });

  it('gives the reals of the interpreter, in every rounding and overflow mode', () => {
    const { outputs } = interpret(graph, inputs);
    const expected = graph.outputs.map((name) => [
      ...decode(graph.nodes.find((node) => node.name === name)!, outputs[name]),
    ]);
    const given = python('print(json.dumps([sum(rows, []) for rows in n.predict(*given)]))') as number[][];
    for (const [j, name] of graph.outputs.entries()) {
      expect(
        given[j].map((x) => x + 0),
        name,
      ).toEqual(expected[j].map((x) => x + 0));
    }
  });

  it('gives and takes words, after encode those of the reals', () => {
    const { outputs } = interpret(graph, inputs);
    const nodes = plan(graph).nodes;
    const fraction = (name: string) => {
      const { type } = nodes.find(({ node }) => node === name)!;
      return type.width - type.int;
    };
    const expected = graph.outputs.map((name) => {
      const node = graph.nodes.find((candidate) => candidate.name === name)!;
      const { format } = node;
      const width = format.k.map((k, j) => k + format.i[j] + format.f[j]);
      const at = (j: number) => (format.k.length === 1 ? 0 : j % format.k.length);
      return wordsOf(outputs[name], (j) => (width[at(j)] > 0 ? fraction(name) - format.f[at(j)] : 0));
    });
    const given = python(
      'words = [n.encode(x, k) for k, x in enumerate(given)]\n' +
        'print(json.dumps([sum(rows, []) for rows in n.predict_words(*words)]))',
    ) as number[][];
    for (const [j, name] of graph.outputs.entries()) expect(given[j], name).toEqual(expected[j].map((x) => x + 0));
  });

  it('says its sizes, in the order of the model', () => {
    const [inputsThere, outputsThere] = python('print(json.dumps([n.inputs, n.outputs]))') as [
      [string, number, number, number][],
      [string, number, number, number][],
    ];
    expect(inputsThere.map(([name]) => name)).toEqual(names);
    expect(inputsThere.at(-1)).toEqual(['image', 32, 32, 3]);
    expect(outputsThere.map(([name]) => name)).toEqual(graph.outputs);
    expect(outputsThere.find(([name]) => name === 'list')).toEqual(['list', 32, 15, 3]);
  });

  it('tells errors by codes, and Python by exceptions', () => {
    const caught = (call: string) =>
      python(`try:\n  ${call}\n  print("null")\nexcept Exception as e:\n  print(json.dumps(str(e)))`);
    expect(caught('n.predict(*given[1:])')).toMatch(/^35 arrays for the inputs TRN WRAP/);
    expect(caught('n.predict(*([[1.0, 2.0]] + given[1:]))')).toBe('input 0: 2 numbers; an image has 5');
    expect(caught('given[3][4] = float("nan"); n.predict(*given)')).toBe('an input is NaN (code 3)');
    expect(caught('n.predict_words(*[[99] * len(x) for x in given])')).toMatch(
      /^an input word is none of its element's format \(code 4\)/,
    );
    expect(caught('n._check(n._library.every_thing_predict(None, None, 1))')).toMatch(/^a pointer is null.*\(code 2\)/);
    expect(caught('n._check(n._library.every_thing_encode(99, None, None, 1))')).toMatch(
      /^there is no such port.*\(code 1\)/,
    );
  });

  it('has a header that C takes', () => {
    const program =
      '#include "lib/every_thing_lib.h"\n#include <stdio.h>\nint main(void) {\n' +
      '  printf("%d %s\\n", every_thing_output_count(), every_thing_error(0));\n  return 0;\n}\n';
    writeFileSync(`${dir}/c.c`, program);
    const args = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-x', 'c', 'c.c', '-o', 'c', '-Lbuild'];
    execFileSync('g++', ['-std=c++17', '-fsyntax-only', '-x', 'c++', '-Werror', 'c.c'], { cwd: dir });
    if (!has('gcc')) return;
    execFileSync('gcc', [...args, '-x', 'none', '-levery_thing', '-Wl,-rpath,build'], { cwd: dir });
    expect(execFileSync('./c', { cwd: dir, encoding: 'utf8' })).toBe('38 no error\n');
    expect(readFileSync(`${dir}/lib/every_thing_lib.h`, 'utf8')).toContain('input "image": [4, 4, 2]');
  });
});
