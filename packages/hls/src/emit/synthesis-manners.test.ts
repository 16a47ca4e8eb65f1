/** What the synthesis tools ask of their sources (UG1399), held in everything that is emitted for them. */
import { type FixedGraph, graphBuilder } from '@sp/quant';
import { digitsGraph, digitsImages } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import type { IoType } from '../config/config.ts';
import { plan } from '../plan/plan.ts';
import { emit } from './emit.ts';
import { goldenVectors } from './golden.ts';

/** Windows, pooling, sums over axes, tables, products: what the digits lack. */
function windows(): FixedGraph {
  const g = graphBuilder('windows');
  const x = g.input('x', { shape: [6, 6, 2], format: { k: 1, i: 2, f: 2 } });
  const kernel = { shape: [3, 3, 2, 2], codes: Array.from({ length: 36 }, (_, j) => (j % 5) - 2), f: 1 };
  const conv = g.requantize('cut', g.conv2d('conv', x, { kernel }), { to: { k: 1, i: 3, f: 2 } });
  const pool = g.pool2d('pool', conv, { mode: 'avg', pool: [2, 2], strides: [1, 1] });
  return g.build([
    g.argmax('best', g.meanOver('mean', pool, { axes: [0, 1] })),
    g.transpose('turned', x, { perm: [2, 0, 1] }),
  ]);
}

const IO_TYPES: readonly IoType[] = ['io_parallel', 'io_stream'];
const SIMULATION = /sp_(fixed|wide|bridge|testbench|library|axi_testbench|axi_rtl|bounded_stream)\.h$/;

/** All that a tool reads for the network and its wrappers, by path. */
function sources(graph: FixedGraph, ioType: IoType): [string, string][] {
  const files = [...emit(plan(graph, { model: { ioType } }))];
  return files.filter(
    ([path]) =>
      /^(firmware|wrappers)\/.*\.(h|cpp)$/.test(path) && !SIMULATION.test(path) && !/host_|_test\./.test(path),
  );
}

const cases = [digitsGraph(), windows()].flatMap((graph) =>
  IO_TYPES.map((ioType) => [graph.name, ioType, sources(graph, ioType)] as const),
);

/** Names in a condition that the tool cannot know: neither constants, nor counters of loops around. */
function variables(condition: string, text: string): string[] {
  const names = condition.replaceAll(/[\w:<>, ]+::\w+/g, '').match(/[A-Za-z_]\w*/g) ?? [];
  return names.filter(
    (name) =>
      name !== name.toUpperCase() &&
      !['int', 'bool', 'true', 'false'].includes(name) &&
      !new RegExp(`(const int [^;]*\\b${name} = |\\bint ${name} = |template <[^>]*int ${name}\\b)`).test(text),
  );
}

describe.each(cases)('%s, %s', (_, ioType, files) => {
  it('says how often each loop runs whose bound is no constant', () => {
    const loops = files.flatMap(([path, text]) =>
      [...text.matchAll(/\b(?:for \([^;]*;([^;]*);[^\n]*|while \(([^\n]*))\n([^\n]*)/g)].map(
        ([line, loop, until, next]) => ({
          at: `${path}: ${line.split('\n')[0]}`,
          unknown: variables(loop ?? until, text),
          said: next.includes('LOOP_TRIPCOUNT'),
        }),
      ),
    );
    expect(loops.length).toBeGreaterThan(20);
    expect(
      loops.filter(({ unknown, said }) => unknown.length > 0 && !said).map(({ at, unknown }) => [at, unknown]),
    ).toEqual([]);
    expect(loops.some(({ unknown, said }) => unknown.length > 0 && said)).toBe(true);
  });

  it('packs the data of streams for Vivado HLS, and partitions nothing that travels in one', () => {
    const all = files.map(([, text]) => text).join('\n');
    expect(all).toMatch(/#define SP_DEPTH\(name, words\).*SP_VIVADO\(DATA_PACK variable=name\)/);
    const [, top] = files.find(([path]) => /^firmware\/\w+\.cpp$/.test(path))!;
    const streams = [...top.matchAll(/sp::stream<\w+> (\w+);/g)].map(([, name]) => name);
    const ports = [...top.matchAll(/INTERFACE axis port=(\w+)/g)].map(([, name]) => name);
    if (ioType === 'io_stream') expect(Math.min(streams.length, ports.length)).toBeGreaterThan(1);
    for (const name of streams) expect(top).toContain(`SP_DEPTH(${name}, `);
    for (const name of ports) expect(top).toContain(`SP_VIVADO(DATA_PACK variable=${name})`);
    const inside = [...top.matchAll(/ARRAY_(?:PARTITION|RESHAPE) variable=(\w+)|SP_LIST\((\w+)\)/g)].map(
      (m) => m[1] ?? m[2],
    );
    const body = top.slice(top.lastIndexOf('SP_HLS(DATAFLOW)'));
    if (ioType === 'io_stream') expect(body).not.toMatch(/ARRAY_PARTITION|ARRAY_RESHAPE|SP_LIST/);
    else for (const name of streams) expect(inside).not.toContain(name);
    // Types of packets: no pragma in them at all.
    for (const [, packet] of all.matchAll(/struct (?:packet|slot_packet|plain_beat) \{([\s\S]*?)\n\};/g))
      expect(packet).not.toContain('SP_HLS');
  });

  it('has no constructor with a pragma: a dataflow region does not take one', () => {
    for (const [path, text] of files) {
      for (const [, name] of text.matchAll(/\b(?:struct|class) (\w+)[^;{]*\{/g)) {
        expect(text, path).not.toMatch(new RegExp(`^ *${name}\\([^)]*\\)[^;{]*\\{\\s*(SP_HLS|#pragma)`, 'm'));
      }
    }
  });
});

it('runs under vitis-run, vitis_hls and vivado_hls', () => {
  const graph = digitsGraph();
  const files = emit(plan(graph), { golden: goldenVectors(graph, digitsImages(1)) });
  expect(files.get('build_prj.tcl')).toMatch(
    /vitis_hls -f build_prj\.tcl +vitis-run --mode hls --tcl build_prj\.tcl +vivado_hls -f build_prj\.tcl/,
  );
});

it('names its licence in every file that has comments', () => {
  const graph = windows();
  const files = emit(plan(graph), { golden: goldenVectors(graph, new Float64Array(72)) });
  const without = [...files].filter(
    ([, text]) => !text.split('\n', 2).join('\n').includes('SPDX-License-Identifier: Apache-2.0'),
  );
  expect(without.map(([path]) => path)).toEqual([
    'project.json',
    'tb_data/best.dat',
    'tb_data/turned.dat',
    'tb_data/x.dat',
  ]);
});
