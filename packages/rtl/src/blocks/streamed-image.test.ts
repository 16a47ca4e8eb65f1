import { type FixedGraph, graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { compareRtl, planRtl, type RtlPlan, testImages } from '../index.ts';

/** Two convolutions with what stands between them. */
function network(strides: readonly [number, number], pads: number): FixedGraph {
  const g = graphBuilder('image');
  const kernel = (channels: number, filters: number) => ({
    shape: [3, 3, channels, filters],
    codes: Array.from({ length: 9 * channels * filters }, (_, j) => ((j * 7) % 11) - 5),
    f: 1,
  });
  const x = g.input('x', { shape: [12, 7, 2], format: { k: 1, i: 1, f: 2 } });
  const padded = [
    [pads, pads],
    [1, 1],
  ] as const;
  const a = g.conv2d('a', x, {
    kernel: kernel(2, 2),
    bias: { shape: [2], codes: [3, -5], f: 2 },
    pads: padded,
    strides,
  });
  const q = g.requantize('q', g.relu('r', a), { to: { k: 0, i: 3, f: 2 }, round: 'RND_CONV', overflow: 'SAT' });
  return g.build([g.conv2d('b', q, { kernel: kernel(2, 1), dilation: [1, 2] })]);
}

/** Windows of a convolution that there is hardware for. */
const windows = ({ design }: RtlPlan, name: string): number =>
  design.modules.at(-1)!.cells.filter((cell) => cell.op === 'instance' && cell.module === name).length;

describe('convolutions over an image that comes in rows', () => {
  it.each([
    [1, 84],
    [2, 42],
    [4, 21],
    [5, 21],
    [12, 7],
  ])('with interval %i compute %i windows at a time', (interval, count) => {
    const graph = network([1, 1], 1);
    const plan = planRtl(graph, { interval });
    expect(windows(plan, 'a')).toBe(count);
    const { mismatches, onTime } = compareRtl(plan, testImages(graph, 16), { inputs: 'codes', gaps: [0, 0, 2] });
    expect({ mismatches, onTime }).toEqual({ mismatches: 0, onTime: true });
  });

  it('go by strides, without pads or with many, and at once where it is asked for', () => {
    for (const graph of [network([2, 1], 0), network([2, 1], 2), network([1, 1], 2)]) {
      for (const plan of [
        planRtl(graph, { interval: 6 }),
        planRtl(graph, { interval: 6, layers: { a: { hardware: 'parallel' } } }),
      ]) {
        expect(compareRtl(plan, testImages(graph, 12), { inputs: 'codes' })).toMatchObject({
          mismatches: 0,
          onTime: true,
        });
      }
    }
  });
});
