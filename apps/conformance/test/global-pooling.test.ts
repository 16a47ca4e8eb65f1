import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, compile, emit, plan, write } from '@sp/hls';
import {
  globalAveragePooling2DSparse,
  globalMaxPooling2DSparse,
  inputReduce,
  lower,
  qConv2DSparse,
  qDense,
  setBackend,
} from '@sp/layers';
import type { FixedGraph } from '@sp/quant';
import { seededRandom } from '@sp/quant/numeric';
import { compareRtl, planRtl } from '@sp/rtl';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  await setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'global-'));
});
afterAll(() => rm(folder, { recursive: true }));

const shape = [7, 6, 1] as const;

function network(make: () => tf.layers.Layer, name: string): FixedGraph {
  const kernelInitializer = tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: 5 });
  const common = {
    kernelInitializer,
    kqConf: { overflowMode: 'SAT', b0: 4 },
    bqConf: { overflowMode: 'SAT', b0: 4 },
  } as const;
  const iqConf = { i0: 2, f0: 4, overflowMode: 'SAT', heterogeneousAxis: [-1] } as const;
  const input = tf.input({ shape: [...shape], name: 'image' });
  const [x, mask] = inputReduce({ n: 5, threshold: 0.2, name: 'reduce' }).apply(input);
  const conv = qConv2DSparse({ ...common, iqConf, filters: 3, kernelSize: 3, name: 'conv' }).apply([x, mask]);
  const pooled = make().apply([conv, mask]) as tf.SymbolicTensor;
  const dense = { ...common, units: 2, iqConf: { ...iqConf, heterogeneousAxis: [] }, name: 'dense' };
  const model = tf.model({ inputs: input, outputs: qDense(dense).apply(pooled), name });
  return lower(model, { inputType: 'ap_ufixed<6,2>' });
}

/** Images without a pixel, with few, and with more than the list holds. */
function images(count: number): Float64Array {
  const random = seededRandom(3);
  const pixel = (image: number): number => (random() < image / count ? Math.floor(random() * 64) / 16 : 0);
  return Float64Array.from({ length: count * 42 }, (_, j) => pixel(Math.floor(j / 42)));
}

describe.each([
  ['average', globalAveragePooling2DSparse],
  ['max', globalMaxPooling2DSparse],
] as const)('global %s pooling of a list', (kind, make) => {
  it.each(['io_parallel', 'io_stream'] as const)('is in C++ with %s what it is in the interpreter', async (ioType) => {
    const graph = network(() => make({ name: 'global' }), `${kind}_${ioType}`);
    const dir = join(folder, graph.name);
    await write(emit(plan(graph, { model: { ioType } })), dir);
    const { rows, mismatches } = await compare(graph, await compile(dir), images(40));
    expect({ mismatches, nodes: rows.length }).toEqual({ mismatches: 0, nodes: graph.nodes.length });
  });

  it('is so in the simulated hardware, on time', () => {
    const { mismatches, onTime } = compareRtl(
      planRtl(network(() => make({ name: 'global' }), `${kind}_rtl`)),
      images(40),
    );
    expect({ mismatches, onTime }).toEqual({ mismatches: 0, onTime: true });
  });
});
