/** No factor, variant or architecture changes a value; each moves the cost the way it should. */
import { graphBuilder } from '@sp/quant';
import { generator } from '@sp/test-graphs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CompiledProject, compare, estimate, type HlsConfig, type LayerOptions, plan } from '../src/index.ts';
import { compileBatch } from './support/batch.ts';
import { temporaryFolder } from './support/workspace.ts';

const random = generator(31);
const weights = (shape: number[]) => ({
  shape,
  codes: Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => random.integer(-7, 7)),
  f: 3,
});
const cut = { round: 'RND_CONV', overflow: 'SAT' } as const;

function network(name: string) {
  const g = graphBuilder(name);
  const image = g.input('image', { shape: [10, 10, 2], format: { k: 0, i: 0, f: 4 }, ...cut });
  const list = g.reduce('reduce', image, { slots: 12, threshold: 3 });
  const conv = g.sparseConv2d('conv', list, { kernel: shared.conv, bias: shared.convBias });
  const q1 = g.requantize('q1', g.relu('relu', conv), { to: { k: 0, i: 2, f: 3 }, ...cut });
  const pool = g.sparsePool2d('pool', q1, { mode: 'avg', pool: [2, 2] });
  const q2 = g.requantize('q2', pool, { to: { k: 0, i: 2, f: 3 }, ...cut });
  const flat = g.sparseFlatten('flatten', q2);
  const square = g.reshape('square', flat, { shape: [5, 5, 4] });
  const plain = g.conv2d('plain', square, { kernel: shared.plain });
  const q3 = g.requantize('q3', plain, { to: { k: 1, i: 3, f: 3 }, ...cut });
  const maximum = g.pool2d('maximum', q3, { mode: 'max', pool: [2, 2], strides: [1, 1] });
  const dense = g.dense('dense', g.flatten('vector', maximum), { kernel: shared.dense, bias: shared.denseBias });
  return g.build([dense]);
}

const shared = {
  conv: weights([3, 3, 2, 4]),
  convBias: weights([4]),
  plain: weights([2, 2, 4, 3]),
  dense: weights([27, 6]),
  denseBias: weights([6]),
};

type Direction = 'less' | 'more' | 'same';
interface Change {
  readonly node: string;
  readonly options: LayerOptions;
  readonly interval: Direction;
  readonly multipliers: Direction;
}

/** Whole projects that must not change a value either. */
const STYLES: readonly HlsConfig[] = [
  { model: { pipelineStyle: 'dataflow' } },
  { model: { ioType: 'io_stream' } },
  { model: { ioType: 'io_stream', strategy: 'distributed_arithmetic' } },
  {
    model: { ioType: 'io_stream' },
    layerName: { reduce: { variant: 'prefix' }, plain: { reuseFactor: 4 }, dense: { reuseFactor: 9 } },
  },
];

// Against everything at once, one search per slot, architecture pairs, one pixel of the plain convolution at a time.
const CHANGES: readonly Change[] = [
  { node: 'reduce', options: { variant: 'stream' }, interval: 'more', multipliers: 'same' },
  { node: 'reduce', options: { variant: 'prefix' }, interval: 'less', multipliers: 'same' },
  { node: 'conv', options: { pixelParallelFactor: 3 }, interval: 'more', multipliers: 'less' },
  { node: 'conv', options: { filtParallelFactor: 2 }, interval: 'more', multipliers: 'less' },
  { node: 'conv', options: { convArchitecture: 'gather' }, interval: 'same', multipliers: 'less' },
  {
    node: 'conv',
    options: { convArchitecture: 'gather', pixelParallelFactor: 4 },
    interval: 'more',
    multipliers: 'less',
  },
  { node: 'pool', options: { pixelParallelFactor: 2 }, interval: 'more', multipliers: 'same' },
  { node: 'pool', options: { chanParallelFactor: 1 }, interval: 'more', multipliers: 'same' },
  { node: 'flatten', options: { parallelFactor: 5 }, interval: 'more', multipliers: 'same' },
  { node: 'plain', options: { parallelizationFactor: 8 }, interval: 'less', multipliers: 'more' },
  { node: 'plain', options: { reuseFactor: 4 }, interval: 'more', multipliers: 'less' },
  { node: 'plain', options: { strategy: 'latency', reuseFactor: 3 }, interval: 'more', multipliers: 'less' },
  { node: 'plain', options: { strategy: 'distributed_arithmetic' }, interval: 'same', multipliers: 'less' },
  { node: 'maximum', options: { parallelizationFactor: 3 }, interval: 'more', multipliers: 'same' },
  { node: 'dense', options: { reuseFactor: 9 }, interval: 'more', multipliers: 'less' },
  { node: 'dense', options: { strategy: 'resource_unrolled', reuseFactor: 9 }, interval: 'more', multipliers: 'less' },
  { node: 'dense', options: { reuseFactor: 81 }, interval: 'more', multipliers: 'less' },
  { node: 'dense', options: { strategy: 'latency', reuseFactor: 5 }, interval: 'more', multipliers: 'less' },
  { node: 'dense', options: { strategy: 'distributed_arithmetic' }, interval: 'same', multipliers: 'less' },
];

function configOf(change?: Change): HlsConfig {
  const base: Record<string, LayerOptions> = { conv: { convArchitecture: 'pairs' } };
  if (change !== undefined) base[change.node] = { ...base[change.node], ...change.options };
  // Of itself `plan` takes adder graphs here, which have no factors.
  return { model: { strategy: 'latency' }, layerName: base };
}

describe('factors, variants and architectures', () => {
  const images = Float64Array.from({ length: 40 * 200 }, () => (random.chance(0.15) ? random.integer(0, 15) / 16 : 0));
  const plans = [
    ...[undefined, ...CHANGES].map((change, j) => plan(network(`f${j}`), configOf(change))),
    ...STYLES.map((config, j) => plan(network(`s${j}`), config)),
  ];
  let projects: CompiledProject[] = [];

  beforeAll(async () => {
    projects = await compileBatch(await temporaryFolder(), 'factors', plans);
  });

  it('leave every value as the interpreter has it', async () => {
    for (const [j, { graph }] of plans.entries()) {
      const { mismatches, table } = await compare(graph, projects[j], images);
      if (mismatches > 0) expect.fail(`${JSON.stringify(CHANGES[j - 1] ?? plans[j].settings)}\n${table}`);
    }
  });

  it.each(CHANGES.map((change, j) => [`${change.node} ${JSON.stringify(change.options)}`, change, j] as const))(
    'move the cost: %s',
    (_, { node, interval, multipliers }, j) => {
      const costs = (index: number) => estimate(plans[index]).nodes.find((row) => row.node === node)!;
      const direction = (before: number, after: number) => (after < before ? 'less' : after > before ? 'more' : 'same');
      const [before, after] = [costs(0), costs(j + 1)];
      expect(direction(before.interval, after.interval)).toBe(interval);
      expect(direction(before.multipliers, after.multipliers)).toBe(multipliers);
    },
  );

  it('stream pixels in about as many cycles as there are, with less logic', () => {
    const [whole, streamed] = [estimate(plans[0]), estimate(plans[CHANGES.length + 2])];
    expect(streamed.interval).toBeGreaterThanOrEqual(100);
    expect(streamed.interval).toBeLessThan(150);
    expect(streamed.latency).toBeGreaterThan(streamed.interval);
    expect(streamed.lut).toBeLessThan(whole.lut);
  });
});
