/**
 * Networks with io_stream as they are in hardware: every process a thread, every FIFO exactly as long as emitted. None gets stuck, and all compute what the interpreter
 * computes. `SP_STREAMS=200 SP_SEED=1` runs that many random networks; otherwise a few.
 */
import { type FixedGraph, graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { emit, goldenVectors, plan } from '../src/index.ts';
import { randomCase } from './support/random-case.ts';
import { runTestbenches } from './support/testbenches.ts';
import { temporaryFolder } from './support/workspace.ts';

const COUNT = Number(process.env['SP_STREAMS'] ?? 10);
const FIRST_SEED = Number(process.env['SP_SEED'] ?? 4000);
const BATCH = 10;
const BOUNDED = ['-DSP_BOUNDED', '-pthread', '-Wno-shadow'];

/** A convolution twice around the same image, which waits for it in a FIFO. */
function skipChain(side: number, channels: number): FixedGraph {
  const g = graphBuilder('chain');
  const x = g.input('x', { shape: [side, side, channels], format: { k: 1, i: 2, f: 5 } });
  const codes = (count: number) => Array.from({ length: count }, (_, j) => ((j * 7919) % 7) - 3);
  const kernel = { shape: [3, 3, channels, channels], codes: codes(9 * channels * channels), f: 3 };
  const same = {
    pads: [
      [1, 1],
      [1, 1],
    ],
  } as const;
  const cut = { to: { k: 1, i: 2, f: 5 }, round: 'RND', overflow: 'SAT' } as const;
  const a = g.requantize('a', g.relu('ra', g.conv2d('conv_a', x, { kernel, ...same })), cut);
  const b = g.requantize('b', g.conv2d('conv_b', a, { kernel, ...same }), cut);
  const sum = g.requantize('sum', g.add('add', b, x), cut);
  const pooled = g.pool2d('pool', g.concat('both', [sum, a], { axis: 2 }), {
    mode: 'max',
    pool: [2, 2],
    strides: [2, 2],
  });
  return g.build([g.relu('y', pooled)]);
}

const stream = { model: { ioType: 'io_stream' } } as const;

/** Bits of all FIFOs between processes, by their depths in the top function. */
function fifoBits(graph: FixedGraph, whole: boolean): number {
  const decided = plan(graph, stream);
  const top = emit(decided).get(`firmware/${decided.name}.cpp`) as string;
  const declared = [...top.matchAll(/sp::stream<(\w+)_packet> \w+;\n *SP_DEPTH\(\w+, (\d+)\)/g)];
  return declared.reduce((bits, [, id, depth]) => {
    const { node, type } = decided.nodes.find((candidate) => candidate.id === id)!;
    const { shape } = graph.nodes.find(({ name }) => name === node)!;
    const pixels = shape[0] * shape[1];
    return bits + (whole ? pixels : Number(depth)) * shape[2] * type.width;
  }, 0);
}

describe('with FIFOs as long as emitted', () => {
  const seeds = Array.from({ length: COUNT }, (_, j) => FIRST_SEED + j);
  const batches = Array.from({ length: Math.ceil(COUNT / BATCH) }, (_, b) => seeds.slice(b * BATCH, (b + 1) * BATCH));

  it.each(batches.map((batch) => [batch.join(', '), batch] as const))(
    'random networks %s run to their ends',
    async (_, batch) => {
      const cases = batch.map((seed) => {
        const { graph, streamConfig, images } = randomCase(`s${seed}`, seed);
        return { plan: plan(graph, streamConfig), golden: goldenVectors(graph, images) };
      });
      const lines = await runTestbenches(await temporaryFolder(), cases, BOUNDED);
      expect(lines).toEqual(cases.map(({ plan: { name } }) => `${name}: 12 images, 0 mismatching words`));
    },
  );

  it('a skip connection takes a few rows, and gets stuck with less', async () => {
    const graph = skipChain(12, 2);
    const golden = goldenVectors(
      graph,
      Float64Array.from({ length: 3 * 288 }, (_, j) => ((j * 37) % 61) / 16 - 1.9),
    );
    const cases = [{ plan: plan(graph, stream), golden }];
    expect(await runTestbenches(await temporaryFolder(), cases, BOUNDED)).toEqual([
      'chain: 3 images, 0 mismatching words',
    ]);
    const shorter = (text: string) => text.replaceAll(/SP_DEPTH\((\w+), (\d+)\)/g, 'SP_DEPTH($1, 2)');
    await expect(runTestbenches(await temporaryFolder(), cases, BOUNDED, shorter)).rejects.toThrow(
      /deadlock: all processes/,
    );
  });

  it('needs a quarter of the bits of whole tensors at most', () => {
    const graph = skipChain(64, 8);
    expect(fifoBits(graph, false) / fifoBits(graph, true)).toBeLessThan(0.25);
  });
});
