/**
 * No division by what is not a constant, and none of an index that changes: a divider and a remainder would be built for each of them. The emitted code is compiled
 * as the synthesis tools see it, loops unrolled where it says so, and divisions are counted in what is left.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type FixedGraph, graphBuilder } from '@sp/quant';
import { expect, it } from 'vitest';
import { emit, type HlsConfig, plan } from '../src/index.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

/** `UNROLL` as clang's pragma, before the loop. */
function unrolled(text: string): string {
  return text.replaceAll(/^( *)(for \([^\n]*\{)\n *SP_HLS\(UNROLL\)/gm, '$1_Pragma("clang loop unroll(full)") $2');
}

/** Like the digits network, but small enough to be unrolled by a compiler that is not made for it. */
function sparseGraph(): FixedGraph {
  const g = graphBuilder('sparse');
  const image = g.input('image', { shape: [6, 7, 1], format: { k: 0, i: 0, f: 4 } });
  const weights = (shape: number[]) => ({
    shape,
    codes: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, j) => ((j * 7919) % 15) - 7),
    f: 3,
  });
  const list = g.reduce('reduce', image, { slots: 4, threshold: 3 });
  const conv = g.sparseConv2d('conv', list, { kernel: weights([3, 3, 1, 4]), bias: weights([4]) });
  const cut = g.requantize('cut', g.relu('relu', conv), { to: { k: 0, i: 2, f: 3 }, round: 'RND', overflow: 'SAT' });
  const pool = g.sparsePool2d('pool', cut, { mode: 'avg', pool: [3, 2] });
  const mean = g.requantize('mean', pool, { to: { k: 0, i: 2, f: 3 }, round: 'RND', overflow: 'SAT' });
  const flat = g.sparseFlatten('flat', mean);
  return g.build([g.dense('y', flat, { kernel: weights([24, 3]) })]);
}

function dividing(): readonly [name: string, graph: FixedGraph, config: HlsConfig][] {
  const g = graphBuilder('dense');
  const image = g.input('x', { shape: [9, 7, 2], format: { k: 1, i: 2, f: 3 } });
  const weights = (shape: number[]) => ({
    shape,
    codes: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, j) => ((j * 7919) % 15) - 7),
    f: 3,
  });
  const conv = g.conv2d('conv', image, {
    kernel: weights([3, 3, 2, 6]),
    bias: weights([6]),
    strides: [2, 1],
    pads: [
      [1, 1],
      [1, 0],
    ],
  });
  const scaled = g.scaleOffset('scaled', conv, { scale: weights([1, 1, 6]), offset: weights([1, 1, 6]) });
  const cut = g.requantize('cut', scaled, { to: { k: 1, i: 3, f: 2 }, round: 'RND', overflow: 'SAT' });
  const pool = g.pool2d('pool', cut, { mode: 'avg', pool: [3, 2], strides: [1, 3] });
  const narrow = g.requantize('narrow', pool, { to: { k: 1, i: 3, f: 2 }, round: 'RND_CONV', overflow: 'SAT' });
  const flat = g.flatten('flat', narrow);
  const products = flat.shape[0];
  const graph = g.build([g.dense('y', flat, { kernel: weights([products, 6]), bias: weights([6]) })]);
  const resource = (reuse: number) =>
    ({
      layerName: {
        y: { strategy: 'resource', reuseFactor: reuse },
        conv: { strategy: 'resource', reuseFactor: 36, parallelizationFactor: (conv.shape[0] * conv.shape[1]) / 5 },
      },
    }) as HlsConfig;
  const sparse: HlsConfig = {
    layerType: {
      sparseConv2d: { convArchitecture: 'pairs', pixelParallelFactor: 2, filtParallelFactor: 2 },
      sparsePool2d: { pixelParallelFactor: 2, chanParallelFactor: 2 },
      sparseFlatten: { parallelFactor: 3 },
      dense: { strategy: 'latency' },
    },
  };
  return [
    ['a dense network, latency', graph, { model: { strategy: 'latency' } }],
    ['a dense network, blocks of several outputs', graph, resource(products * 2)],
    ['a dense network, blocks within an output', graph, resource(products / 4)],
    ['a dense network, stream', graph, { model: { ioType: 'io_stream', strategy: 'latency' } }],
    ['sparse by groups, tree', sparseGraph(), { ...sparse, layerName: { reduce: { variant: 'tree' } } }],
    ['sparse by groups, stream', sparseGraph(), { ...sparse, model: { ioType: 'io_stream' } }],
    [
      'sparse, prefix',
      sparseGraph(),
      { layerType: { reduce: { variant: 'prefix' }, sparseConv2d: { pixelParallelFactor: 2 } } },
    ],
  ];
}

const hasClang = spawnSync('clang++', ['--version']).status === 0;

it.skipIf(!hasClang).each(dividing())('%s has no divider', async (_, graph, config) => {
  const folder = await temporaryFolder();
  const files = emit(plan(graph, config));
  const name = graph.name;
  await writeFiles(
    folder,
    [...files].map(([path, text]) => [path, /\.(h|cpp)$/.test(path) ? unrolled(text) : text] as const),
  );
  const flags = ['-std=c++17', '-O2', '-w', '-mllvm', '-inline-threshold=100000', '-S', '-emit-llvm'];
  execFileSync('clang++', [...flags, `firmware/${name}.cpp`, '-o', 'top.ll'], { cwd: folder });
  // Exact ones are differences of pointers in the queue that stands for a stream.
  const code = await readFile(`${folder}/top.ll`, 'utf8');
  expect(code).toMatch(/define .* void @/);
  expect(code.split('\n').filter((line) => / = [su](div|rem) (?!exact)/.test(line))).toEqual([]);
});
