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

/** An image of 4 × 5 pixels that is flattened, rounded number by number and multiplied, with constants on the way. */
function flattened(name: string): FixedGraph {
  const g = graphBuilder(name);
  const codes = (count: number) => Array.from({ length: count }, (_, j) => ((j * 7919) % 11) - 5);
  const x = g.input('x', { shape: [4, 5, 6], format: { k: 1, i: 2, f: 3 } });
  const places = g.constant('places', { shape: [4, 5, 1], codes: codes(20), f: 2 });
  const more = g.constant('more', { shape: [4, 5, 2], codes: codes(40), f: 1 });
  const placed = g.concat('placed', [more, g.mul('times', places, g.sub('minus', x, places))], { axis: 2 });
  const cut = g.requantize('cut', placed, { to: { k: 1, i: 3, f: 2 }, round: 'RND', overflow: 'SAT' });
  const flat = g.relu('relu', g.flatten('flat', cut));
  const i = Array.from({ length: 160 }, (_, j) => j % 3);
  const to = { shape: [160], k: i.map(() => 0 as const), i, f: i.map((bits) => 3 - bits) };
  const each = g.requantize('each', flat, { to, round: 'TRN', overflow: 'SAT' });
  const scaled = g.scaleOffset('scaled', each, { scale: { shape: [160], codes: codes(160), f: 3 } });
  const y = g.dense('dense', scaled, {
    kernel: { shape: [160, 6], codes: codes(960), f: 2 },
    bias: { shape: [6], codes: codes(6), f: 0 },
  });
  const rows = g.dense('rows', cut, { kernel: { shape: [8, 3], codes: codes(24), f: 0 } });
  return g.build([y, g.reshape('pairs', rows, { shape: [2, 10, 3] })]);
}

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

  it('a flattened image is added up packet by packet, with any strategy that can', async () => {
    const options = [
      { strategy: 'resource' },
      { strategy: 'latency' },
      { strategy: 'resource', reuseFactor: 20 },
      { strategy: 'resource', reuseFactor: 80 },
      { strategy: 'resource', reuseFactor: 480 },
      { strategy: 'resource', reuseFactor: 8 },
      { strategy: 'distributed_arithmetic' },
    ] as const;
    const cases = options.map((dense, j) => {
      const graph = flattened(`flat${j}`);
      const golden = goldenVectors(
        graph,
        Float64Array.from({ length: 3 * 120 }, (_, p) => ((p * 37) % 61) / 8 - 3.8),
      );
      return { plan: plan(graph, { ...stream, layerName: { dense } }), golden };
    });
    const summed = cases.map(({ plan: { nodes } }) => nodes.find(({ node }) => node === 'dense')?.decisions['packets']);
    expect(summed).toEqual([20, 20, 20, 20, 20, undefined, undefined]);
    for (const { plan: decided } of cases.slice(0, 5)) {
      const top = emit(decided).get(`firmware/${decided.name}.cpp`) as string;
      expect(top).not.toContain('_stage(');
    }
    expect(await runTestbenches(await temporaryFolder(), cases, BOUNDED)).toEqual(
      cases.map(({ plan: { name } }) => `${name}: 3 images, 0 mismatching words`),
    );
  });

  it('needs a quarter of the bits of whole tensors at most', () => {
    const graph = skipChain(64, 8);
    expect(fifoBits(graph, false) / fifoBits(graph, true)).toBeLessThan(0.25);
  });
});
