/** Nodes and graphs may be called anything: the firmware compiles without a warning, computes the same, and holds no line that a name wrote. */
import { type FixedGraph, graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { compare, goldenVectors, type HlsPlan, plan } from '../src/index.ts';
import { compileBatch } from './support/batch.ts';
import { runTestbenches } from './support/testbenches.ts';
import { temporaryFolder } from './support/workspace.ts';

const words = (text: string) => text.trim().split(/\s+/);

const NAMES = [
  // Names that the emitted programs have used for themselves.
  ...words(
    'images mismatches folder argc argv main session run test network stream x y x0 y_stream a j c images_ folder_',
  ),
  // Keywords, among them those that are easily forgotten, and what becomes one.
  ...words(
    'and_eq not_eq static_cast thread_local char16_t static_assert co_await requires concept wchar char8 char16 char32',
  ),
  // Types, functions, variables and macros of the system.
  ...words(
    'size to compare ssize uint8 int64 time clock off pid ptrdiff div NULL EOF INT_MAX SP_HLS SP_TRACE SP_FIXED_H AP_SAT assert errno',
  ),
  ...words('stdin alloca major timezone environ index log std sp ap_fixed'),
  // Names in each other's way.
  ...words(
    'r_golden r x_file x_stream X r_port r_port_stream r_t r_trace r_values R_kernel r_kernel net net_firmware trace',
  ),
  // Not C++ at all, longer than a file name may be, or one line of C++ too many.
  ...[
    'a-b',
    'a b',
    'é',
    '日本',
    '🙂',
    'a/b:0',
    '__proto__',
    '1st',
    '_',
    'x */ y',
    'x // \\',
    'x ??/',
    '"q"',
    `${'long/'.repeat(70)}1`,
  ],
  ...[
    `${'long/'.repeat(70)}2`,
    'd\n#error evil',
    'd\r#error evil',
    'd\u2028#error evil',
    'd\n#error evil \\',
    '\u202ed\u2066',
  ],
];

const GRAPH_NAMES = [
  ...words(
    'images folder defines parameters string math time limits assert features float sp std main size_t int8_t stdin',
  ),
  ...words('timezone NULL x_stream x sp_fixed sp_testbench exit printf weights test_ firmware'),
  ...['n'.repeat(300), 'net\n#error evil', 'a/../b', ''],
];

const FORMAT = { k: 1, i: 2, f: 3 } as const;
const input = { shape: [2], format: FORMAT, round: 'RND', overflow: 'SAT' } as const;

/** Names of inputs; the results need not be called after them. */
function ofInputs(name: string): FixedGraph {
  const g = graphBuilder(name);
  return g.build(NAMES.map((id, n) => g.relu(`of ${n}`, g.input(id, input))));
}

/** Names of values that the network keeps to itself and that have constants, one after the other, half of them in a named layer. */
function ofLayers(name: string): FixedGraph {
  const g = graphBuilder(name);
  const kernel = { shape: [2, 2], codes: [1, -3, 5, 2], f: 1 };
  let last: Parameters<typeof g.dense>[1] = g.input('first of all', input);
  for (const [n, id] of NAMES.entries()) {
    last =
      n % 2 === 0
        ? g.dense(id, last, { kernel, layer: id })
        : g.requantize(id, last, { to: FORMAT, round: 'RND', overflow: 'SAT' });
  }
  return g.build([g.requantize('last of all', last, { to: FORMAT, round: 'RND', overflow: 'SAT' })]);
}

/** Names of outputs that are copied to a port, because the next one reads them. */
function ofOutputs(name: string): FixedGraph {
  const g = graphBuilder(name);
  const outputs: ReturnType<typeof g.relu>[] = [];
  const x = g.input('first of all', input);
  for (const id of NAMES) outputs.push(g.relu(id, outputs.at(-1) ?? x));
  return g.build(outputs);
}

/** Names of constants. */
function ofConstants(name: string): FixedGraph {
  const g = graphBuilder(name);
  const x = g.input('first of all', input);
  return g.build(NAMES.map((id, n) => g.add(`of ${n}`, x, g.constant(id, { shape: [2], codes: [n, -n], f: 2 }))));
}

function named(name: string): FixedGraph {
  const g = graphBuilder(name);
  const x = g.input('x', input);
  const r = g.dense('r', x, { kernel: { shape: [2, 2], codes: [1, -3, 5, 2], f: 1 } });
  return g.build([r, g.relu('q', r)]);
}

/** A few images for every input. */
function dataOf(graph: FixedGraph): Record<string, number[]> {
  const inputs = graph.nodes.filter(({ op }) => op === 'input');
  return Object.fromEntries(inputs.map(({ name }, n) => [name, [1, -2, 0.375, 3.5, -4, n % 4]]));
}

const bothTypes = (graph: FixedGraph): HlsPlan[] => [
  plan(graph),
  plan({ ...graph, name: `${graph.name}_s` }, { model: { ioType: 'io_stream' } }),
];

const MAKERS = { ofInputs, ofLayers, ofOutputs, ofConstants };

describe('any name', () => {
  const plans = Object.entries(MAKERS).flatMap(([name, make]) => bothTypes(make(name)));

  it('gives firmware that equals the interpreter', async () => {
    const projects = await compileBatch(await temporaryFolder(), 'names', plans);
    for (const [j, { graph }] of plans.entries()) {
      const { mismatches, rows } = await compare(graph, projects[j], dataOf(graph));
      expect(mismatches).toBe(0);
      expect(rows.length).toBeGreaterThan(NAMES.length);
    }
  });

  it('gives testbenches that pass, for graphs too', async () => {
    const graphs = GRAPH_NAMES.map((name, j) =>
      plan(named(name), { model: { ioType: j % 2 === 0 ? 'io_parallel' : 'io_stream' } }),
    );
    const all = [...plans, ...graphs];
    const cases = all.map((decided) => ({
      plan: decided,
      golden: goldenVectors(decided.graph, dataOf(decided.graph)),
    }));
    expect(await runTestbenches(await temporaryFolder(), cases)).toEqual(
      all.map(({ name }) => `${name}: 3 images, 0 mismatching words`),
    );
  });
});
