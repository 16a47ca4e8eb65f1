/** An op from outside, from its registration to the comparison of its compiled kernel. */
import {
  type FixedGraph,
  GraphError,
  graphBuilder,
  loadGraph,
  type OpExtension,
  registerOp,
  saveGraph,
} from '@sp/quant';
import type { Inferred } from '@sp/quant/internal';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  compare,
  compile,
  emit,
  estimate,
  FirmwareError,
  goldenVectors,
  type KernelExtension,
  plan,
  registerKernel,
  write,
} from '../src/index.ts';
import { runTestbenches } from './support/testbenches.ts';
import { temporaryFolder } from './support/workspace.ts';

/** `|a - b|` of two tensors of one shape and one format. */
function distance(name: string): OpExtension {
  return {
    name,
    arity: 2,
    check: (attributes) => (Object.keys(attributes).length === 0 ? undefined : 'there are none to give'),
    infer(node, [a, b]) {
      if (a.shape.join() !== b.shape.join() || new Set([...a.ranges.f, ...b.ranges.f]).size > 1)
        throw new GraphError(node.name, 'its inputs differ in shape or scale', 'make them alike with a requantize');
      const least = (x: Inferred) => x.ranges.lo.reduce((p, q) => (p < q ? p : q));
      const most = (x: Inferred) => x.ranges.hi.reduce((p, q) => (p > q ? p : q));
      const [right, left] = [most(a) - least(b), most(b) - least(a)];
      const widest = right > left ? right : left;
      const bound = [a, b].reduce((p, x) => (x.bound > p ? x.bound : p), widest);
      const ranges = { shape: a.shape.map(() => 1), lo: [0n], hi: [widest], f: [a.ranges.f[0]] };
      return { shape: a.shape, divisor: 1, ranges, bound };
    },
    prepare: (_node, _inputs, _own, wide) => (values) => {
      const [a, b] = values;
      const codes = wide
        ? Array.from(a.codes as bigint[], (x, j) => {
            const y = (b.codes as bigint[])[j];
            return x > y ? x - y : y - x;
          })
        : Float64Array.from(a.codes as Float64Array, (x, j) => Math.abs(x - Number(b.codes[j])));
      return { value: { ...a, codes }, overflow: 0 };
    },
  };
}

const HEADER = `// Mine.
#ifndef MY_DISTANCE_H
#define MY_DISTANCE_H
namespace mine {
template <int SIZE, class A, class B, class R> void distance(const A a[SIZE], const B b[SIZE], R y[SIZE]) {
  SP_HLS(INLINE)
  for (int j = 0; j < SIZE; ++j) {
    SP_HLS(UNROLL)
    y[j] = a[j] < b[j] ? R(b[j] - a[j]) : R(a[j] - b[j]);
  }
}
}  // namespace mine
#endif
`;

function kernel(extension: string, text = HEADER): KernelExtension {
  return {
    extension,
    options: [],
    loops: () => false,
    decide: () => ({}),
    emit: ({ node }) => ({
      ownHeader: { name: 'my_distance.h', text },
      call: ([a, b], y) => [`mine::distance<${node.shape.reduce((n, m) => n * m, 1)}>(${a}, ${b}, ${y});`],
    }),
    cost: ({ type }) => ({ latency: 2, interval: 1, multipliers: 0, lut: 3 * type.width, dsp: 0 }),
    describe: () => 'distance',
  };
}

registerOp(distance('mine.distance'));
registerKernel(kernel('mine.distance'));
registerOp(distance('mine.wrong'));
registerKernel(kernel('mine.wrong', HEADER.replace('R(b[j] - a[j])', 'R(0)')));
registerOp(distance('mine.without'));

function network(name: string, extension: string): FixedGraph {
  const g = graphBuilder(name);
  const input = { shape: [3, 2], format: { k: 1, i: 3, f: 2 }, round: 'RND', overflow: 'SAT' } as const;
  const apart = g.extension('apart', extension, [g.input('a', input), g.input('b', input)]);
  const kernelOf = { shape: [2, 2], codes: [1, -2, 3, 5], f: 1 };
  return loadGraph(saveGraph(g.build([g.dense('d', apart, { kernel: kernelOf }), apart])));
}

const images = (shift: number) => Float64Array.from({ length: 20 * 6 }, (_, j) => (((j + shift) * 37) % 64) / 4 - 8);
const data = { a: images(0), b: images(11) };

describe('an op from outside', () => {
  it('goes through save, load, estimate, emit, compile and compare, whole and in streams', async () => {
    const cases = (['io_parallel', 'io_stream'] as const).map((ioType) => {
      const graph = network(ioType, 'mine.distance');
      return { plan: plan(graph, { model: { ioType } }), golden: goldenVectors(graph, data) };
    });
    const lines = await runTestbenches(await temporaryFolder(), cases);
    expect(lines).toEqual(['io_parallel', 'io_stream'].map((name) => `${name}: 20 images, 0 mismatching words`));
    const files = emit(cases[0].plan);
    expect(files.get('firmware/extensions/my_distance.h')).toBe(HEADER);
    expect(files.get('README.md')).toContain('firmware/extensions/');
    expect(estimate(cases[0].plan).nodes.find(({ node }) => node === 'apart')).toMatchObject({ latency: 2 });
  });

  it('whose kernel is wrong is found by compare', async () => {
    const graph = network('wrong', 'mine.wrong');
    const dir = `${await temporaryFolder()}/p`;
    await write(emit(plan(graph)), dir);
    const { rows } = await compare(graph, await compile(dir, { flags: ['-O0'] }), data);
    expect(rows.find(({ node }) => node === 'apart')?.mismatches).toBeGreaterThan(10);
  });

  it('needs a kernel, of which there is one', () => {
    const graph = network('without', 'mine.without');
    expect(() => plan(graph)).toThrow(FirmwareError);
    expect(() => plan(graph)).toThrow(
      /node "apart": its op "mine.without" is an extension without a C\+\+ kernel; import the module that calls registerKernel/,
    );
    expect(() => registerKernel(kernel('mine.distance'))).toThrow(ConfigError);
    expect(() => registerKernel(kernel('mine.distance'))).toThrow(/another kernel for "mine.distance" already/);
  });

  it('has a header of its own: two of one name are refused', () => {
    const g = graphBuilder('both');
    const input = { shape: [2], format: { k: 1, i: 3, f: 2 } } as const;
    const [a, b] = [g.input('a', input), g.input('b', input)];
    const both = g.build([g.extension('x', 'mine.distance', [a, b]), g.extension('y', 'mine.wrong', [a, b])]);
    expect(() => emit(plan(both))).toThrow(/two headers called "my_distance.h" differ/);
  });
});
